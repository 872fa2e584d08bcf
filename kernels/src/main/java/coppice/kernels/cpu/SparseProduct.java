package coppice.kernels.cpu;

import static coppice.kernels.cpu.SparseTile.VECTORS;
import static coppice.kernels.cpu.SparseTile.WIDTH;

import coppice.engine.Mask;
import coppice.engine.Product.Face;

/**
 * The faces of a product with a masked weight, over its survivors only. The batch is cut into panels of four vectors; a row's sums
 * stand in registers while its survivors are walked through, two at a time into separate sums, so that eight are in flight.
 *
 * <p>Threads share the rows so that each gets as many survivors as the next.
 */
final class SparseProduct {

    /** Multiplications of vectors below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 4096;

    private final Workers workers;
    private final Memory memory;

    SparseProduct(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** @param w the survivors of a mask of [m, k]. @param x [k, n]. @param g [m, n] */
    void run(Face face, Mask mask, int n, long w, long x, long g) {
        int m = mask.shape().size(0);
        int k = mask.shape().size(1);
        switch (face) {
            case OUTPUT -> {
                Mask.Rows index = mask.rows();
                overPanels(k, n, x, index.starts(), (from, to, column, panel) -> SparseTile.output(index, from, to,
                        w, panel, Math.min(WIDTH, n - column), g + 4L * column, 4L * n));
            }
            case INPUT -> {
                Mask.Columns index = mask.columns();
                overPanels(m, n, g, index.starts(), (from, to, column, panel) -> SparseTile.input(index, from, to,
                        w, panel, Math.min(WIDTH, n - column), x + 4L * column, 4L * n));
            }
            case WEIGHT -> weight(mask.rows(), k, n, w, x, g);
        }
    }

    /** Work on rows {@code from … to − 1} of the result for the columns of one panel. */
    private interface Rows {
        void run(int from, int to, int column, long panel);
    }

    /** Runs a kernel for all rows and all panels of x [rows, n], in ranges of equal weight. */
    private void overPanels(int rows, int n, long x, int[] starts, Rows kernel) {
        int panels = (n + WIDTH - 1) / WIDTH;
        long cost = Balance.cost(starts, starts.length - 1);
        int parts = workers.parts(cost * panels * VECTORS, GRAIN);
        int panelFloats = Math.multiplyExact(rows, WIDTH);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, panelFloats));
        try {
            long all = scratch.address();
            workers.run(parts, (part, count) -> {
                long panel = all + 4L * part * panelFloats;
                long last = cost * panels * (part + 1) / count;
                for (long at = cost * panels * part / count; at < last; ) {
                    long panelStart = at / cost * cost;
                    int from = Balance.row(starts, at - panelStart);
                    int to = Balance.row(starts, Math.min(cost, last - panelStart));
                    int column = (int) (at / cost) * WIDTH;
                    if (from < to) {
                        Panel.copy(rows, 4L * n, x + 4L * column, Math.min(WIDTH, n - column), VECTORS, panel);
                        kernel.run(from, to, column, panel);
                    }
                    at = panelStart + cost;
                }
            });
        } finally {
            memory.release(scratch);
        }
    }

    /** The sampled product: w[r, c] = ⟨g[r, :], x[c, :]⟩ for each survivor, panel after panel. */
    private void weight(Mask.Rows index, int k, int n, long w, long x, long g) {
        int[] starts = index.starts();
        int rows = starts.length - 1;
        if (n == 0) {
            Vectors.clear(w, starts[rows]);
            return;
        }
        int panels = (n - 1) / WIDTH + 1;
        long cost = Balance.cost(starts, rows);
        int parts = workers.parts(cost * panels * VECTORS, GRAIN);
        int panelFloats = Math.multiplyExact(k, WIDTH);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, panelFloats));
        try {
            long all = scratch.address();
            workers.run(parts, (part, count) -> {
                long panel = all + 4L * part * panelFloats;
                int from = Balance.row(starts, cost * part / count);
                int to = Balance.row(starts, cost * (part + 1) / count);
                for (int column = 0; column < n; column += WIDTH) {
                    int columns = Math.min(WIDTH, n - column);
                    Panel.copy(k, 4L * n, x + 4L * column, columns, VECTORS, panel);
                    SparseTile.weight(index, from, to, column > 0, w, panel, columns, g + 4L * column, 4L * n);
                }
            });
        } finally {
            memory.release(scratch);
        }
    }
}
