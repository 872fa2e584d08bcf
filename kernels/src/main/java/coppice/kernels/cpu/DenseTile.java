package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;
import static coppice.kernels.cpu.Vectors.FLOAT;

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
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s03 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s13 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s22 = FloatVector.zero(SPECIES);
        FloatVector s23 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s32 = FloatVector.zero(SPECIES);
        FloatVector s33 = FloatVector.zero(SPECIES);
        FloatVector s40 = FloatVector.zero(SPECIES);
        FloatVector s41 = FloatVector.zero(SPECIES);
        FloatVector s42 = FloatVector.zero(SPECIES);
        FloatVector s43 = FloatVector.zero(SPECIES);
        FloatVector s50 = FloatVector.zero(SPECIES);
        FloatVector s51 = FloatVector.zero(SPECIES);
        FloatVector s52 = FloatVector.zero(SPECIES);
        FloatVector s53 = FloatVector.zero(SPECIES);
        for (int step = 0; step < steps; step++) {
            long at = step * wStep;
            long row = x + (long) step * 4 * BYTES;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 2 * BYTES, ORDER);
            FloatVector x3 = FloatVector.fromMemorySegment(SPECIES, ALL, row + 3 * BYTES, ORDER);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w0 + at));
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            s02 = x2.fma(u, s02);
            s03 = x3.fma(u, s03);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w1 + at));
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            s12 = x2.fma(u, s12);
            s13 = x3.fma(u, s13);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w2 + at));
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            s22 = x2.fma(u, s22);
            s23 = x3.fma(u, s23);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w3 + at));
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            s32 = x2.fma(u, s32);
            s33 = x3.fma(u, s33);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w4 + at));
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            s42 = x2.fma(u, s42);
            s43 = x3.fma(u, s43);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w5 + at));
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
            s52 = x2.fma(u, s52);
            s53 = x3.fma(u, s53);
        }
        var last = SPECIES.indexInRange(0, columns - 3 * LENGTH);
        long to = y;
        s00.intoMemorySegment(ALL, to, ORDER);
        s01.intoMemorySegment(ALL, to + BYTES, ORDER);
        s02.intoMemorySegment(ALL, to + 2 * BYTES, ORDER);
        s03.intoMemorySegment(ALL, to + 3 * BYTES & ADDRESSES, ORDER, last);
        to += rows > 1 ? yRow : 0;
        s10.intoMemorySegment(ALL, to, ORDER);
        s11.intoMemorySegment(ALL, to + BYTES, ORDER);
        s12.intoMemorySegment(ALL, to + 2 * BYTES, ORDER);
        s13.intoMemorySegment(ALL, to + 3 * BYTES & ADDRESSES, ORDER, last);
        to += rows > 2 ? yRow : 0;
        s20.intoMemorySegment(ALL, to, ORDER);
        s21.intoMemorySegment(ALL, to + BYTES, ORDER);
        s22.intoMemorySegment(ALL, to + 2 * BYTES, ORDER);
        s23.intoMemorySegment(ALL, to + 3 * BYTES & ADDRESSES, ORDER, last);
        to += rows > 3 ? yRow : 0;
        s30.intoMemorySegment(ALL, to, ORDER);
        s31.intoMemorySegment(ALL, to + BYTES, ORDER);
        s32.intoMemorySegment(ALL, to + 2 * BYTES, ORDER);
        s33.intoMemorySegment(ALL, to + 3 * BYTES & ADDRESSES, ORDER, last);
        to += rows > 4 ? yRow : 0;
        s40.intoMemorySegment(ALL, to, ORDER);
        s41.intoMemorySegment(ALL, to + BYTES, ORDER);
        s42.intoMemorySegment(ALL, to + 2 * BYTES, ORDER);
        s43.intoMemorySegment(ALL, to + 3 * BYTES & ADDRESSES, ORDER, last);
        to += rows > 5 ? yRow : 0;
        s50.intoMemorySegment(ALL, to, ORDER);
        s51.intoMemorySegment(ALL, to + BYTES, ORDER);
        s52.intoMemorySegment(ALL, to + 2 * BYTES, ORDER);
        s53.intoMemorySegment(ALL, to + 3 * BYTES & ADDRESSES, ORDER, last);
    }

    private static void six2(int steps, long w0, long w1, long w2, long w3, long w4, long w5, long wStep, long x, int columns,
            int rows, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s40 = FloatVector.zero(SPECIES);
        FloatVector s41 = FloatVector.zero(SPECIES);
        FloatVector s50 = FloatVector.zero(SPECIES);
        FloatVector s51 = FloatVector.zero(SPECIES);
        for (int step = 0; step < steps; step++) {
            long at = step * wStep;
            long row = x + (long) step * 2 * BYTES;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES, ORDER);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w0 + at));
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w1 + at));
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w2 + at));
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w3 + at));
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w4 + at));
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w5 + at));
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
        }
        var last = SPECIES.indexInRange(0, columns - LENGTH);
        long to = y;
        s00.intoMemorySegment(ALL, to, ORDER);
        s01.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, last);
        to += rows > 1 ? yRow : 0;
        s10.intoMemorySegment(ALL, to, ORDER);
        s11.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, last);
        to += rows > 2 ? yRow : 0;
        s20.intoMemorySegment(ALL, to, ORDER);
        s21.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, last);
        to += rows > 3 ? yRow : 0;
        s30.intoMemorySegment(ALL, to, ORDER);
        s31.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, last);
        to += rows > 4 ? yRow : 0;
        s40.intoMemorySegment(ALL, to, ORDER);
        s41.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, last);
        to += rows > 5 ? yRow : 0;
        s50.intoMemorySegment(ALL, to, ORDER);
        s51.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, last);
    }

    private static void six1(int steps, long w0, long w1, long w2, long w3, long w4, long w5, long wStep, long x, int columns,
            int rows, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s40 = FloatVector.zero(SPECIES);
        FloatVector s50 = FloatVector.zero(SPECIES);
        for (int step = 0; step < steps; step++) {
            long at = step * wStep;
            long row = x + (long) step * BYTES;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, row, ORDER);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w0 + at));
            s00 = x0.fma(u, s00);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w1 + at));
            s10 = x0.fma(u, s10);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w2 + at));
            s20 = x0.fma(u, s20);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w3 + at));
            s30 = x0.fma(u, s30);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w4 + at));
            s40 = x0.fma(u, s40);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w5 + at));
            s50 = x0.fma(u, s50);
        }
        var last = SPECIES.indexInRange(0, columns);
        long to = y;
        s00.intoMemorySegment(ALL, to & ADDRESSES, ORDER, last);
        to += rows > 1 ? yRow : 0;
        s10.intoMemorySegment(ALL, to & ADDRESSES, ORDER, last);
        to += rows > 2 ? yRow : 0;
        s20.intoMemorySegment(ALL, to & ADDRESSES, ORDER, last);
        to += rows > 3 ? yRow : 0;
        s30.intoMemorySegment(ALL, to & ADDRESSES, ORDER, last);
        to += rows > 4 ? yRow : 0;
        s40.intoMemorySegment(ALL, to & ADDRESSES, ORDER, last);
        to += rows > 5 ? yRow : 0;
        s50.intoMemorySegment(ALL, to & ADDRESSES, ORDER, last);
    }
}
