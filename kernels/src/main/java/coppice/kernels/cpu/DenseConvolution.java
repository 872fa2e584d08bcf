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
 * The faces of a convolution with a dense weight, as products of a packed weight with the looks of a {@link Sweep}.
 *
 * <p>Threads share the bands of the images. {@link DenseConvolutionWeight} has the face WEIGHT.
 */
final class DenseConvolution {

    /** Multiplications below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 100_000;

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
        int taps = window.size();
        switch (face) {
            case OUTPUT -> product(Sweep.output(window, images, output), window, outputs, inputs, w, 4L * inputs * taps, 4L * taps, x,
                    Convolutions.stored(g), sink);
            case INPUT -> {
                for (Sweep sweep : Sweep.input(window, images, output)) {
                    product(sweep, window, inputs, outputs, w, 4L * taps, 4L * inputs * taps, g, Convolutions.stored(x), sink);
                }
            }
            case WEIGHT -> gradient.run(weight, window, images, output, w, x, g);
        }
    }

    /**
     * result[m] = Σ over channels and taps of w[m, channel, tap] · what the tap looks at.
     *
     * @param results  channels of the result
     * @param channels of the source
     * @param wResult  bytes in w from one channel of the result to the next
     * @param wChannel bytes in w from one channel of the source to the next
     */
    private void product(Sweep sweep, Window window, int results, int channels, long w, long wResult, long wChannel, Source source,
            long result, Sink sink) {
        int slabs = sweep.slabs();
        int steps = sweep.slabChannels() * sweep.taps();
        int tiles = Math.ceilDiv(results, ConvolutionTile.ROWS);
        int tileFloats = ConvolutionTile.ROWS * steps;
        int bands = sweep.bands();
        int parts = Math.min(bands, workers.parts((long) channels * sweep.taps() * results * bands * sweep.groups() * Sweep.GROUP * Vectors.LENGTH, GRAIN));
        int partFloats = Math.addExact(Room.FLOATS + 2 * sweep.pixelFloats() + sweep.lineFloats(), sweep.panelFloats());
        NativeBuffer looks = memory.allocate(steps);
        NativeBuffer packed = memory.allocate(Math.multiplyExact(slabs * tiles, tileFloats));
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, partFloats));
        try {
            long looksAt = looks.address();
            long packedAt = packed.address();
            long scratchAt = scratch.address();
            workers.run(() -> sweep.writeLooks(looksAt));
            workers.run(Math.min(parts, tiles), (part, all) -> {
                int first = Workers.start(slabs * tiles, 1, part, all);
                for (int i = first; i < Workers.start(slabs * tiles, 1, part + 1, all); i++) {
                    int channel = i / tiles * sweep.slabChannels();
                    pack(sweep, window, results, Math.min(sweep.slabChannels(), channels - channel), i % tiles, w + channel * wChannel, wResult,
                            wChannel, packedAt + 4L * i * tileFloats);
                }
            });
            Source[] slabSources = sweep.slabs(source);
            var rooms = new Room[parts];
            Arrays.setAll(rooms, part -> new Room(sweep, scratchAt + 4L * part * partFloats));
            workers.run(parts, (part, all) -> {
                int last = Workers.start(bands, 1, part + 1, all);
                for (int band = Workers.start(bands, 1, part, all); band < last; band++) {
                    rooms[part].band(sweep.band(band), results, channels, looksAt, packedAt, slabSources, result, sink);
                }
            });
        } finally {
            memory.release(scratch);
            memory.release(packed);
            memory.release(looks);
        }
    }

    /** The weights of one tile, [steps][8], zeros for rows beyond the last. */
    private static void pack(Sweep sweep, Window window, int results, int channels, int tile, long w, long wResult, long wChannel,
            long packed) {
        int taps = sweep.taps();
        for (int row = 0; row < ConvolutionTile.ROWS; row++) {
            int result = tile * ConvolutionTile.ROWS + row;
            for (int tap = 0; tap < taps; tap++) {
                long from = w + result * wResult + 4L * sweep.tap(tap, window.x().size());
                for (int channel = 0; channel < channels; channel++) {
                    Vectors.set(packed + 4L * ((long) (channel * taps + tap) * ConvolutionTile.ROWS + row),
                            result < results ? Vectors.get(from + channel * wChannel) : 0);
                }
            }
        }
    }

    /** The memory that a thread needs for its bands. */
    private static final class Room {

        /** Of a tile that cannot be written to where it belongs. */
        private static final int FLOATS = ConvolutionTile.ROWS * ConvolutionTile.PIXELS * Vectors.LENGTH;

        private final Sweep sweep;
        private final long tile;
        private final long places;
        private final long results;
        private final long line;
        private final long panel;

        Room(Sweep sweep, long memory) {
            this.sweep = sweep;
            this.tile = memory;
            this.places = tile + 4L * FLOATS;
            this.results = places + 4L * sweep.pixelFloats();
            this.line = results + 4L * sweep.pixelFloats();
            this.panel = line + 4L * sweep.lineFloats();
        }

        void band(Sweep.Band band, int rows, int channels, long looks, long packed, Source[] sources, long result, Sink sink) {
            int tiles = Math.ceilDiv(rows, ConvolutionTile.ROWS);
            int stepsOfSlab = sweep.slabChannels() * sweep.taps();
            band.writePixels(places, results);
            for (int slab = 0; slab < sweep.slabs(); slab++) {
                int steps = Math.min(stepsOfSlab, channels * sweep.taps() - slab * stepsOfSlab);
                band.fillSlab(slab, sources[slab], panel, line);
                for (int row = 0; row < rows && band.groups() > 0; row += ConvolutionTile.ROWS) {
                    int made = Math.min(ConvolutionTile.ROWS, rows - row);
                    long weights = packed + 4L * (slab * tiles + row / ConvolutionTile.ROWS) * ConvolutionTile.ROWS * stepsOfSlab;
                    tiles(band, made, steps, looks, weights, slab > 0, result + row * sweep.planeBytes() + band.result(0));
                    for (int channel = row; slab == sweep.slabs() - 1 && channel < row + made; channel++) {
                        band.handOn(channel, result, sink);
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
        private void tiles(Sweep.Band band, int rows, int steps, long looks, long weights, boolean add, long to) {
            int pixels = band.pixels();
            int direct = rows == ConvolutionTile.ROWS && !add ? band.directPixels() : 0;
            for (int i = 0; i < pixels; i += ConvolutionTile.PIXELS) {
                int j = Math.min(i + 1, pixels - 1);
                int k = Math.min(i + 2, pixels - 1);
                if (Math.min(i + ConvolutionTile.PIXELS, pixels) <= direct) {
                    ConvolutionTile.output(steps, looks, place(i), place(j), place(k), weights, to, sweep.planeBytes(), result(i), result(j),
                            result(k));
                } else {
                    ConvolutionTile.output(steps, looks, place(i), place(j), place(k), weights, tile, ConvolutionTile.PIXELS * BYTES, 0,
                            BYTES, 2L * BYTES);
                    store(band.images(), rows, i, pixels, add, to);
                }
            }
        }

        /** Writes what exists of a tile, fewer channels, pixels, or images than a vector has room for, or adds it to what is there. */
        private void store(int images, int rows, int first, int pixels, boolean add, long to) {
            for (int row = 0; row < rows; row++) {
                for (int pixel = 0; pixel < Math.min(ConvolutionTile.PIXELS, pixels - first); pixel++) {
                    Vectors.storeFirst(images, inTile(row, pixel), add, to + row * sweep.planeBytes() + result(first + pixel));
                }
            }
        }

        private long inTile(int row, int pixel) {
            return tile + ((long) row * ConvolutionTile.PIXELS + pixel) * BYTES;
        }

        private long place(int pixel) {
            return panel + ALL.get(INT, places + 4L * pixel);
        }

        /** Bytes from the band's first pixel. */
        private long result(int pixel) {
            return 4L * ALL.get(INT, results + 4L * pixel);
        }
    }
}
