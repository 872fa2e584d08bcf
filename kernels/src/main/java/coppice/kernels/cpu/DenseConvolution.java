package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.INT;

import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;
import java.util.Arrays;

/**
 * The faces of a convolution with a dense weight, as products of a packed weight with the looks of a {@link Sweep}, or of several at one
 * panel.
 *
 * <p>Threads share the bands of the images. {@link DenseConvolutionWeight} has the face WEIGHT.
 */
final class DenseConvolution {

    /** Multiplications below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 100_000;

    /** Taps of a line of the window, in {@link ConvolutionTile#lines}. */
    private static final int TAPS = 3;

    /** Channels whose weights are packed together, tap after tap: so few that their lines of memory stay in a first-level cache meanwhile. */
    private static final int PACKED_CHANNELS = 16;

    private final Workers workers;
    private final Memory memory;
    private final DenseConvolutionWeight gradient;

    DenseConvolution(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
        this.gradient = new DenseConvolutionWeight(workers, memory);
    }

    /** @param weight [O, C, kh, kw]. @param images [C, H, W, N], of x. @param output [O, H', W', N], of g. @param sink for x or g, if made */
    void run(Face face, Shape weight, Window window, Images images, Images output, long w, Source x, Source g, Sink sink) {
        int outputs = weight.size(0);
        int inputs = weight.size(1);
        long wInput = 4L * window.size();
        long wOutput = wInput * inputs;
        switch (face) {
            case OUTPUT -> multiply(new Product(sweeps(face, window, images, output), window, outputs, inputs, w, wOutput, wInput), x,
                    Convolutions.stored(g), sink);
            case INPUT -> multiply(new Product(sweeps(face, window, images, output), window, inputs, outputs, w, wInput, wOutput), g,
                    Convolutions.stored(x), sink);
            case WEIGHT -> gradient.run(weight, window, images, output, w, x, g);
        }
    }

    private static Sweep[] sweeps(Face face, Window window, Images images, Images output) {
        return Sweep.of(face, window, images, output).toArray(Sweep[]::new);
    }

    /**
     * result[m] = Σ over channels and taps of w[m, channel, tap] · what the tap looks at.
     *
     * @param sweeps   of the result, which look at one panel
     * @param results  channels of the result
     * @param channels of the source
     * @param wResult  bytes in w from one channel of the result to the next
     * @param wChannel bytes in w from one channel of the source to the next
     */
    private record Product(Sweep[] sweeps, Window window, int results, int channels, long w, long wResult, long wChannel) {

        /** The sweep with the largest bands, whose slabs are those of all. */
        Sweep first() {
            return sweeps[0];
        }

        /** Whether tiles are {@link ConvolutionTile#lines}. */
        boolean hasLines() {
            return sweeps.length == 1 && first().hasLinesOfThree();
        }

        /** Channels of the result in a tile. */
        int tileRows() {
            return hasLines() ? ConvolutionTile.LINE_ROWS : ConvolutionTile.ROWS;
        }

        /** Tiles of a slab and a sweep. */
        int tiles() {
            return Math.ceilDiv(results, tileRows());
        }

        /** The channels of a slab. */
        int channels(int slab) {
            return Math.min(first().slabChannels(), channels - slab * first().slabChannels());
        }

        /** Steps of a slab's sums, but for the last one, in a sweep. */
        int steps(Sweep sweep) {
            return first().slabChannels() * sweep.taps();
        }

        /** Steps that a channel makes one after the other: all its taps, or for lines one line of them, then the next channel its own. */
        int inARow(Sweep sweep) {
            return hasLines() ? TAPS : sweep.taps();
        }

        /** The place of a step among those of a slab. @param inARow of {@link #inARow} */
        static int step(int inARow, int channels, int channel, int tap) {
            return (tap / inARow * channels + channel) * inARow + tap % inARow;
        }

        /** The steps of all sweeps. */
        int steps() {
            int steps = 0;
            for (Sweep sweep : sweeps) {
                steps += steps(sweep);
            }
            return steps;
        }

        /** Floats of the packed weights of one slab: of all tiles of the first sweep, then of the next. */
        int slabFloats() {
            return Math.multiplyExact(tiles() * tileRows(), steps());
        }

        long multiplications() {
            return (long) channels * window.size() * results * first().bands() * first().groups() * Sweep.GROUP * Vectors.LENGTH / sweeps.length;
        }

        /** Writes where the steps of a slab look: of the first sweep, then of the next. */
        void writeLooks(int slab, long looks) {
            long to = looks + 4L * slab * steps();
            for (Sweep sweep : sweeps) {
                int inARow = inARow(sweep);
                for (int channel = 0; channel < channels(slab); channel++) {
                    for (int tap = 0; tap < sweep.taps(); tap++) {
                        ALL.set(INT, to + 4L * step(inARow, channels(slab), channel, tap), sweep.look(channel, tap));
                    }
                }
                to += 4L * steps(sweep);
            }
        }

        /**
         * Packs the weights of one tile of a slab, for each sweep [steps][tileRows], zeros for rows beyond the last. A few channels after the other: in
         * one of the faces the weights of a channel stand together, and far from the next channel's. Row by row it took a tenth of a step of
         * VGG-16.
         */
        void pack(int slab, int tile, long packed) {
            int rows = tileRows();
            int channels = channels(slab);
            long from = w + slab * first().slabChannels() * wChannel + tile * rows * wResult;
            long to = packed + 4L * slab * slabFloats();
            for (Sweep sweep : sweeps) {
                int inARow = inARow(sweep);
                int taps = sweep.taps();
                long tileTo = to + 4L * rows * tile * steps(sweep);
                for (int first = 0; first < channels; first += PACKED_CHANNELS) {
                    int end = Math.min(first + PACKED_CHANNELS, channels);
                    for (int tap = 0; tap < taps; tap++) {
                        long weight = from + first * wChannel + 4L * sweep.tap(tap, window.x().size());
                        long step = tileTo + 4L * rows * step(inARow, channels, first, tap);
                        packTap(Math.min(rows, results - tile * rows), rows, end - first, weight, step, 4L * rows * inARow);
                    }
                }
                to += 4L * tiles() * rows * steps(sweep);
            }
        }

        /** The weights of a tap of some channels. @param made rows that exist. @param nextStep bytes to the next channel's step */
        private void packTap(int made, int rows, int channels, long from, long to, long nextStep) {
            for (int row = 0; row < rows; row++) {
                for (int channel = 0; channel < channels; channel++) {
                    Vectors.set(to + channel * nextStep + 4L * row, row < made ? Vectors.get(from + channel * wChannel + row * wResult) : 0);
                }
            }
        }
    }

    private void multiply(Product product, Source source, long result, Sink sink) {
        Sweep first = product.first();
        int slabs = first.slabs();
        int tiles = product.tiles();
        int bands = first.bands();
        int parts = Math.min(bands, workers.parts(product.multiplications(), GRAIN));
        int roomFloats = Room.floats(product);
        NativeBuffer looks = memory.allocate(Math.multiplyExact(slabs, product.steps()));
        NativeBuffer packed = memory.allocate(Math.multiplyExact(slabs, product.slabFloats()));
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, roomFloats));
        try {
            long looksAt = looks.address();
            long packedAt = packed.address();
            long scratchAt = scratch.address();
            workers.run(() -> {
                for (int slab = 0; slab < slabs; slab++) {
                    product.writeLooks(slab, looksAt);
                }
            });
            workers.run(Math.min(parts, tiles), (part, all) -> {
                for (int i = Workers.start(slabs * tiles, 1, part, all); i < Workers.start(slabs * tiles, 1, part + 1, all); i++) {
                    product.pack(i / tiles, i % tiles, packedAt);
                }
            });
            Source[] slabSources = first.slabs(source);
            var rooms = new Room[parts];
            Arrays.setAll(rooms, part -> new Room(product, looksAt, packedAt, scratchAt + 4L * part * roomFloats));
            workers.run(parts, (part, all) -> {
                int last = Workers.start(bands, 1, part + 1, all);
                for (int band = Workers.start(bands, 1, part, all); band < last; band++) {
                    rooms[part].band(band, slabSources, result, sink);
                }
            });
        } finally {
            memory.release(scratch);
            memory.release(packed);
            memory.release(looks);
        }
    }

    /** The memory that a thread needs for its bands. */
    private static final class Room {

        /** Of a tile that cannot be written to where it belongs. */
        private static final int TILE_FLOATS = ConvolutionTile.ROWS * ConvolutionTile.PIXELS * Vectors.LENGTH;

        private final Product product;
        private final Pass[] passes;
        private final long tile;
        private final long line;
        private final long panel;

        static int floats(Product product) {
            Sweep first = product.first();
            return Math.addExact(TILE_FLOATS + 2 * first.pixelFloats() * product.sweeps.length + first.lineFloats(), first.panelFloats());
        }

        Room(Product product, long looks, long packed, long memory) {
            this.product = product;
            this.passes = new Pass[product.sweeps.length];
            this.tile = memory;
            long next = tile + 4L * TILE_FLOATS;
            long nextLooks = looks;
            long nextPacked = packed;
            for (int i = 0; i < passes.length; i++) {
                Sweep sweep = product.sweeps[i];
                passes[i] = new Pass(sweep, nextLooks, nextPacked, next, next + 4L * product.first().pixelFloats());
                next += 8L * product.first().pixelFloats();
                nextLooks += 4L * product.steps(sweep);
                nextPacked += 4L * product.tiles() * product.tileRows() * product.steps(sweep);
            }
            this.line = next;
            this.panel = line + 4L * product.first().lineFloats();
        }

        /** The same band of all sweeps: slab by slab, and a few channels after the others. */
        void band(int index, Source[] sources, long result, Sink sink) {
            Sweep first = product.first();
            int slabs = first.slabs();
            for (Pass pass : passes) {
                pass.sweep.band(index).writePixels(pass.places, pass.results);
            }
            for (int slab = 0; slab < slabs; slab++) {
                first.band(index).fillSlab(slab, sources[slab], panel, line);
                for (int row = 0; row < product.results; row += product.tileRows()) {
                    int made = Math.min(product.tileRows(), product.results - row);
                    for (Pass pass : passes) {
                        Sweep.Band band = pass.sweep.band(index);
                        if (band.groups() > 0) {
                            long looks = pass.looks + 4L * slab * product.steps();
                            long weights = pass.packed + 4L * (slab * product.slabFloats() + row * product.steps(pass.sweep));
                            long to = result + row * first.planeBytes() + band.result(0);
                            if (product.hasLines()) {
                                lines(pass, band, made, product.channels(slab), looks, weights, slab > 0, to);
                            } else {
                                tiles(pass, band, made, product.channels(slab) * pass.sweep.taps(), looks, weights, slab > 0, to);
                            }
                        }
                    }
                    for (int channel = row; slab == slabs - 1 && channel < row + made; channel++) {
                        first.band(index).handOn(channel, result, sink);
                    }
                }
            }
        }

        /**
         * A few channels. The last pixel stands in for those that a tile has beyond it.
         *
         * @param add whether sums are added to what is there
         * @param to  the first pixel of the first
         */
        private void tiles(Pass pass, Sweep.Band band, int rows, int steps, long looks, long weights, boolean add, long to) {
            int pixels = band.pixels();
            int direct = rows == ConvolutionTile.ROWS && !add ? band.directPixels() : 0;
            for (int i = 0; i < pixels; i += ConvolutionTile.PIXELS) {
                int j = Math.min(i + 1, pixels - 1);
                int k = Math.min(i + 2, pixels - 1);
                long p0 = panel + pass.place(i);
                long p1 = panel + pass.place(j);
                long p2 = panel + pass.place(k);
                if (k < direct) {
                    ConvolutionTile.output(steps, looks, p0, p1, p2, weights, to, pass.sweep.planeBytes(), pass.result(i), pass.result(j),
                            pass.result(k));
                } else {
                    ConvolutionTile.output(steps, looks, p0, p1, p2, weights, tile, ConvolutionTile.PIXELS * BYTES, 0, BYTES, 2L * BYTES);
                    store(pass, band.images(), rows, i, ConvolutionTile.PIXELS, k - i + 1, add, to);
                }
            }
        }

        /** The same by {@link ConvolutionTile#lines}, without lines of the window that look at padding. @param channels of the source */
        private void lines(Pass pass, Sweep.Band band, int rows, int channels, long looks, long weights, boolean add, long to) {
            int width = band.lineGroups() * Sweep.GROUP;
            int direct = rows == ConvolutionTile.LINE_ROWS && !add ? band.directPixels() : 0;
            for (int line = 0; line < band.lines(); line++) {
                int first = channels * band.firstTap(line);
                int lines = channels * band.endTap(line) - first;
                long firstLooks = looks + 4L * TAPS * first;
                long firstWeights = weights + 4L * TAPS * ConvolutionTile.LINE_ROWS * first;
                for (int i = line * width; i < (line + 1) * width; i += Sweep.GROUP) {
                    long place = panel + pass.place(i);
                    if (i + Sweep.GROUP <= direct) {
                        ConvolutionTile.lines(lines, firstLooks, place, firstWeights, to + pass.result(i), pass.sweep.planeBytes(),
                                pass.sweep.pixelBytes());
                    } else {
                        ConvolutionTile.lines(lines, firstLooks, place, firstWeights, tile, Sweep.GROUP * BYTES, BYTES);
                        store(pass, band.images(), rows, i, Sweep.GROUP, Sweep.GROUP, add, to);
                    }
                }
            }
        }

        /**
         * Writes what exists of a tile, fewer channels, pixels, or images than a vector has room for, or adds it to what is there.
         *
         * @param across pixels that the tile has room for
         * @param pixels that exist
         */
        private void store(Pass pass, int images, int rows, int first, int across, int pixels, boolean add, long to) {
            for (int row = 0; row < rows; row++) {
                for (int pixel = 0; pixel < pixels; pixel++) {
                    Vectors.storeFirst(images, tile + ((long) row * across + pixel) * BYTES, add,
                            to + row * pass.sweep.planeBytes() + pass.result(first + pixel));
                }
            }
        }
    }

    /**
     * A sweep, and where a thread finds what it needs for it.
     *
     * @param looks   of its steps
     * @param packed  its weights
     * @param places  of a band's pixels in the panel
     * @param results of a band's pixels in the result
     */
    private record Pass(Sweep sweep, long looks, long packed, long places, long results) {

        /** Bytes from the start of the panel. */
        long place(int pixel) {
            return ALL.get(INT, places + 4L * pixel);
        }

        /** Bytes from the band's first pixel. */
        long result(int pixel) {
            return 4L * ALL.get(INT, results + 4L * pixel);
        }
    }
}
