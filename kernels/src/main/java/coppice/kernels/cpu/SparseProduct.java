package coppice.kernels.cpu;

import static coppice.kernels.cpu.Lanes.BYTES;
import static coppice.kernels.cpu.Lanes.LENGTH;
import static coppice.kernels.cpu.Lanes.broadcastAt;
import static coppice.kernels.cpu.Lanes.first;
import static coppice.kernels.cpu.Lanes.load;
import static coppice.kernels.cpu.Lanes.store;
import static coppice.kernels.cpu.Lanes.zero;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import jdk.incubator.vector.FloatVector;

/**
 * The faces of a product with a masked weight, over its survivors only. The batch is cut into panels of four vectors; a row's sums
 * stand in registers while its survivors are walked through, two at a time into separate sums, so that eight are in flight.
 *
 * <p>Threads share the rows so that each gets as many survivors as the next.
 */
final class SparseProduct {

    /** Vectors of a panel. */
    private static final int VECTORS = 4;

    private static final int WIDTH = VECTORS * LENGTH;
    private static final long ROW_BYTES = VECTORS * BYTES;

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
                overPanels(k, n, x, index.starts(), (from, to, column, panel) -> outputRows(index, from, to,
                        w, panel, Math.min(WIDTH, n - column), g + 4L * column, 4L * n));
            }
            case INPUT -> {
                Mask.Columns index = mask.columns();
                overPanels(m, n, g, index.starts(), (from, to, column, panel) -> inputRows(index, from, to,
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
        int panelFloats = rows * WIDTH;
        NativeBuffer scratch = memory.allocate(parts * panelFloats);
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

    /** g[r, :] = Σ w[r, c] · x[c, :] over the survivors of row r. */
    private static void outputRows(Mask.Rows index, int from, int to, long w, long x, int columns, long g, long gRow) {
        int[] starts = index.starts();
        int[] sources = index.columns();
        for (int row = from; row < to; row++) {
            FloatVector a0 = zero();
            FloatVector a1 = zero();
            FloatVector a2 = zero();
            FloatVector a3 = zero();
            FloatVector b0 = zero();
            FloatVector b1 = zero();
            FloatVector b2 = zero();
            FloatVector b3 = zero();
            int last = starts[row + 1];
            int i = starts[row];
            for (; i < last - 1; i += 2) {
                FloatVector u = broadcastAt(w + 4L * i);
                FloatVector v = broadcastAt(w + 4L * i + 4);
                long p = x + sources[i] * ROW_BYTES;
                long q = x + sources[i + 1] * ROW_BYTES;
                a0 = load(p).fma(u, a0);
                a1 = load(p + BYTES).fma(u, a1);
                a2 = load(p + 2 * BYTES).fma(u, a2);
                a3 = load(p + 3 * BYTES).fma(u, a3);
                b0 = load(q).fma(v, b0);
                b1 = load(q + BYTES).fma(v, b1);
                b2 = load(q + 2 * BYTES).fma(v, b2);
                b3 = load(q + 3 * BYTES).fma(v, b3);
            }
            if (i < last) {
                FloatVector u = broadcastAt(w + 4L * i);
                long p = x + sources[i] * ROW_BYTES;
                a0 = load(p).fma(u, a0);
                a1 = load(p + BYTES).fma(u, a1);
                a2 = load(p + 2 * BYTES).fma(u, a2);
                a3 = load(p + 3 * BYTES).fma(u, a3);
            }
            write(g + row * gRow, columns, a0.add(b0), a1.add(b1), a2.add(b2), a3.add(b3));
        }
    }

    /** x[c, :] = Σ w[r, c] · g[r, :] over the survivors of column c: as above, the weights found by the transposed index. */
    private static void inputRows(Mask.Columns index, int from, int to, long w, long g, int columns, long x, long xRow) {
        int[] starts = index.starts();
        int[] sources = index.rows();
        int[] values = index.values();
        for (int row = from; row < to; row++) {
            FloatVector a0 = zero();
            FloatVector a1 = zero();
            FloatVector a2 = zero();
            FloatVector a3 = zero();
            FloatVector b0 = zero();
            FloatVector b1 = zero();
            FloatVector b2 = zero();
            FloatVector b3 = zero();
            int last = starts[row + 1];
            int i = starts[row];
            for (; i < last - 1; i += 2) {
                FloatVector u = broadcastAt(w + 4L * values[i]);
                FloatVector v = broadcastAt(w + 4L * values[i + 1]);
                long p = g + sources[i] * ROW_BYTES;
                long q = g + sources[i + 1] * ROW_BYTES;
                a0 = load(p).fma(u, a0);
                a1 = load(p + BYTES).fma(u, a1);
                a2 = load(p + 2 * BYTES).fma(u, a2);
                a3 = load(p + 3 * BYTES).fma(u, a3);
                b0 = load(q).fma(v, b0);
                b1 = load(q + BYTES).fma(v, b1);
                b2 = load(q + 2 * BYTES).fma(v, b2);
                b3 = load(q + 3 * BYTES).fma(v, b3);
            }
            if (i < last) {
                FloatVector u = broadcastAt(w + 4L * values[i]);
                long p = g + sources[i] * ROW_BYTES;
                a0 = load(p).fma(u, a0);
                a1 = load(p + BYTES).fma(u, a1);
                a2 = load(p + 2 * BYTES).fma(u, a2);
                a3 = load(p + 3 * BYTES).fma(u, a3);
            }
            write(x + row * xRow, columns, a0.add(b0), a1.add(b1), a2.add(b2), a3.add(b3));
        }
    }

    private static void write(long y, int columns, FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
        if (columns == WIDTH) {
            store(y, s0);
            store(y + BYTES, s1);
            store(y + 2 * BYTES, s2);
            store(y + 3 * BYTES, s3);
        } else {
            store(y, s0, first(columns));
            store(y + BYTES, s1, first(columns - LENGTH));
            store(y + 2 * BYTES, s2, first(columns - 2 * LENGTH));
            store(y + 3 * BYTES, s3, first(columns - 3 * LENGTH));
        }
    }

    /** The sampled product: w[r, c] = ⟨g[r, :], x[c, :]⟩ for each survivor, panel after panel. */
    private void weight(Mask.Rows index, int k, int n, long w, long x, long g) {
        int[] starts = index.starts();
        int rows = starts.length - 1;
        if (n == 0) {
            Lanes.clear(w, starts[rows]);
            return;
        }
        int panels = (n - 1) / WIDTH + 1;
        long cost = Balance.cost(starts, rows);
        int parts = workers.parts(cost * panels * VECTORS, GRAIN);
        int panelFloats = k * WIDTH;
        NativeBuffer scratch = memory.allocate(parts * panelFloats);
        try {
            long all = scratch.address();
            workers.run(parts, (part, count) -> {
                long panel = all + 4L * part * panelFloats;
                int from = Balance.row(starts, cost * part / count);
                int to = Balance.row(starts, cost * (part + 1) / count);
                for (int column = 0; column < n; column += WIDTH) {
                    int columns = Math.min(WIDTH, n - column);
                    Panel.copy(k, 4L * n, x + 4L * column, columns, VECTORS, panel);
                    weightRows(index, from, to, column > 0, w, panel, columns, g + 4L * column, 4L * n);
                }
            });
        } finally {
            memory.release(scratch);
        }
    }

    private static void weightRows(Mask.Rows index, int from, int to, boolean add, long w, long x, int columns, long g, long gRow) {
        int[] starts = index.starts();
        int[] sources = index.columns();
        for (int row = from; row < to; row++) {
            FloatVector g0 = load(g + row * gRow, first(columns));
            FloatVector g1 = load(g + row * gRow + BYTES, first(columns - LENGTH));
            FloatVector g2 = load(g + row * gRow + 2 * BYTES, first(columns - 2 * LENGTH));
            FloatVector g3 = load(g + row * gRow + 3 * BYTES, first(columns - 3 * LENGTH));
            int last = starts[row + 1];
            for (int i = starts[row]; i < last; i++) {
                long p = x + sources[i] * ROW_BYTES;
                FloatVector a = load(p).mul(g0);
                FloatVector b = load(p + BYTES).mul(g1);
                a = load(p + 2 * BYTES).fma(g2, a);
                b = load(p + 3 * BYTES).fma(g3, b);
                float product = Lanes.sum(a.add(b));
                Lanes.set(w + 4L * i, add ? Lanes.get(w + 4L * i) + product : product);
            }
        }
    }
}
