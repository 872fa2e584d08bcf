package coppice.kernels.cpu;

import static coppice.kernels.cpu.SparseTile.VECTORS;
import static coppice.kernels.cpu.SparseTile.WIDTH;
import static coppice.kernels.cpu.Vectors.LENGTH;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.kernels.cpu.SparseTile.Span;
import coppice.kernels.cpu.Workers.Mergeable;
import java.util.Arrays;

/**
 * The faces of a product with a masked weight, over its survivors only. The batch is cut into panels of four vectors; a row's sums
 * stand in registers while its survivors are walked through, two at a time into separate sums, so that eight are in flight. A batch of
 * one or two whole panels is used where it stands, both at once: 1024 → 1024 at 2 % and batch 128 all faces in 213 µs instead of 314.
 *
 * <p>Threads share the rows so that each gets as many survivors as the next. Where the panel of all sources of a row would not stay in
 * the second-level cache they are taken block by block; where there are many survivors, in blocks that stay in the first-level one.
 */
final class SparseProduct {

    /** Multiplications of vectors below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 4096;

    /**
     * Sources of a block: a panel of 512 kB. [256, 16384] × 60 at 10 %: forward in 1.0 ms instead of 2.5, its gradient in 1.4 instead of
     * 2.5.
     */
    private static final int SOURCES = 2048;

    /**
     * Floats of x in a small block of sources: 40 kB, for a first-level cache of 48. Multiplying what comes from the second-level cache a core
     * makes 64 Gflop/s at most; so 1024 → 1024 forward takes 1.45 ms on one thread at 50 % and batch 128 instead of 1.94, its gradient 1.70
     * instead of 2.14; 784 → 300 at 50 % and batch 60 190 µs instead of 260.
     */
    private static final int NEAR = 40 * 1024 / Float.BYTES;

    /** Multiplications of vectors for a block and a row for which it pays to put the row's sums aside and take them up again. */
    private static final int MANY = 120;

    private final Workers workers;
    private final Memory memory;

    SparseProduct(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** @param w the survivors of a mask of [m, k]. @param x [k, n]. @param g [m, n] */
    void run(Face face, Mask mask, int n, long w, long x, long g) {
        switch (face) {
            case OUTPUT -> {
                Panels panels = Panels.of(mask, Index.ROWS, n, x);
                int[] columns = mask.rows().columns();
                overPanels(panels, (from, to, column, span, sources) ->
                        SparseTile.output(panels.blockStarts, columns, from, to, sources, w, span, g + 4L * column, 4L * n));
            }
            case INPUT -> {
                Panels panels = Panels.of(mask, Index.COLUMNS, n, g);
                Mask.Columns columns = mask.columns();
                overPanels(panels, (from, to, column, span, sources) ->
                        SparseTile.input(panels.blockStarts, columns, from, to, sources, w, span, x + 4L * column, 4L * n));
            }
            case WEIGHT -> weight(mask, Panels.of(mask, Index.ROWS, n, x), w, g);
        }
    }

    /** An index of a mask: each of its rows makes a row of the result from some rows of x, its sources. COLUMNS is the transposed one. */
    private enum Index {
        ROWS, COLUMNS;

        int[] starts(Mask mask) {
            return this == ROWS ? mask.rows().starts() : mask.columns().starts();
        }

        int[] sources(Mask mask) {
            return this == ROWS ? mask.rows().columns() : mask.columns().rows();
        }

        /** Rows of x. */
        int sourceCount(Mask mask) {
            return this == ROWS ? mask.shape().rowSize() : mask.shape().size(0);
        }
    }

    /**
     * Where the survivors of each row start that have their source in each block of sources: those of row r and block b from number
     * {@code r · blocks + b} to the next.
     *
     * @param size sources of a block
     */
    private record Cuts(Index index, int size) implements Mask.Derivation<int[]> {

        @Override
        public int[] of(Mask mask) {
            int[] starts = index.starts(mask);
            int[] sources = index.sources(mask);
            int rows = starts.length - 1;
            int blocks = blockCount(index.sourceCount(mask), size);
            int[] cuts = new int[Math.multiplyExact(rows, blocks) + 1];
            int next = 0;
            for (int row = 0; row < rows; row++) {
                for (int block = 0; block < blocks; block++) {
                    while (next < starts[row + 1] && sources[next] < (block + 1) * size) {
                        next++;
                    }
                    cuts[row * blocks + block + 1] = next;
                }
            }
            return cuts;
        }
    }

    /** Of so many sources in blocks of a size; one if there are none. */
    private static int blockCount(int sources, int size) {
        return Math.max(1, Math.ceilDiv(sources, size));
    }

    /**
     * A block of the rows of x, {@code first … end − 1}: of a panel's columns, or of all where they are used in place.
     *
     * @param number of this block
     * @param count  of blocks
     * @param at     the address of row {@code first}
     * @param row    bytes from a row to the next
     */
    record Sources(int number, int count, int first, int end, long at, long row) {}

    /**
     * How the columns of x [sources, n] are gone through.
     *
     * @param size        sources of a block
     * @param rowStarts   where the survivors of each row of the result start
     * @param blockStarts where those of each row and block start: {@link Cuts}
     * @param inPlace     whether columns are used where they stand: all of them, one or two panels
     * @param width       columns that are gone through at once
     * @param spans       for each such panel
     */
    private record Panels(int sources, int n, long x, int size, int[] rowStarts, int[] blockStarts, boolean inPlace, int width, Span[] spans) {

        static Panels of(Mask mask, Index index, int n, long x) {
            int sources = index.sourceCount(mask);
            int width = n == 2 * WIDTH ? n : WIDTH;
            var spans = new Span[Math.ceilDiv(n, width)];
            Arrays.setAll(spans, i -> Span.of(Math.min(width, n - i * width)));
            int[] rowStarts = index.starts(mask);
            int blocks = blockCount(sources, NEAR / width);
            boolean many = (long) mask.count() * (width / LENGTH) >= (long) MANY * blocks * (rowStarts.length - 1);
            int size = many ? Math.max(1, Math.ceilDiv(sources, blocks)) : SOURCES;
            int[] blockStarts = blockCount(sources, size) == 1 ? rowStarts : mask.derived(new Cuts(index, size));
            return new Panels(sources, n, x, size, rowStarts, blockStarts, n == width, width, spans);
        }

        /** Of a panel to which columns are copied. */
        int floats() {
            return inPlace ? 0 : Math.min(sources, size) * WIDTH;
        }

        /** The blocks of x. @param panel where columns are copied to unless they are used in place */
        Sources[] blocks(long panel) {
            var all = new Sources[blockCount(sources, size)];
            for (int i = 0; i < all.length; i++) {
                int first = i * size;
                int end = Math.min(sources, first + size);
                all[i] = new Sources(i, all.length, first, end, inPlace ? x + 4L * first * n : panel, inPlace ? 4L * n : 4L * WIDTH);
            }
            return all;
        }

        /** Copies columns of x to a block's panel, unless they are used in place. */
        void fill(Sources block, int column) {
            if (!inPlace) {
                Panel.copy(block.end - block.first, 4L * n, x + 4L * ((long) block.first * n + column), Math.min(WIDTH, n - column), VECTORS,
                        block.at);
            }
        }
    }

    /** Work on rows {@code from … to − 1} of the result for the columns of one panel, of some sources. */
    private interface Rows {
        void run(int from, int to, int column, Span span, Sources sources);
    }

    /** Runs a kernel for all rows and all panels, in ranges of equal weight. */
    private void overPanels(Panels panels, Rows kernel) {
        int width = panels.width;
        int count = panels.spans.length;
        long cost = Balance.cost(panels.rowStarts, panels.rowStarts.length - 1);
        int parts = workers.parts(cost * count * (width / LENGTH), GRAIN);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, panels.floats()));
        try {
            long all = scratch.address();
            var blocks = new Sources[parts][];
            Arrays.setAll(blocks, part -> panels.blocks(all + 4L * part * panels.floats()));
            workers.run(parts, (Mergeable) (part, of) -> {
                long last = cost * count * (part + 1) / of;
                for (long at = cost * count * part / of; at < last; ) {
                    int panel = (int) (at / cost);
                    long panelStart = panel * cost;
                    int from = Balance.row(panels.rowStarts, at - panelStart);
                    int to = Balance.row(panels.rowStarts, Math.min(cost, last - panelStart));
                    for (int i = 0; from < to && i < blocks[part].length; i++) {
                        panels.fill(blocks[part][i], panel * width);
                        kernel.run(from, to, panel * width, panels.spans[panel], blocks[part][i]);
                    }
                    at = panelStart + cost;
                }
            });
        } finally {
            memory.release(scratch);
        }
    }

    /** The sampled product: w[r, c] = ⟨g[r, :], x[c, :]⟩ for each survivor, block by block and panel after panel. */
    private void weight(Mask mask, Panels panels, long w, long g) {
        int[] columns = mask.rows().columns();
        int[] starts = panels.rowStarts;
        int rows = starts.length - 1;
        int n = panels.n;
        if (n == 0) {
            workers.run(() -> Vectors.clear(w, starts[rows]));
            return;
        }
        int width = panels.width;
        long cost = Balance.cost(starts, rows);
        int parts = workers.parts(cost * Math.ceilDiv(n, WIDTH) * VECTORS, GRAIN);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, panels.floats()));
        try {
            long all = scratch.address();
            var blocks = new Sources[parts][];
            Arrays.setAll(blocks, part -> panels.blocks(all + 4L * part * panels.floats()));
            workers.run(parts, (Mergeable) (part, count) -> {
                int from = Balance.row(starts, cost * part / count);
                int to = Balance.row(starts, cost * (part + 1) / count);
                for (Sources block : blocks[part]) {
                    for (int panel = 0; panel < panels.spans.length; panel++) {
                        panels.fill(block, panel * width);
                        SampledTile.weight(panels.blockStarts, columns, from, to, block, panel > 0, w, panels.spans[panel],
                                g + 4L * panel * width, 4L * n);
                    }
                }
            });
        } finally {
            memory.release(scratch);
        }
    }
}
