package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.INT;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * One regular pattern of looking from the pixels of a result at the pixels of a source, by which a convolution runs over images. The
 * face OUTPUT is one sweep: each output looks at its window. The face INPUT with stride s is s² of them, since an input is looked at
 * by every s-th tap only, and by which ones depends on its place modulo s.
 *
 * <p>The images are gone through a vector of the batch at a time, in bands that fit the second-level cache. The part of the source that
 * a band looks at is copied to a panel [channels][rows][columns][vector], zeros where it is padding. In it every look is a
 * constant distance from its pixel, so that the loops over it have neither borders nor strides, whatever the window. Source columns are
 * dealt out to as many planes as the source steps, so that neighbours of the result find their sources side by side. Where the panel would only give
 * images a border, those that are in memory can be looked at {@link #inPlace} by {@link InPlaceTile}, with {@link Edges} instead.
 *
 * <p>A tile needs some pixels to be worth its loads of weights. Where the panel of all channels has room for too few, the channels are
 * cut into slabs, one panel after the other, whose sums are added up; and where images are smaller than a tile, several vectors of the
 * batch are taken together as if they were one wider image.
 */
final class Sweep {

    /** Neighbours that a tile takes together: pixels of the result, or vectors of images where these are smaller. */
    static final int GROUP = 4;

    /**
     * The bytes of a panel to stay below: most of a second-level cache of 1 MB, and room for all of 64 channels of 16×16 or 128 of 8×8. Measured
     * where this cache has 2 MB: with 640 kB the sparse weight's gradient of 128 → 128 at 5 % took 1.35 ms instead of 1.15, with 1,200 kB 1.18; and
     * where it has 1 MB, on one thread: 2.9 ms instead of 2.3.
     */
    private static final int PANEL = 832 * 1024;

    private final Images source;
    private final Images result;
    private final SweepLine y;
    private final SweepLine x;
    private final int rows;
    private final int columns;
    private final int panelRows;
    private final int planeWidth;
    /** Vectors of images that stand side by side in the panel, pixel by pixel: a group of them, where images are narrower than a group. */
    private final int together;
    private final int slabChannels;
    /** Whether the images themselves are looked at instead of a panel. */
    private final boolean inPlace;
    /** The bands that were asked for. */
    private Band[] made;

    /**
     * Some channels of images, and where they stand.
     *
     * @param shape [channels, H, W, N]
     * @param lanes images in a vector, at most {@code LENGTH}
     * @param pixel bytes from a pixel to the next
     * @param block bytes from a vector of images to the next
     */
    record Images(Shape shape, int lanes, long pixel, long block) {

        /** Images [C, H, W, N] row after row, or in {@link Blocks}. */
        static Images of(Shape shape, boolean blocked) {
            if (!blocked) {
                return new Images(shape, LENGTH, 4L * shape.size(3), BYTES);
            }
            int lanes = Blocks.lanes(shape.size(3));
            return new Images(shape, lanes, 4L * lanes, 4L * lanes * shape.size(0) * shape.size(1) * shape.size(2));
        }

        /** The first so many channels. */
        Images channels(int count) {
            return new Images(shape.with(0, count), lanes, pixel, block);
        }

        /** Bytes from one channel to the next. */
        long channelBytes() {
            return shape.size(1) * shape.size(2) * pixel;
        }
    }

    /** @param slabs whether the channels of the source may be cut into slabs; if not, larger images are taken together as well */
    private Sweep(Images source, Images result, SweepLine y, SweepLine x, boolean slabs) {
        this.source = source;
        this.result = result;
        this.y = y;
        this.x = x;
        boolean few = x.longest() < GROUP || !slabs && x.longest() * y.longest() <= GROUP * GROUP;
        this.together = few && source.lanes == LENGTH && source.shape.size(3) % (GROUP * LENGTH) == 0 && source.block != BYTES ? GROUP : 1;
        int channels = source.shape.size(0);
        int parts = 1;
        Size size = size(channels);
        while (slabs && parts < channels && size.groups < Math.min(SparseConvolutionTile.GROUPS, y.longest() * groupsAcross(x.longest()))) {
            parts++;
            size = size(Math.ceilDiv(channels, parts));
        }
        this.slabChannels = Math.ceilDiv(channels, parts);
        this.rows = size.rows;
        this.columns = size.columns;
        this.panelRows = panelRows(rows);
        this.planeWidth = planeWidth(columns);
        this.inPlace = false;
    }

    /** The same sweep over images where they stand. */
    private Sweep(Sweep sweep) {
        this.source = sweep.source;
        this.result = sweep.result;
        this.y = sweep.y;
        this.x = sweep.x;
        this.together = sweep.together;
        this.slabChannels = sweep.slabChannels;
        this.rows = sweep.rows;
        this.columns = sweep.columns;
        this.panelRows = source.shape.size(1);
        this.planeWidth = source.shape.size(2);
        this.inPlace = true;
    }

    /**
     * Whether {@link InPlaceTile} can look at the images where they stand: whole vectors, of which each pixel of the result looks at itself and its
     * next neighbours at most, and lines that are whole tiles, or two of them one.
     */
    boolean canBeInPlace() {
        int height = source.shape.size(1);
        int width = source.shape.size(2);
        boolean isWholeTiles = width % (2 * InPlaceTile.PIXELS) == 0 || width == InPlaceTile.PIXELS && height % 2 == 0 && rows % 2 == 0;
        boolean areLooksInts = source.shape.size(0) * source.channelBytes() <= Integer.MAX_VALUE;
        return LENGTH == 16 && source.lanes == LENGTH && source.pixel == BYTES && result.pixel == BYTES && areLooksInts && together == 1
                && slabs() == 1 && looksAtNeighbours(y, height) && looksAtNeighbours(x, width) && columns == width && isWholeTiles;
    }

    private static boolean looksAtNeighbours(SweepLine line, int size) {
        return line.count() == size && line.every() == 1 && line.step() == 1 && line.pick() == 1 && line.least() >= -1
                && line.least() + line.span() <= 1;
    }

    /** This sweep over images where they stand; its looks and places have edges, too. */
    Sweep inPlace() {
        return new Sweep(this);
    }

    boolean isInPlace() {
        return inPlace;
    }

    /** The rows and columns of a band, and the groups in it. */
    private record Size(int rows, int columns, int groups) {}

    /** A large band whose panel of so many channels stays in the cache. */
    private Size size(int channels) {
        int tall = y.longest();
        int wide = x.longest();
        while (tall > 1 && panelBytes(channels, tall, wide) > PANEL) {
            tall = (tall + 1) / 2;
        }
        while (wide > GROUP && panelBytes(channels, tall, wide) > PANEL) {
            wide = Math.max(GROUP, (wide / 2 + GROUP - 1) / GROUP * GROUP);
        }
        return new Size(tall, wide, tall * groupsAcross(wide));
    }

    private int groupsAcross(int wide) {
        return together > 1 ? wide : Math.ceilDiv(wide, GROUP);
    }

    /** The sweep of the face OUTPUT. @param images the channels of one group */
    static Sweep output(Window window, Images images, Images output) {
        return output(window, images, output, true);
    }

    /** The same without slabs: all channels of the images are in one panel. */
    static Sweep outputInOne(Window window, Images images, Images output) {
        return output(window, images, output, false);
    }

    private static Sweep output(Window window, Images images, Images output, boolean slabs) {
        return new Sweep(images, output, SweepLine.output(window.y(), output.shape.size(1)), SweepLine.output(window.x(), output.shape.size(2)),
                slabs);
    }

    /** The sweeps of the face INPUT, which look at one panel; the first has the largest bands. */
    static List<Sweep> input(Window window, Images images, Images output) {
        List<SweepLine> across = SweepLine.input(window.x(), images.shape.size(2));
        var sweeps = new ArrayList<Sweep>();
        for (SweepLine y : SweepLine.input(window.y(), images.shape.size(1))) {
            for (SweepLine x : across) {
                sweeps.add(new Sweep(output, images, y, x, true));
            }
        }
        return sweeps;
    }

    /** The sweeps of OUTPUT or INPUT. */
    static List<Sweep> of(Face face, Window window, Images images, Images output) {
        return face == Face.INPUT ? input(window, images, output) : List.of(output(window, images, output));
    }

    private int panelRows(int tall) {
        return (tall - 1) * y.step() + y.span() + 1;
    }

    private int planeWidth(int wide) {
        return together > 1 ? together * (wide + x.span() / x.step()) : Math.ceilDiv(wide, GROUP) * GROUP + x.span() / x.step();
    }

    private long panelBytes(int channels, int tall, int wide) {
        return (long) channels * panelRows(tall) * x.step() * planeWidth(wide) * BYTES;
    }

    /** The parts into which the channels of the source are cut, each with a panel of its own. */
    int slabs() {
        return Math.ceilDiv(source.shape.size(0), slabChannels);
    }

    /** The channels of a slab, but for the last one. */
    int slabChannels() {
        return slabChannels;
    }

    /** The floats of a panel; none where images are looked at in place. */
    int panelFloats() {
        return inPlace ? 0 : Math.toIntExact((long) slabChannels * panelRows * x.step() * planeWidth * LENGTH);
    }

    /** The taps of each channel that a result looks at. */
    int taps() {
        return y.tap().length * x.tap().length;
    }

    /** The place of tap {@code i} of this sweep among all taps of the window. @param windowWidth taps in a row of it */
    int tap(int i, int windowWidth) {
        return y.tap()[i / x.tap().length] * windowWidth + x.tap()[i % x.tap().length];
    }

    /** Bytes from where a pixel stands in the panel to where its tap {@code i} of a channel of the slab looks; in place with {@link Edges}. */
    int look(int channel, int i) {
        int row = y.look()[i / x.tap().length];
        int column = x.look()[i % x.tap().length];
        int look = (((channel * panelRows + row) * x.step() + column % x.step()) * planeWidth + column / x.step() * together) * BYTES;
        return inPlace ? look | Edges.beyond(y.least() + row, x.least() + column) : look;
    }

    /** Bytes of a channel of the panel that a tile looks at. */
    int tileBytes() {
        int across = Math.min(groupsAcross(columns), SparseConvolutionTile.GROUPS);
        int down = Math.min(rows, Math.ceilDiv(SparseConvolutionTile.GROUPS, across));
        int wide = together > 1 ? together * (across + x.span() / x.step()) : across * GROUP + x.span() / x.step();
        return panelRows(down) * x.step() * wide * BYTES;
    }

    /** Bytes from a channel of the panel to the next. */
    int channelBytes() {
        return panelRows * x.step() * planeWidth * BYTES;
    }

    private int bandsDown() {
        return Math.ceilDiv(y.longest(), rows);
    }

    private int bandsAcross() {
        return Math.ceilDiv(x.longest(), columns);
    }

    /** One int for each channel of a slab and tap: its {@link #look}. */
    void writeLooks(long to) {
        for (int i = 0; i < slabChannels * taps(); i++) {
            ALL.set(INT, to + 4L * i, look(i / taps(), i % taps()));
        }
    }

    /** Vectors of images, those that are taken together as one. */
    private int blocks() {
        return Math.ceilDiv(source.shape.size(3), source.lanes * together);
    }

    /** The number of bands of all images. */
    int bands() {
        return blocks() * bandsDown() * bandsAcross();
    }

    /** Room for a line of the source, or of the result. */
    int lineFloats() {
        return Math.max(source.shape.size(2), result.shape.size(2)) * LENGTH;
    }

    /** Room for an int for each pixel of a band. */
    int pixelFloats() {
        return Math.ceilDiv(rows * columns * together, LENGTH) * LENGTH;
    }

    /** The largest number of groups in a band. */
    int groups() {
        return rows * groupsAcross(columns);
    }

    /** Whether images are cut into bands of fewer groups than these. */
    boolean isCut(int groups) {
        return groups() < groups && bandsDown() * bandsAcross() > 1;
    }

    /** Whether each line of the window is three looks at neighbours, and each line of a band is whole groups of pixels. */
    boolean hasLinesOfThree() {
        return LENGTH == 16 && together == 1 && hasThreeNeighbours() && x.longest() % GROUP == 0 && x.count() == x.longest() && columns % GROUP == 0;
    }

    /** Whether each line of the window is three looks at neighbours, which move on to the next one from pixel to pixel. */
    boolean hasThreeNeighbours() {
        return x.step() == 1 && x.look().length == 3 && x.look()[1] == x.look()[0] + 1 && x.look()[2] == x.look()[1] + 1;
    }

    /** Vectors of images that stand side by side in the panel, pixel by pixel. */
    int together() {
        return together;
    }

    /** Whether the pixels of a channel of the result that a band of this sweep and its likes make stand side by side. */
    boolean makesLines() {
        return bandsAcross() == 1 && result.pixel == 4L * result.lanes;
    }

    /** The floats of an image's channel that a band of this sweep and its likes make, but for the last ones. */
    int lineFloatsMade() {
        return Math.min(rows * y.every(), result.shape.size(1)) * result.shape.size(2) * result.lanes;
    }

    /** The channels of each slab. @param from [channels, H, W, N] */
    Source[] slabs(Source from) {
        var slabs = new Source[slabs()];
        Arrays.setAll(slabs, slab -> slab == 0 ? from : from.from(slab * slabChannels, slab * slabChannels * source.channelBytes()));
        return slabs;
    }

    /** A band of this sweep, from 0 to {@link #bands()} − 1; made when it is first asked for, by several threads perhaps, which is no harm. */
    Band band(int index) {
        Band[] all = made;
        if (all == null) {
            made = all = new Band[bands()];
        }
        Band band = all[index];
        if (band == null) {
            all[index] = band = new Band(index);
        }
        return band;
    }

    /** Some rows and columns of one vector of images, or of those that are taken together. */
    final class Band {

        private final int block;
        private final int row;
        private final int column;
        private final int height;
        private final int width;
        private final int across;

        private Band(int index) {
            int down = bandsDown();
            int side = bandsAcross();
            block = index / (down * side) * together;
            row = index / side % down * rows;
            column = index % side * columns;
            height = Math.max(0, Math.min(rows, y.count() - row));
            width = Math.max(0, Math.min(columns, x.count() - column));
            across = groupsAcross(width);
        }

        /** Images in the vector, at most {@code LENGTH}. */
        int images() {
            return Math.min(source.lanes, source.shape.size(3) - block * source.lanes);
        }

        int groups() {
            return height * across;
        }

        /** Rows of groups. */
        int lines() {
            return height;
        }

        /** The first line of the window whose taps look at an image, not at padding, from a row of groups; {@link #endTap} if none does. */
        int firstTap(int line) {
            int tap = 0;
            while (tap < y.look().length && !sees(line, tap)) {
                tap++;
            }
            return tap;
        }

        /** The line of the window after the last one whose taps look at an image. */
        int endTap(int line) {
            int first = firstTap(line);
            int end = y.look().length;
            while (end > first && !sees(line, end - 1)) {
                end--;
            }
            return end;
        }

        /** Whether the taps of a line of the window look at an image, not at padding above or below it, from a row of groups. */
        boolean sees(int line, int tap) {
            int seen = y.least() + ((row + line) * y.step() + y.look()[tap]) * y.pick();
            return seen >= 0 && seen < source.shape.size(1);
        }

        /** Groups in a row. */
        int lineGroups() {
            return across;
        }

        /** Bytes in the panel from the start of one row of groups to that of the next. */
        long lineBytes() {
            return (long) y.step() * x.step() * planeWidth * BYTES;
        }

        /** Bytes in the panel from the end of one row of groups to the start of the next. */
        long lineSkip() {
            return lineBytes() - (long) across * GROUP * BYTES;
        }

        /** Where looks from the first pixel begin, if the images are looked at in place: as in a panel, perhaps before them. @param images their address */
        long origin(long images) {
            return images + block * source.block + ((long) (row + y.least()) * planeWidth + x.least()) * BYTES;
        }

        /** The edge that the first line touches, if any. */
        int top() {
            return row == 0 ? Edges.ABOVE : 0;
        }

        /** The edge that the last line touches, if any. */
        int bottom() {
            return row + height == source.shape.size(1) ? Edges.BELOW : 0;
        }

        /** The edges that a group and the next one touch, the half of a tile, if the images are looked at in place. */
        private int edges(int group) {
            int line = row + group / across;
            int left = group % across * GROUP;
            return (line == 0 ? Edges.ABOVE : 0) | (line == source.shape.size(1) - 1 ? Edges.BELOW : 0) | (left == 0 ? Edges.LEFT : 0)
                    | (left + InPlaceTile.PIXELS == width ? Edges.RIGHT : 0);
        }

        /** The pixels of a group that exist. */
        int pixels(int group) {
            return together > 1 ? GROUP : Math.min(GROUP, width - group % across * GROUP);
        }

        /** Where a group's first pixel stands in the panel, in bytes from its start. */
        long place(int group) {
            return group / across * lineBytes() + (long) (group % across) * GROUP * BYTES;
        }

        /** Where a group's first pixel stands in a plane of the result, in bytes; images of this vector. */
        long result(int group) {
            long down = y.first() + (long) (row + group / across) * y.every();
            long right = x.first() + (long) (column + group % across * (GROUP / together)) * x.every();
            return (down * result.shape.size(2) + right) * result.pixel + block * result.block;
        }

        /** Copies what this band looks at, of the channels of a slab. @param from the slab's, of {@link #slabs(Source)}. @param room for a line */
        void fillSlab(int slab, Source from, long panel, long room) {
            fill(Math.min(slabChannels, source.shape.size(0) - slab * slabChannels), from, panel, room);
        }

        /** Copies what this band looks at, of the first channels only. @param room for a line, {@link #lineFloats} */
        void fill(int channels, Source from, long panel, long room) {
            int height = source.shape.size(1);
            int least = x.least() + column * x.step() * x.pick();
            int looked = (width - 1) * x.step() + x.span() + 1;
            long rowBytes = source.shape.size(2) * source.pixel;
            boolean wholeRows = together == 1 && x.step() == 1 && x.pick() == 1 && source.pixel == BYTES && images() == LENGTH && least <= 0
                    && least + looked >= source.shape.size(2);
            long at = panel;
            for (int channel = 0; channel < channels; channel++) {
                for (int line = 0; line < panelRows; line++) {
                    int seen = y.least() + (row * y.step() + line) * y.pick();
                    if (seen < 0 || seen >= height) {
                        Vectors.clear(at, (long) x.step() * planeWidth * LENGTH);
                    } else if (wholeRows) {
                        row(from, channel, ((long) channel * height + seen) * rowBytes + block * source.block, -least, at);
                    } else {
                        for (int other = 0; other < together; other++) {
                            long start = from.line(channel, ((long) channel * height + seen) * rowBytes + (block + other) * source.block,
                                    source.shape.size(2) * LENGTH, room);
                            for (int plane = 0; plane < x.step(); plane++) {
                                line(start, least, looked, plane, at + ((long) plane * planeWidth + other) * BYTES);
                            }
                        }
                    }
                    at += (long) x.step() * planeWidth * BYTES;
                }
            }
        }

        /** A whole row of the source, computed where it is looked at. @param border pixels before it, which are zeros */
        private void row(Source from, int channel, long at, int border, long to) {
            int floats = source.shape.size(2) * LENGTH;
            long first = to + (long) border * BYTES;
            long start = from.line(channel, at, floats, first);
            if (start != first) {
                Vectors.copy(start, first, (long) floats);
            }
            clear(to, border, BYTES);
            clear(first + 4L * floats, planeWidth - border - source.shape.size(2), BYTES);
        }

        /** One row of one plane: the columns {@code least + (plane + i · step) · pick} as far as they are looked at. */
        private void line(long from, int least, int looked, int plane, long to) {
            long next = (long) together * BYTES;
            int first = least + plane * x.pick();
            int every = x.step() * x.pick();
            int end = looked <= plane ? 0 : Math.ceilDiv(looked - plane, x.step());
            int before = Math.min(end, Math.max(0, Math.ceilDiv(-first, every)));
            int seen = Math.max(before, Math.min(end, Math.ceilDiv(source.shape.size(2) - first, every)));
            clear(to, before, next);
            copyPixels(from + (first + (long) before * every) * source.pixel, every * source.pixel, seen - before, to + before * next, next);
            clear(to + seen * next, planeWidth / together - seen, next);
        }

        private void clear(long to, int pixels, long next) {
            for (int i = 0; i < pixels; i++) {
                FloatVector.zero(SPECIES).intoMemorySegment(ALL, to + i * next, ORDER);
            }
        }

        /**
         * Hands a channel of the result on that was made by this band, of the first sweep, and the same one of its likes, which {@link
         * #makesLines}.
         *
         * @param result the images
         */
        void handOn(int channel, long result, Sink sink) {
            if (sink != Sink.NOTHING) {
                Shape shape = Sweep.this.result.shape;
                int from = row * y.every();
                int count = Math.min(rows * y.every(), shape.size(1) - from) * shape.size(2);
                for (int other = 0; other < together; other++) {
                    long at = channel * planeBytes() + from * shape.size(2) * Sweep.this.result.pixel + (block + other) * Sweep.this.result.block;
                    sink.line(channel, at, count * images(), result + at);
                }
            }
        }

        /**
         * Pixels, from the first on, whose vectors can be written where they belong, one after the other. Where there are fewer images than
         * lanes the rest of a vector falls on the next pixel, which is written after it: so all but the last.
         */
        int directPixels() {
            return images() == LENGTH ? pixels() : makesLines() && x.every() == 1 && y.every() == 1 ? pixels() - 1 : 0;
        }

        /** Whether all pixels of a channel of the result stand side by side, a whole vector each, as {@link #collect} would put them. */
        boolean isContiguous() {
            return width % GROUP == 0 && images() == LENGTH && together == 1 && result.pixel == BYTES && x.every() == 1 && y.every() == 1
                    && width == result.shape.size(2);
        }

        /**
         * Whether a channel of the result is tiles of a sparse convolution, one after the other, each of four groups that are two pairs of
         * neighbours in the panel.
         */
        boolean isWholeTiles() {
            return isContiguous() && across % 2 == 0 && groups() % SparseConvolutionTile.GROUPS == 0;
        }

        /**
         * Copies some groups of a channel of the result, one after the other, zeros for pixels that do not exist.
         *
         * @param plane bytes to the channel's first pixel
         * @param next  bytes from a pixel of the copy to the next
         * @param room  for a line
         */
        void collect(int firstGroup, int endGroup, Source from, int channel, long plane, long to, long next, long room) {
            long at = to;
            int inLine;
            for (int group = firstGroup; group < endGroup; group += inLine) {
                inLine = Math.min(endGroup - group, across - group % across);
                long start = plane + result(group);
                if (together > 1) {
                    collectTogether(inLine, from, channel, start, at, next, room);
                } else {
                    int pixels = Math.min(inLine * GROUP, width - group % across * GROUP);
                    long values = from.line(channel, start, ((pixels - 1) * x.every() + 1) * result.lanes, room);
                    copyPixels(values, pixelBytes(), pixels, at, next);
                    clear(at + pixels * next, inLine * GROUP - pixels, next);
                }
                at += inLine * GROUP * next;
            }
        }

        /** Neighbouring groups of vectors that are taken together. */
        private void collectTogether(int groups, Source from, int channel, long start, long to, long next, long room) {
            for (int i = 0; i < groups * GROUP; i++) {
                long pixel = start + i / GROUP * x.every() * result.pixel + i % GROUP * result.block;
                FloatVector.fromMemorySegment(SPECIES, ALL, from.line(channel, pixel, LENGTH, room), ORDER)
                        .intoMemorySegment(ALL, to + i * next, ORDER);
            }
        }

        /** Copies pixels, zeros in the lanes that have no image. @param pixel bytes from one to the next. @param next likewise in the copy */
        private void copyPixels(long from, long pixel, int count, long to, long next) {
            if (images() == LENGTH) {
                for (int i = 0; i < count; i++) {
                    FloatVector.fromMemorySegment(SPECIES, ALL, from + i * pixel, ORDER).intoMemorySegment(ALL, to + i * next, ORDER);
                }
            } else {
                var lanes = SPECIES.indexInRange(0, images());
                for (int i = 0; i < count; i++) {
                    FloatVector.fromMemorySegment(SPECIES, ALL, from + i * pixel & ADDRESSES, ORDER, lanes)
                            .intoMemorySegment(ALL, to + i * next, ORDER);
                }
            }
        }

        /** Where each pixel of the band stands in the panel: an int, in bytes from its start, for each pixel of each group. */
        void writePlaces(long places) {
            for (int group = 0; group < groups(); group++) {
                int place = Math.toIntExact(place(group));
                for (int pixel = 0; pixel < GROUP; pixel++) {
                    ALL.set(INT, places + 4L * (group * GROUP + pixel), place + pixel * BYTES);
                }
            }
        }

        /**
         * Where each group's first pixel stands, an int: in the panel in bytes from its start, in place with {@link Edges}, in the result in floats from the band's first.
         * The last one stands in for those that a tile has beyond it.
         *
         * @param tile groups in a tile
         */
        void writeGroups(int tile, long places, long results) {
            int groups = groups();
            for (int group = 0; group < Math.ceilDiv(groups, tile) * tile; group++) {
                int from = Math.min(group, groups - 1);
                ALL.set(INT, places + 4L * group, Math.toIntExact(place(from)) | (inPlace ? edges(from) : 0));
                ALL.set(INT, results + 4L * group, Math.toIntExact((result(from) - result(0)) / Float.BYTES));
            }
        }

        /** The number of pixels, each of a vector of images. */
        int pixels() {
            return height * width * together;
        }

        /**
         * Where each pixel stands, line after line, an int: in the panel in bytes from its start, in the result in floats from the
         * band's first.
         */
        void writePixels(long places, long results) {
            int next = Math.toIntExact(result.pixel / Float.BYTES);
            int block = together > 1 ? Math.toIntExact(result.block / Float.BYTES) : 0;
            for (int line = 0, pixel = 0; line < height; line++) {
                int place = Math.toIntExact(line * lineBytes());
                int down = line * y.every() * result.shape.size(2) * next;
                for (int i = 0; i < width * together; i++, pixel++) {
                    ALL.set(INT, places + 4L * pixel, place + i * BYTES);
                    ALL.set(INT, results + 4L * pixel, down + i / together * x.every() * next + i % together * block);
                }
            }
        }

        /** Writes the pixels of a group that exist, or adds them to what is there. @param from a vector for each. @param plane of the result */
        void store(int group, long from, boolean add, long plane) {
            long at = plane + result(group);
            for (int pixel = 0; pixel < pixels(group); pixel++) {
                Vectors.storeFirst(images(), from + (long) pixel * BYTES, add, at + pixel * pixelBytes());
            }
        }
    }

    /** Channels of the result. */
    int results() {
        return result.shape.size(0);
    }

    /** Bytes from a pixel of the result to the next of its group. */
    long pixelBytes() {
        return together > 1 ? result.block : x.every() * result.pixel;
    }

    /** Bytes of one plane of the result. */
    long planeBytes() {
        return result.channelBytes();
    }
}
