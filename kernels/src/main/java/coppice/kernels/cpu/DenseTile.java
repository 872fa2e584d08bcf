package coppice.kernels.cpu;

import static coppice.kernels.cpu.Lanes.BYTES;
import static coppice.kernels.cpu.Lanes.LENGTH;
import static coppice.kernels.cpu.Lanes.broadcastAt;
import static coppice.kernels.cpu.Lanes.first;
import static coppice.kernels.cpu.Lanes.load;
import static coppice.kernels.cpu.Lanes.store;
import static coppice.kernels.cpu.Lanes.zero;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost dense product: y[r, :] = Σ over s of w[r, s] · x[s, :] for six rows and a few vectors of columns, all sums in
 * registers. 6 × 4 is 24 sums, 4 vectors of x and a weight in the 32 registers of a machine with 512-bit vectors; 6 × 2 is 15 in the
 * 16 of the others. Fewer than six rows: the last row stands in for those that are missing and is written again.
 */
final class DenseTile {

    static final int ROWS = 6;

    /** The vectors of a whole tile. */
    static final int VECTORS = LENGTH == 16 ? 4 : 2;

    private DenseTile() {}

    /** The vectors of the next tile: {@link #VECTORS}, or what fits the columns that are left. */
    static int vectors(int columnsLeft) {
        int left = (columnsLeft - 1) / LENGTH + 1;
        return left >= VECTORS ? VECTORS : left >= 2 ? 2 : 1;
    }

    /**
     * @param rows    of the tile, 1 to 6
     * @param steps   of the sum
     * @param w       the address of w[0, 0]
     * @param wRow    bytes from a row of w to the next
     * @param wStep   bytes from a step of w to the next
     * @param x       a panel [steps][vectors · LENGTH]
     * @param vectors 1, 2 or 4
     * @param columns to write: more than fill all but the last vector
     * @param y       the address of y[0, 0]
     * @param yRow    bytes from a row of y to the next
     */
    static void run(int rows, int steps, long w, long wRow, long wStep, long x, int vectors, int columns, long y, long yRow) {
        long w1 = wRow * Math.min(1, rows - 1);
        long w2 = wRow * Math.min(2, rows - 1);
        long w3 = wRow * Math.min(3, rows - 1);
        long w4 = wRow * Math.min(4, rows - 1);
        long w5 = wRow * (rows - 1);
        switch (vectors) {
            case 4 -> six4(steps, w, w + w1, w + w2, w + w3, w + w4, w + w5, wStep, x, columns, rows, y, yRow);
            case 2 -> six2(steps, w, w + w1, w + w2, w + w3, w + w4, w + w5, wStep, x, columns, rows, y, yRow);
            default -> six1(steps, w, w + w1, w + w2, w + w3, w + w4, w + w5, wStep, x, columns, rows, y, yRow);
        }
    }

    private static void six4(int steps, long w0, long w1, long w2, long w3, long w4, long w5, long wStep, long x, int columns,
            int rows, long y, long yRow) {
        FloatVector s00 = zero();
        FloatVector s01 = zero();
        FloatVector s02 = zero();
        FloatVector s03 = zero();
        FloatVector s10 = zero();
        FloatVector s11 = zero();
        FloatVector s12 = zero();
        FloatVector s13 = zero();
        FloatVector s20 = zero();
        FloatVector s21 = zero();
        FloatVector s22 = zero();
        FloatVector s23 = zero();
        FloatVector s30 = zero();
        FloatVector s31 = zero();
        FloatVector s32 = zero();
        FloatVector s33 = zero();
        FloatVector s40 = zero();
        FloatVector s41 = zero();
        FloatVector s42 = zero();
        FloatVector s43 = zero();
        FloatVector s50 = zero();
        FloatVector s51 = zero();
        FloatVector s52 = zero();
        FloatVector s53 = zero();
        for (int step = 0; step < steps; step++) {
            long at = step * wStep;
            FloatVector x0 = load(x + (long) step * 4 * BYTES);
            FloatVector x1 = load(x + (long) step * 4 * BYTES + BYTES);
            FloatVector x2 = load(x + (long) step * 4 * BYTES + 2 * BYTES);
            FloatVector x3 = load(x + (long) step * 4 * BYTES + 3 * BYTES);
            FloatVector u = broadcastAt(w0 + at);
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            s02 = x2.fma(u, s02);
            s03 = x3.fma(u, s03);
            u = broadcastAt(w1 + at);
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            s12 = x2.fma(u, s12);
            s13 = x3.fma(u, s13);
            u = broadcastAt(w2 + at);
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            s22 = x2.fma(u, s22);
            s23 = x3.fma(u, s23);
            u = broadcastAt(w3 + at);
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            s32 = x2.fma(u, s32);
            s33 = x3.fma(u, s33);
            u = broadcastAt(w4 + at);
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            s42 = x2.fma(u, s42);
            s43 = x3.fma(u, s43);
            u = broadcastAt(w5 + at);
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
            s52 = x2.fma(u, s52);
            s53 = x3.fma(u, s53);
        }
        write4(y, columns, s00, s01, s02, s03);
        write4(y + yRow * Math.min(1, rows - 1), columns, s10, s11, s12, s13);
        write4(y + yRow * Math.min(2, rows - 1), columns, s20, s21, s22, s23);
        write4(y + yRow * Math.min(3, rows - 1), columns, s30, s31, s32, s33);
        write4(y + yRow * Math.min(4, rows - 1), columns, s40, s41, s42, s43);
        write4(y + yRow * Math.min(5, rows - 1), columns, s50, s51, s52, s53);
    }

    private static void six2(int steps, long w0, long w1, long w2, long w3, long w4, long w5, long wStep, long x, int columns,
            int rows, long y, long yRow) {
        FloatVector s00 = zero();
        FloatVector s01 = zero();
        FloatVector s10 = zero();
        FloatVector s11 = zero();
        FloatVector s20 = zero();
        FloatVector s21 = zero();
        FloatVector s30 = zero();
        FloatVector s31 = zero();
        FloatVector s40 = zero();
        FloatVector s41 = zero();
        FloatVector s50 = zero();
        FloatVector s51 = zero();
        for (int step = 0; step < steps; step++) {
            long at = step * wStep;
            FloatVector x0 = load(x + (long) step * 2 * BYTES);
            FloatVector x1 = load(x + (long) step * 2 * BYTES + BYTES);
            FloatVector u = broadcastAt(w0 + at);
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            u = broadcastAt(w1 + at);
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            u = broadcastAt(w2 + at);
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            u = broadcastAt(w3 + at);
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            u = broadcastAt(w4 + at);
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            u = broadcastAt(w5 + at);
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
        }
        write2(y, columns, s00, s01);
        write2(y + yRow * Math.min(1, rows - 1), columns, s10, s11);
        write2(y + yRow * Math.min(2, rows - 1), columns, s20, s21);
        write2(y + yRow * Math.min(3, rows - 1), columns, s30, s31);
        write2(y + yRow * Math.min(4, rows - 1), columns, s40, s41);
        write2(y + yRow * Math.min(5, rows - 1), columns, s50, s51);
    }

    private static void six1(int steps, long w0, long w1, long w2, long w3, long w4, long w5, long wStep, long x, int columns,
            int rows, long y, long yRow) {
        FloatVector s00 = zero();
        FloatVector s10 = zero();
        FloatVector s20 = zero();
        FloatVector s30 = zero();
        FloatVector s40 = zero();
        FloatVector s50 = zero();
        for (int step = 0; step < steps; step++) {
            long at = step * wStep;
            FloatVector x0 = load(x + (long) step * BYTES);
            FloatVector u = broadcastAt(w0 + at);
            s00 = x0.fma(u, s00);
            u = broadcastAt(w1 + at);
            s10 = x0.fma(u, s10);
            u = broadcastAt(w2 + at);
            s20 = x0.fma(u, s20);
            u = broadcastAt(w3 + at);
            s30 = x0.fma(u, s30);
            u = broadcastAt(w4 + at);
            s40 = x0.fma(u, s40);
            u = broadcastAt(w5 + at);
            s50 = x0.fma(u, s50);
        }
        write1(y, columns, s00);
        write1(y + yRow * Math.min(1, rows - 1), columns, s10);
        write1(y + yRow * Math.min(2, rows - 1), columns, s20);
        write1(y + yRow * Math.min(3, rows - 1), columns, s30);
        write1(y + yRow * Math.min(4, rows - 1), columns, s40);
        write1(y + yRow * Math.min(5, rows - 1), columns, s50);
    }

    private static void write4(long y, int columns, FloatVector s0, FloatVector s1, FloatVector s2, FloatVector s3) {
        store(y, s0);
        store(y + BYTES, s1);
        store(y + 2 * BYTES, s2);
        store(y + 3 * BYTES, s3, first(columns - 3 * LENGTH));
    }

    private static void write2(long y, int columns, FloatVector s0, FloatVector s1) {
        store(y, s0);
        store(y + BYTES, s1, first(columns - LENGTH));
    }

    private static void write1(long y, int columns, FloatVector s0) {
        store(y, s0, first(columns));
    }
}
