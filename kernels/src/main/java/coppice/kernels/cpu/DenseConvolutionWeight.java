package coppice.kernels.cpu;

import static coppice.kernels.cpu.ConvolutionTile.WEIGHT_LOOKS;
import static coppice.kernels.cpu.ConvolutionTile.WEIGHT_ROWS;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;

import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;

/**
 * The face WEIGHT of a convolution with a dense weight: w[o, look] = Σ over pixels and images of g[o] · what the look sees.
 *
 * <p>The weight is cut into rectangles of some output and some input channels, so small that their sums, a vector for each weight, stay
 * in the second-level cache beside a panel of those input channels. Threads share the rectangles. Each is gone through in the order of
 * the images, and the lanes of its sums are added up every few blocks: every sum is made in one order for any number of threads.
 */
final class DenseConvolutionWeight {

    /** Multiplications below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 100_000;

    /** Output channels of a rectangle, at most. */
    private static final int OUTPUTS = 64;

    /** Looks of a rectangle, at least: eight channels of 3 × 3. */
    private static final int LOOKS = 72;

    /** Groups that a tile goes through at once: four channels of g, 16 kB, stay in the first-level cache for all looks. */
    private static final int STRIP = 16;

    /** Pixels after which lanes are added up: often enough to be exact, seldom enough to cost little. */
    private static final int PIXELS = 1024;

    private static final int TILE_FLOATS = WEIGHT_ROWS * WEIGHT_LOOKS * LENGTH;

    private static final int STRIP_FLOATS = STRIP * Sweep.GROUP * LENGTH;

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
        int width = Math.min(inputs, Math.ceilDiv(LOOKS, taps));
        int across = Math.ceilDiv(inputs, width);
        Sweep sweep = Sweep.outputInOne(window, images.channels(width), output);
        int threads = workers.parts((long) weight.size() * sweep.bands() * sweep.groups() * Sweep.GROUP * LENGTH, GRAIN);
        int height = height(outputs, across, threads);
        int rectangles = across * Math.ceilDiv(outputs, height);
        int parts = Math.min(threads, rectangles);
        int roomFloats = Room.floats(sweep, height, width * taps);
        NativeBuffer looks = memory.allocate(width * taps);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, roomFloats));
        try {
            long looksAt = looks.address();
            long scratchAt = scratch.address();
            sweep.writeLooks(looksAt);
            workers.run(parts, (part, all) -> {
                var room = new Room(sweep, height, width * taps, looksAt, scratchAt + 4L * part * roomFloats);
                int last = Workers.start(rectangles, 1, part + 1, all);
                for (int i = Workers.start(rectangles, 1, part, all); i < last; i++) {
                    int top = i / across * height;
                    int left = i % across * width;
                    int channels = Math.min(width, inputs - left);
                    room.rectangle(Math.min(height, outputs - top), channels, channels * taps, x.from(left, left * images.channelBytes()),
                            g.from(top, top * output.channelBytes()), w + 4L * (top * inputs + left) * taps, 4L * inputs * taps);
                }
            });
        } finally {
            memory.release(scratch);
            memory.release(looks);
        }
    }

    /** The height of rectangles: such that all threads have as many of them, or many. */
    private static int height(int outputs, int across, int threads) {
        int height = OUTPUTS;
        while (height > WEIGHT_ROWS) {
            int rectangles = across * Math.ceilDiv(outputs, height);
            if (rectangles % threads == 0 || rectangles >= 8 * threads) {
                break;
            }
            height /= 2;
        }
        return Math.min(height, outputs);
    }

    /** One thread's rectangle, and the memory it needs for it. */
    private static final class Room {

        private final Sweep sweep;
        private final int tilesAcross;
        /** Bands after which lanes are added up. */
        private final int bands;
        private final long looks;
        private final long sums;
        private final int sumFloats;
        private final long strip;
        private final long places;
        private final long line;
        private final long panel;

        static int floats(Sweep sweep, int height, int looks) {
            return Math.addExact(sumFloats(height, looks) + WEIGHT_ROWS * STRIP_FLOATS + placeFloats(sweep) + sweep.lineFloats(),
                    sweep.panelFloats());
        }

        private static int sumFloats(int height, int looks) {
            return Math.ceilDiv(height, WEIGHT_ROWS) * Math.ceilDiv(looks, WEIGHT_LOOKS) * TILE_FLOATS;
        }

        private static int placeFloats(Sweep sweep) {
            return Math.ceilDiv(sweep.groups() * Sweep.GROUP, LENGTH) * LENGTH;
        }

        Room(Sweep sweep, int height, int looks, long looksAt, long memory) {
            this.sweep = sweep;
            this.tilesAcross = Math.ceilDiv(looks, WEIGHT_LOOKS);
            this.bands = Math.max(1, PIXELS / (sweep.groups() * Sweep.GROUP));
            this.looks = looksAt;
            this.sumFloats = sumFloats(height, looks);
            this.sums = memory;
            this.strip = sums + 4L * sumFloats;
            this.places = strip + 4L * WEIGHT_ROWS * STRIP_FLOATS;
            this.line = places + 4L * placeFloats(sweep);
            this.panel = line + 4L * sweep.lineFloats();
        }

        /**
         * @param looks of {@code channels}
         * @param x     from their first
         * @param g     from the first of {@code outputs}
         * @param w     the first weight
         * @param wRow  bytes from the weights of one output to those of the next
         */
        void rectangle(int outputs, int channels, int looks, Source x, Source g, long w, long wRow) {
            Vectors.clear(sums, sumFloats);
            int all = sweep.bands();
            for (int index = 0; index < all; index++) {
                Sweep.Band band = sweep.new Band(index);
                band.fill(channels, x, panel, line);
                band.writePlaces(places);
                multiply(band, outputs, looks, g);
                if ((index + 1) % bands == 0 || index + 1 == all) {
                    addLanes(outputs, looks, index >= bands, w, wRow);
                    Vectors.clear(sums, sumFloats);
                }
            }
        }

        private void multiply(Sweep.Band band, int outputs, int looks, Source g) {
            boolean inPlace = g instanceof Source.Stored && band.isContiguous();
            long plane = sweep.planeBytes();
            for (int group = 0; group < band.groups(); group += STRIP) {
                int end = Math.min(band.groups(), group + STRIP);
                for (int output = 0; output < outputs; output += WEIGHT_ROWS) {
                    int rows = Math.min(WEIGHT_ROWS, outputs - output);
                    if (inPlace) {
                        tiles(group, end, Convolutions.stored(g) + output * plane + band.result(group), plane, rows, output, looks);
                    } else {
                        for (int row = 0; row < rows; row++) {
                            band.collect(group, end, g, output + row, (output + row) * plane, strip + 4L * row * STRIP_FLOATS, line);
                        }
                        tiles(group, end, strip, 4L * STRIP_FLOATS, rows, output, looks);
                    }
                }
            }
        }

        /** A few rows and all looks, for some groups. @param g the first of them. @param gRow bytes from a row of g to the next */
        private void tiles(int group, int end, long g, long gRow, int rows, int output, int looks) {
            for (int look = 0; look < looks; look += WEIGHT_LOOKS) {
                ConvolutionTile.weight((end - group) * Sweep.GROUP, places + 4L * group * Sweep.GROUP, g, gRow, rows, panel,
                        this.looks + 4L * look, Math.min(WEIGHT_LOOKS, looks - look), tile(output, look));
            }
        }

        private long tile(int output, int look) {
            return sums + 4L * TILE_FLOATS * (output / WEIGHT_ROWS * tilesAcross + look / WEIGHT_LOOKS);
        }

        private void addLanes(int outputs, int looks, boolean add, long w, long wRow) {
            for (int output = 0; output < outputs; output++) {
                for (int look = 0; look < looks; look += WEIGHT_LOOKS) {
                    LaneSums.store(Math.min(WEIGHT_LOOKS, looks - look),
                            tile(output, look) + (long) output % WEIGHT_ROWS * WEIGHT_LOOKS * BYTES, add, w + output * wRow + 4L * look);
                }
            }
        }
    }
}
