package coppice.kernels.cpu;

import static coppice.kernels.cpu.ConvolutionTile.LINE_LOOKS;
import static coppice.kernels.cpu.ConvolutionTile.WEIGHT_LINES;
import static coppice.kernels.cpu.ConvolutionTile.WEIGHT_LOOKS;
import static coppice.kernels.cpu.ConvolutionTile.WEIGHT_ROWS;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.INT;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The face WEIGHT of a convolution with a dense weight: w[o, look] = Σ over pixels and images of g[o] · what the look sees.
 *
 * <p>The weight is cut into rectangles of some output and some input channels. A panel of those input channels stays in the second-level
 * cache and a strip of a few channels of g in the first, while all weights between them are summed up over this strip in registers. Their
 * lanes are then added up, so that a weight needs one float until the next strip: a vector for each would fill the cache,
 * rectangles would be narrow, and g read from main memory for each of them. Where the window's lines are three neighbours, a tile has
 * the same line of two channels, and no rows of pixels from which that line looks at padding.
 *
 * <p>Threads share the rectangles. A small weight is one rectangle or a few; there they share the images, in as many pieces for any
 * number of threads, whose sums are added up in order. So every sum is made in one order.
 */
final class DenseConvolutionWeight {

    /** Multiplications below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 100_000;

    /** Groups that a tile goes through at once: four channels of g, 32 kB, stay in a first-level cache of 48 kB for all looks. */
    private static final int STRIP = 32;

    /**
     * Groups that a band has at least, where images have as many: a strip. With half, the lanes of all weights are added up twice as often, and
     * much of the panel is border: 64 → 64, 3×3 on 16×16, batch 128 in 10.2 ms instead of 9.0.
     */
    private static final int GROUPS = STRIP;

    /** The largest weight whose images are cut into pieces, and their number: 2 MB of sums. */
    private static final int PIECE_FLOATS = 1 << 16;
    private static final int PIECES = 8;

    /** Input channels of a rectangle, at least where there are so many: fewer read g too often. */
    private static final int CHANNELS = 8;

    private static final int TILE = WEIGHT_ROWS * WEIGHT_LOOKS;

    /** Of the sums of a tile: whole vectors. */
    private static final int TILE_FLOATS = Math.ceilDiv(TILE, LENGTH) * LENGTH;

    private static final int STRIP_FLOATS = STRIP * Sweep.GROUP * WEIGHT_ROWS * LENGTH;

    private final Workers workers;
    private final Memory memory;

    DenseConvolutionWeight(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** @param weight [O, C, kh, kw]. @param images [C, H, W, N], of x. @param output [O, H', W', N], of g */
    void run(Shape weight, Window window, Images images, Images output, long w, Source x, Source g) {
        int outputs = weight.size(0);
        int inputs = weight.size(1);
        int taps = window.size();
        boolean small = weight.size() <= PIECE_FLOATS;
        int width = width(window, images, output, small ? inputs : Math.ceilDiv(inputs, 2));
        int across = Math.ceilDiv(inputs, width);
        Sweep sweep = Sweep.outputInOne(window, images.channels(width), output);
        int pieces = small ? Math.min(PIECES, sweep.bands()) : 1;
        int threads = workers.parts((long) weight.size() * sweep.bands() * sweep.groups() * Sweep.GROUP * LENGTH, GRAIN);
        int height = height(outputs, across * pieces, threads);
        int rectangles = across * Math.ceilDiv(outputs, height);
        int parts = Math.min(threads, rectangles * pieces);
        int roomFloats = Room.floats(sweep, height, width);
        NativeBuffer looks = memory.allocate(width * taps);
        NativeBuffer sums = memory.allocate(pieces > 1 ? pieces * weight.size() : 0);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, roomFloats));
        try {
            long looksAt = looks.address();
            long sumsAt = pieces > 1 ? sums.address() : w;
            long scratchAt = scratch.address();
            workers.run(() -> sweep.writeLooks(looksAt));
            var xOfColumn = new Source[across];
            Arrays.setAll(xOfColumn, i -> x.from(i * width, i * width * images.channelBytes()));
            var gOfRow = new Source[Math.ceilDiv(outputs, height)];
            Arrays.setAll(gOfRow, i -> g.from(i * height, i * height * output.channelBytes()));
            var rooms = new Room[parts];
            Arrays.setAll(rooms, part -> new Room(sweep, height, width, looksAt, scratchAt + 4L * part * roomFloats));
            workers.run(parts, (part, all) -> {
                int last = Workers.start(rectangles * pieces, 1, part + 1, all);
                for (int i = Workers.start(rectangles * pieces, 1, part, all); i < last; i++) {
                    int piece = i / rectangles;
                    int row = i % rectangles / across;
                    int column = i % rectangles % across;
                    int channels = Math.min(width, inputs - column * width);
                    int firstBand = Workers.start(sweep.bands(), 1, piece, pieces);
                    int endBand = Workers.start(sweep.bands(), 1, piece + 1, pieces);
                    int first = (row * height * inputs + column * width) * taps;
                    rooms[part].rectangle(firstBand, endBand, Math.min(height, outputs - row * height), channels, xOfColumn[column], gOfRow[row],
                            sumsAt + 4L * (piece * weight.size() + first), 4L * inputs * taps);
                }
            });
            if (pieces > 1) {
                addUp(pieces, weight.size(), sumsAt, w);
            }
        } finally {
            memory.release(scratch);
            memory.release(sums);
            memory.release(looks);
        }
    }

    /** w = the sum of the pieces, in their order. */
    private void addUp(int pieces, int count, long sums, long w) {
        workers.run(workers.parts((long) pieces * count, GRAIN), (part, all) -> {
            int from = Workers.start(count, LENGTH, part, all);
            int floats = Workers.start(count, LENGTH, part + 1, all) - from;
            Vectors.copy(sums + 4L * from, w + 4L * from, floats);
            for (int piece = 1; piece < pieces; piece++) {
                BinaryLoops.run(Binary.ADD, floats, w + 4L * from, 4, sums + 4L * (piece * count + from), 4, w + 4L * from);
            }
        });
    }

    /** The width of rectangles: so many channels, or fewer, that their panel has room for a band of many groups. @param most channels */
    private static int width(Window window, Images images, Images output, int most) {
        int width = most;
        while (width > CHANNELS && Sweep.outputInOne(window, images.channels(width), output).isCut(GROUPS)) {
            width = Math.ceilDiv(width, 2);
        }
        return width;
    }

    /** The height of rectangles: such that all threads have as many of them, or many. @param across rectangles side by side, in all pieces */
    private static int height(int outputs, int across, int threads) {
        int height = outputs;
        while (height > WEIGHT_ROWS) {
            int rectangles = across * Math.ceilDiv(outputs, height);
            if (rectangles % threads == 0 || rectangles >= 8 * threads) {
                break;
            }
            height = Math.ceilDiv(height, 2 * WEIGHT_ROWS) * WEIGHT_ROWS;
        }
        return height;
    }

    /** One thread's rectangle, and the memory it needs for it. */
    private static final class Room {

        private final Sweep sweep;
        /** Whether tiles are {@link ConvolutionTile#weightLines}. */
        private final boolean hasLines;
        private final long looks;
        /** [tiles down][tiles across] tiles of [WEIGHT_ROWS][WEIGHT_LOOKS] */
        private final long sums;
        private final int sumFloats;
        private final long vectors;
        private final long strip;
        private final long places;
        private final long line;
        private final long panel;

        static int floats(Sweep sweep, int height, int channels) {
            int others = TILE_FLOATS * LENGTH + STRIP_FLOATS + placeFloats(sweep) + sweep.lineFloats();
            int own = Math.addExact(sumFloats(sweep, height, channels), others);
            return Math.addExact(own, sweep.panelFloats());
        }

        private static int sumFloats(Sweep sweep, int height, int channels) {
            return Math.multiplyExact(Math.ceilDiv(height, WEIGHT_ROWS) * tilesAcross(sweep, channels), TILE_FLOATS);
        }

        private static int tilesAcross(Sweep sweep, int channels) {
            int down = sweep.taps() / LINE_LOOKS;
            return hasLines(sweep) ? channels / WEIGHT_LINES * down + channels % WEIGHT_LINES * Math.ceilDiv(down, WEIGHT_LINES)
                    : Math.ceilDiv(channels * sweep.taps(), WEIGHT_LOOKS);
        }

        private static boolean hasLines(Sweep sweep) {
            return LENGTH == 16 && sweep.hasThreeNeighbours();
        }

        private static int placeFloats(Sweep sweep) {
            return Math.ceilDiv(sweep.groups() * Sweep.GROUP, LENGTH) * LENGTH;
        }

        Room(Sweep sweep, int height, int channels, long looksAt, long memory) {
            this.sweep = sweep;
            this.hasLines = hasLines(sweep);
            this.looks = looksAt;
            this.sums = memory;
            this.sumFloats = sumFloats(sweep, height, channels);
            this.vectors = sums + 4L * sumFloats;
            this.strip = vectors + (long) TILE_FLOATS * BYTES;
            this.places = strip + 4L * STRIP_FLOATS;
            this.line = places + 4L * placeFloats(sweep);
            this.panel = line + 4L * sweep.lineFloats();
        }

        /**
         * @param from  the first band
         * @param to    the band after the last one
         * @param x     from the first of {@code channels}
         * @param g     from the first of {@code outputs}
         * @param w     the first weight
         * @param wRow  bytes from the weights of one output to those of the next
         */
        void rectangle(int from, int to, int outputs, int channels, Source x, Source g, long w, long wRow) {
            Vectors.clear(sums, sumFloats);
            for (int index = from; index < to; index++) {
                Sweep.Band band = sweep.band(index);
                band.fill(channels, x, panel, line);
                if (!hasLines) {
                    band.writePlaces(places);
                }
                multiply(band, outputs, channels, g);
            }
            long tileRow = 4L * tilesAcross(sweep, channels) * TILE_FLOATS;
            for (int output = 0; output < outputs; output++) {
                long row = sums + output / WEIGHT_ROWS * tileRow + 4L * (output % WEIGHT_ROWS) * WEIGHT_LOOKS;
                if (hasLines) {
                    writeLines(channels, sweep.taps() / LINE_LOOKS, row, w + output * wRow);
                } else {
                    writeLooks(channels * sweep.taps(), row, w + output * wRow);
                }
            }
        }

        private void multiply(Sweep.Band band, int outputs, int channels, Source g) {
            int end;
            for (int group = 0; group < band.groups(); group = end) {
                end = endOfStrip(band, group);
                long tile = sums;
                for (int output = 0; output < outputs; output += WEIGHT_ROWS) {
                    collect(band, group, end, output, Math.min(WEIGHT_ROWS, outputs - output), g);
                    if (hasLines) {
                        tile = lines(band, group, end, channels, tile);
                    } else {
                        tile = looks(group, end, channels * sweep.taps(), tile);
                    }
                }
            }
        }

        /** Copies some groups of a few channels to the strip, pixel by pixel. */
        private void collect(Sweep.Band band, int group, int end, int output, int rows, Source g) {
            long plane = output * sweep.planeBytes();
            if (rows == WEIGHT_ROWS && band.isContiguous() && g instanceof Source.Stored(long images)) {
                interleave((end - group) * Sweep.GROUP, images + plane + band.result(group), sweep.planeBytes(), strip);
                return;
            }
            for (int row = 0; row < rows; row++) {
                band.collect(group, end, g, output + row, plane + row * sweep.planeBytes(), strip + (long) row * BYTES, (long) WEIGHT_ROWS * BYTES,
                        line);
            }
        }

        /** Pixel by pixel, so that lines of memory come from all channels together. @param channel bytes to the next */
        private static void interleave(int pixels, long from, long channel, long to) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                long at = from + (long) pixel * BYTES;
                long copy = to + (long) pixel * WEIGHT_ROWS * BYTES;
                for (int row = 0; row < WEIGHT_ROWS; row++) {
                    FloatVector.fromMemorySegment(SPECIES, ALL, at + row * channel, ORDER).intoMemorySegment(ALL, copy + (long) row * BYTES, ORDER);
                }
            }
        }

        /** Where tiles are made of lines, whole rows of groups or a part of one. */
        private int endOfStrip(Sweep.Band band, int group) {
            int row = band.lineGroups();
            int end = Math.min(group + STRIP, band.groups());
            if (!hasLines) {
                return end;
            }
            return row > STRIP ? Math.min(end, (group / row + 1) * row) : Math.min(group + STRIP / row * row, band.groups());
        }

        /** Adds the products of a strip to a row of tiles. @return the address of the tile after them */
        private long looks(int group, int end, int looks, long tile) {
            for (int look = 0; look < looks; look += WEIGHT_LOOKS, tile += 4L * TILE_FLOATS) {
                ConvolutionTile.weight((end - group) * Sweep.GROUP, places + 4L * group * Sweep.GROUP, strip, panel, this.looks + 4L * look,
                        Math.min(WEIGHT_LOOKS, looks - look), vectors);
                LaneSums.add(TILE, vectors, tile);
            }
            return tile;
        }

        /** The same where tiles are made of lines: the same line of two channels' windows; of a last channel by itself, two of its own. */
        private long lines(Sweep.Band band, int group, int end, int channels, long tile) {
            int down = sweep.taps() / LINE_LOOKS;
            int channel = 0;
            for (; channel + 1 < channels; channel += WEIGHT_LINES) {
                for (int tap = 0; tap < down; tap++, tile += 4L * TILE_FLOATS) {
                    lines(band, group, end, channel * down, tap, (channel + 1) * down, tap, tile);
                }
            }
            if (channel < channels) {
                for (int tap = 0; tap < down; tap += WEIGHT_LINES, tile += 4L * TILE_FLOATS) {
                    lines(band, group, end, channel * down, tap, channel * down, Math.min(tap + 1, down - 1), tile);
                }
            }
            return tile;
        }

        /** Two lines, without the first and last rows of pixels from which both look at padding. */
        private void lines(Sweep.Band band, int group, int end, int window0, int tap0, int window1, int tap1, long tile) {
            int start = group / band.lineGroups();
            int first = start;
            int last = Math.ceilDiv(end, band.lineGroups());
            while (first < last && !band.sees(first, tap0) && !band.sees(first, tap1)) {
                first++;
            }
            while (first < last && !band.sees(last - 1, tap0) && !band.sees(last - 1, tap1)) {
                last--;
            }
            if (first < last) {
                int vectorsAcross = Math.min(band.lineGroups(), end - group) * Sweep.GROUP;
                long place = panel + band.place(group) + (first - start) * band.lineBytes();
                ConvolutionTile.weightLines(sweep.together(), last - first, vectorsAcross / sweep.together(),
                        strip + (long) (first - start) * vectorsAcross * WEIGHT_ROWS * BYTES, place + look(window0 + tap0),
                        place + look(window1 + tap1), band.lineBytes(), vectors);
                LaneSums.add(TILE, vectors, tile);
            }
        }

        /** Bytes from a place to where the first tap of a line looks. */
        private int look(int line) {
            return ALL.get(INT, looks + 4L * LINE_LOOKS * line);
        }

        private static void writeLooks(int looks, long row, long w) {
            for (int look = 0; look < looks; look += WEIGHT_LOOKS) {
                Vectors.storeFirst(Math.min(WEIGHT_LOOKS, looks - look), row + 4L * (look / WEIGHT_LOOKS * TILE_FLOATS), false, w + 4L * look);
            }
        }

        /** In the order of {@link #lines}. */
        private static void writeLines(int channels, int down, long row, long w) {
            long next = 4L * LINE_LOOKS;
            long from = row;
            long to = w;
            int channel = 0;
            for (; channel + 1 < channels; channel += WEIGHT_LINES, to += WEIGHT_LINES * down * next) {
                for (int tap = 0; tap < down; tap++, from += 4L * TILE_FLOATS) {
                    Vectors.storeFirst(LINE_LOOKS, from, false, to + tap * next);
                    Vectors.storeFirst(LINE_LOOKS, from + next, false, to + (down + tap) * next);
                }
            }
            if (channel < channels) {
                for (int tap = 0; tap < down; tap += WEIGHT_LINES, from += 4L * TILE_FLOATS) {
                    Vectors.storeFirst(Math.min(WEIGHT_LINES, down - tap) * LINE_LOOKS, from, false, to + tap * next);
                }
            }
        }
    }
}
