package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.INT;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;

/**
 * The faces of a convolution with a masked weight, over its survivors only, on the panels of a {@link Sweep}. Threads share the bands of the
 * images; for the face WEIGHT, where there are few, also rows of the weight, so that each gets as many survivors as the next.
 */
final class SparseConvolution {

    /** Multiplications of vectors below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 4096;

    /** Chunks of bands for the face WEIGHT, at most: enough for as many threads. */
    private static final int CHUNKS = 16;

    /** Chunks and slices that there should be. */
    private static final int ITEMS = 8;

    /** Floats for the sums of all chunks. */
    private static final int MOST_SUMS = 1 << 22;

    private static final long GROUP_BYTES = (long) Sweep.GROUP * BYTES;

    private final Workers workers;
    private final Memory memory;

    SparseConvolution(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** @param w the survivors of a mask of [O, C, kh, kw]. @param x [C, H, W, N]. @param g [O, H', W', N]. @param sink for x or g, if made */
    void run(Face face, Mask mask, Window window, Images images, Images output, long w, Source x, Source g, Sink sink) {
        switch (face) {
            case OUTPUT -> output(Sweep.output(window, images, output), mask, window, w, x, Convolutions.stored(g), sink);
            case INPUT -> {
                for (Sweep sweep : Sweep.input(window, images, output)) {
                    input(sweep, mask, window, w, g, Convolutions.stored(x), sink);
                }
            }
            case WEIGHT -> weight(Sweep.output(window, images, output), mask, window, x, g, w);
        }
    }

    private void output(Sweep sweep, Mask mask, Window window, long w, Source x, long g, Sink sink) {
        NativeBuffer looks = memory.allocate(mask.count());
        try {
            writeLooks(sweep, mask, window, looks.address());
            overBands(sweep, mask.rows().starts(), looks.address(), w, x, g, sink);
        } finally {
            memory.release(looks);
        }
    }

    /** One int for each survivor, in the order of values. */
    private static void writeLooks(Sweep sweep, Mask mask, Window window, long looks) {
        int[] columns = mask.rows().columns();
        int[] look = looks(sweep, mask.shape().size(1), window.size());
        for (int i = 0; i < columns.length; i++) {
            ALL.set(INT, looks + 4L * i, look[columns[i]]);
        }
    }

    /** For each column of a weight, a channel and a tap, where it looks. */
    private static int[] looks(Sweep sweep, int channels, int taps) {
        int[] look = new int[channels * taps];
        for (int column = 0; column < look.length; column++) {
            look[column] = sweep.look(column / taps, column % taps);
        }
        return look;
    }

    private void input(Sweep sweep, Mask mask, Window window, long w, Source g, long x, Sink sink) {
        try (var survivors = new ByInput(sweep, mask, window)) {
            survivors.read(w);
            overBands(sweep, survivors.starts, survivors.looks.address(), survivors.weights.address(), g, x, sink);
        }
    }

    /** The survivors of each input channel, with the taps of one sweep. They stand in different places, and are collected first. */
    private final class ByInput implements AutoCloseable {

        private final int[] starts;
        /** For each, its place among all values of the mask. */
        private final int[] places;
        /** For each, an int: where it looks. */
        private final NativeBuffer looks;
        private final NativeBuffer weights;
        private int count;

        ByInput(Sweep sweep, Mask mask, Window window) {
            Mask.Columns index = mask.columns();
            starts = new int[mask.shape().size(1) + 1];
            places = new int[mask.count()];
            looks = memory.allocate(mask.count());
            weights = memory.allocate(mask.count());
            for (int channel = 0; channel < starts.length - 1; channel++) {
                for (int tap = 0; tap < sweep.taps(); tap++) {
                    int column = channel * window.size() + sweep.tap(tap, window.x().size());
                    for (int entry = index.starts()[column]; entry < index.starts()[column + 1]; entry++, count++) {
                        ALL.set(INT, looks.address() + 4L * count, sweep.look(index.rows()[entry], tap));
                        places[count] = index.values()[entry];
                    }
                }
                starts[channel + 1] = count;
            }
        }

        void read(long w) {
            for (int i = 0; i < count; i++) {
                Vectors.set(weights.address() + 4L * i, Vectors.get(w + 4L * places[i]));
            }
        }

        void write(long values, long w) {
            for (int i = 0; i < count; i++) {
                Vectors.set(w + 4L * places[i], Vectors.get(values + 4L * i));
            }
        }

        @Override
        public void close() {
            memory.release(weights);
            memory.release(looks);
        }
    }

    /** result[m] = Σ over the survivors {@code starts[m] … starts[m + 1] − 1} of weight · what it looks at. */
    private void overBands(Sweep sweep, int[] starts, long looks, long weights, Source source, long result, Sink sink) {
        int bands = sweep.bands();
        long work = Balance.cost(starts, starts.length - 1) * sweep.groups() * Sweep.GROUP * bands;
        int parts = Math.min(bands, workers.parts(work, GRAIN));
        int sumFloats = SparseConvolutionTile.GROUPS * Sweep.GROUP * Vectors.LENGTH;
        int partFloats = Math.addExact(sumFloats + sweep.lineFloats(), sweep.panelFloats());
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, partFloats));
        try {
            long scratchAt = scratch.address();
            workers.run(parts, (part, all) -> {
                long sums = scratchAt + 4L * part * partFloats;
                long line = sums + 4L * sumFloats;
                long panel = line + 4L * sweep.lineFloats();
                int last = Workers.start(bands, 1, part + 1, all);
                for (int index = Workers.start(bands, 1, part, all); index < last; index++) {
                    Sweep.Band band = sweep.new Band(index);
                    band.fill(source, panel, line);
                    for (int row = 0; row < starts.length - 1; row++) {
                        row(sweep, band, starts[row + 1] - starts[row], looks + 4L * starts[row], weights + 4L * starts[row], sums, panel,
                                result + row * sweep.planeBytes());
                        band.handOn(row, result, sink);
                    }
                }
            });
        } finally {
            memory.release(scratch);
        }
    }

    /** A channel of the result, for one band. @param sums room for a tile. @param plane the address of the channel's first pixel */
    private static void row(Sweep sweep, Sweep.Band band, int survivors, long looks, long weights, long sums, long panel, long plane) {
        int groups = band.groups();
        for (int group = 0; group < groups; group += SparseConvolutionTile.GROUPS) {
            long p0 = panel + band.place(group);
            long p1 = panel + band.place(Math.min(group + 1, groups - 1));
            long p2 = panel + band.place(Math.min(group + 2, groups - 1));
            long p3 = panel + band.place(Math.min(group + 3, groups - 1));
            if (band.isWhole() && group + SparseConvolutionTile.GROUPS <= groups) {
                SparseConvolutionTile.output(survivors, looks, weights, p0, p1, p2, p3, plane + band.result(group),
                        plane + band.result(group + 1), plane + band.result(group + 2), plane + band.result(group + 3), sweep.pixelBytes());
            } else {
                SparseConvolutionTile.output(survivors, looks, weights, p0, p1, p2, p3, sums, sums + GROUP_BYTES,
                        sums + 2 * GROUP_BYTES, sums + 3 * GROUP_BYTES, BYTES);
                for (int i = group; i < Math.min(groups, group + SparseConvolutionTile.GROUPS); i++) {
                    band.store(i, sums + (i - group) * GROUP_BYTES, plane);
                }
            }
        }
    }

    /** Whether there are chunks enough to share out, of whole sums for each. */
    static boolean isOne(Mask mask, Sweep sweep) {
        return mask.count() > 0 && chunks(mask, sweep) >= ITEMS;
    }

    private static int chunks(Mask mask, Sweep sweep) {
        return (int) Math.clamp(MOST_SUMS / mask.count(), 1, Math.min(sweep.bands(), CHUNKS));
    }

    /**
     * The gradients of the input and of the weight, of one panel of g for each band: with dx[c, q] = Σ w · g[o, q − t] the weight of each such look
     * has the gradient dw = Σ over q of x[c, q] · g[o, q − t]. Main memory is read once for both, and so is what the sink reads.
     * The bands are cut into chunks, each with its sums, as for the face WEIGHT alone.
     */
    void inputAndWeight(Mask mask, Window window, Images images, Images output, long w, Source x, Source g, long dx, Sink sink, long dw) {
        Sweep sweep = Sweep.input(window, images, output).getFirst();
        int bands = sweep.bands();
        int chunks = chunks(mask, sweep);
        int sumFloats = SparseConvolutionTile.GROUPS * Sweep.GROUP * Vectors.LENGTH;
        int rowFloats = sweep.groups() * Sweep.GROUP * Vectors.LENGTH;
        int partFloats = Math.addExact(sumFloats + rowFloats + sweep.lineFloats(), sweep.panelFloats());
        try (var survivors = new ByInput(sweep, mask, window)) {
            int[] starts = survivors.starts;
            int parts = Math.min(chunks, workers.parts(2 * Balance.cost(starts, starts.length - 1) * sweep.groups() * Sweep.GROUP * bands, GRAIN));
            NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, partFloats));
            NativeBuffer chunkSums = memory.allocate(Math.multiplyExact(chunks, survivors.count));
            try {
                survivors.read(w);
                long looks = survivors.looks.address();
                long weights = survivors.weights.address();
                long scratchAt = scratch.address();
                long chunkSumsAt = chunkSums.address();
                workers.run(parts, (part, all) -> {
                    long sums = scratchAt + 4L * part * partFloats;
                    long pixels = sums + 4L * sumFloats;
                    long line = pixels + 4L * rowFloats;
                    long panel = line + 4L * sweep.lineFloats();
                    int last = Workers.start(chunks, 1, part + 1, all);
                    for (int chunk = Workers.start(chunks, 1, part, all); chunk < last; chunk++) {
                        int first = Workers.start(bands, 1, chunk, chunks);
                        long gradients = chunkSumsAt + 4L * chunk * survivors.count;
                        for (int index = first; index < Workers.start(bands, 1, chunk + 1, chunks); index++) {
                            Sweep.Band band = sweep.new Band(index);
                            band.fill(g, panel, line);
                            for (int row = 0; row < starts.length - 1; row++) {
                                row(sweep, band, starts[row + 1] - starts[row], looks + 4L * starts[row], weights + 4L * starts[row], sums,
                                        panel, dx + row * sweep.planeBytes());
                                band.handOn(row, dx, sink);
                                if (starts[row + 1] > starts[row]) {
                                    weights(band, starts[row], starts[row + 1], looks, pixels(sweep, band, x, row, pixels, line), panel,
                                            sums, index > first, gradients);
                                }
                            }
                        }
                    }
                });
                for (int chunk = 1; chunk < chunks; chunk++) {
                    BinaryLoops.run(Binary.ADD, survivors.count, chunkSumsAt, 4, chunkSumsAt + 4L * chunk * survivors.count, 4, chunkSumsAt);
                }
                survivors.write(chunkSumsAt, dw);
            } finally {
                memory.release(chunkSums);
                memory.release(scratch);
            }
        }
    }

    /**
     * The bands are cut into chunks and, where these are few, the rows of the weight into slices, by the shape alone: each chunk has its
     * sums, which are added up in order, so that any number of threads makes the same bits. A thread fills a panel for itself only.
     */
    private void weight(Sweep sweep, Mask mask, Window window, Source x, Source g, long w) {
        int[] starts = mask.rows().starts();
        int rows = starts.length - 1;
        int bands = sweep.bands();
        int chunks = chunks(mask, sweep);
        int slices = Math.min(rows, Math.ceilDiv(ITEMS, chunks));
        long cost = Balance.cost(starts, rows);
        int parts = Math.min(chunks * slices, workers.parts(cost * sweep.groups() * Sweep.GROUP * bands, GRAIN));
        int sumFloats = SparseConvolutionTile.SURVIVORS * Vectors.LENGTH;
        int rowFloats = sweep.groups() * Sweep.GROUP * Vectors.LENGTH;
        int partFloats = Math.addExact(sumFloats + rowFloats + sweep.lineFloats(), sweep.panelFloats());
        NativeBuffer looks = memory.allocate(mask.count());
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, partFloats));
        NativeBuffer chunkSums = memory.allocate(Math.multiplyExact(chunks - 1, mask.count()));
        try {
            long looksAt = looks.address();
            long scratchAt = scratch.address();
            long chunkSumsAt = chunkSums.address();
            writeLooks(sweep, mask, window, looksAt);
            workers.run(parts, (part, all) -> {
                long sums = scratchAt + 4L * part * partFloats;
                long pixels = sums + 4L * sumFloats;
                long line = pixels + 4L * rowFloats;
                long panel = line + 4L * sweep.lineFloats();
                int last = Workers.start(chunks * slices, 1, part + 1, all);
                for (int item = Workers.start(chunks * slices, 1, part, all); item < last; item++) {
                    int chunk = item / slices;
                    int slice = item % slices;
                    int from = Balance.row(starts, cost * slice / slices);
                    int to = Balance.row(starts, cost * (slice + 1) / slices);
                    int first = Workers.start(bands, 1, chunk, chunks);
                    long result = chunk == 0 ? w : chunkSumsAt + 4L * (chunk - 1) * mask.count();
                    for (int index = first; index < Workers.start(bands, 1, chunk + 1, chunks); index++) {
                        Sweep.Band band = sweep.new Band(index);
                        band.fill(x, panel, line);
                        for (int row = from; row < to; row++) {
                            if (starts[row + 1] > starts[row]) {
                                weights(band, starts[row], starts[row + 1], looksAt, pixels(sweep, band, g, row, pixels, line), panel, sums,
                                        index > first, result);
                            }
                        }
                    }
                }
            });
            for (int chunk = 1; chunk < chunks; chunk++) {
                BinaryLoops.run(Binary.ADD, mask.count(), w, 4, chunkSumsAt + 4L * (chunk - 1) * mask.count(), 4, w);
            }
        } finally {
            memory.release(chunkSums);
            memory.release(scratch);
            memory.release(looks);
        }
    }

    /** Where the pixels of a band stand of one channel of g, side by side. */
    private static long pixels(Sweep sweep, Sweep.Band band, Source g, int channel, long pixels, long line) {
        long plane = channel * sweep.planeBytes();
        if (band.isContiguous()) {
            return g.line(channel, plane + band.result(0), band.pixels() * Vectors.LENGTH, pixels);
        }
        band.collect(0, band.groups(), g, channel, plane, pixels, line);
        return pixels;
    }

    /** The gradients of survivors {@code from … to − 1}, all of one channel, for one band. @param pixels of that channel */
    private static void weights(Sweep.Band band, int from, int to, long looks, long pixels, long panel, long sums, boolean add, long w) {
        for (int i = from; i < to; i += SparseConvolutionTile.SURVIVORS) {
            SparseConvolutionTile.weight(band.lines(), band.lineGroups(), band.lineSkip(), pixels,
                    panel + ALL.get(INT, looks + 4L * i), panel + ALL.get(INT, looks + 4L * Math.min(i + 1, to - 1)),
                    panel + ALL.get(INT, looks + 4L * Math.min(i + 2, to - 1)),
                    panel + ALL.get(INT, looks + 4L * Math.min(i + 3, to - 1)), sums);
            LaneSums.store(Math.min(SparseConvolutionTile.SURVIVORS, to - i), sums, add, w + 4L * i);
        }
    }
}
