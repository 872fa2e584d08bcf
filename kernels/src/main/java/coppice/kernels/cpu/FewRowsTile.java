package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.FLOAT;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Dense products of so few rows that one tile has them all and the other matrix is gone through once: a classifier of ten classes. To copy
 * or transpose that matrix to a panel first, as {@link DenseProduct} does, takes as long as the product: [10, 512] times [512, 128] in 6
 * µs instead of 11, its gradients for x in 6 instead of 9 and for the weight in 8 instead of 14. For vectors of 512 bits, whose machines
 * have 32 registers.
 */
final class FewRowsTile {

    /** Rows of y in a tile: 20 sums, 2 vectors of x and a weight are in registers. */
    static final int ROWS = 10;

    /** Vectors of columns of y in a tile. */
    static final int VECTORS = 2;

    /** Rows of x in a tile of {@link #weight}. */
    static final int DOTS = 8;

    private FewRowsTile() {}

    /**
     * y[r, c] = Σ over s of w[r, s] · x[s, c] for up to ten rows and two vectors of columns. The last row stands in for those that are
     * missing and is written again.
     *
     * @param rows    of y, 1 to 10
     * @param steps   of the sum
     * @param w       the address of w[0, 0]
     * @param wRow    bytes from a row of w to the next
     * @param x       the address of x[0, 0]
     * @param xStep   bytes from a step of x to the next
     * @param columns 1 to 2 · LENGTH
     * @param y       the address of y[0, 0]
     * @param yRow    bytes from a row of y to the next
     */
    static void output(int rows, int steps, long w, long wRow, long x, long xStep, int columns, long y, long yRow) {
        long w0 = w;
        long w1 = w + wRow * Math.min(1, rows - 1);
        long w2 = w + wRow * Math.min(2, rows - 1);
        long w3 = w + wRow * Math.min(3, rows - 1);
        long w4 = w + wRow * Math.min(4, rows - 1);
        long w5 = w + wRow * Math.min(5, rows - 1);
        long w6 = w + wRow * Math.min(6, rows - 1);
        long w7 = w + wRow * Math.min(7, rows - 1);
        long w8 = w + wRow * Math.min(8, rows - 1);
        long w9 = w + wRow * Math.min(9, rows - 1);
        var first = SPECIES.indexInRange(0, columns);
        var second = SPECIES.indexInRange(0, columns - LENGTH);
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
        FloatVector s60 = FloatVector.zero(SPECIES);
        FloatVector s61 = FloatVector.zero(SPECIES);
        FloatVector s70 = FloatVector.zero(SPECIES);
        FloatVector s71 = FloatVector.zero(SPECIES);
        FloatVector s80 = FloatVector.zero(SPECIES);
        FloatVector s81 = FloatVector.zero(SPECIES);
        FloatVector s90 = FloatVector.zero(SPECIES);
        FloatVector s91 = FloatVector.zero(SPECIES);
        for (int step = 0; step < steps; step++) {
            long row = x + step * xStep;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, row & ADDRESSES, ORDER, first);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, row + BYTES & ADDRESSES, ORDER, second);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w0 + 4L * step));
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w1 + 4L * step));
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w2 + 4L * step));
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w3 + 4L * step));
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w4 + 4L * step));
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w5 + 4L * step));
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w6 + 4L * step));
            s60 = x0.fma(u, s60);
            s61 = x1.fma(u, s61);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w7 + 4L * step));
            s70 = x0.fma(u, s70);
            s71 = x1.fma(u, s71);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w8 + 4L * step));
            s80 = x0.fma(u, s80);
            s81 = x1.fma(u, s81);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w9 + 4L * step));
            s90 = x0.fma(u, s90);
            s91 = x1.fma(u, s91);
        }
        long to = y;
        s00.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s01.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 1 ? yRow : 0;
        s10.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s11.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 2 ? yRow : 0;
        s20.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s21.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 3 ? yRow : 0;
        s30.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s31.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 4 ? yRow : 0;
        s40.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s41.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 5 ? yRow : 0;
        s50.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s51.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 6 ? yRow : 0;
        s60.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s61.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 7 ? yRow : 0;
        s70.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s71.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 8 ? yRow : 0;
        s80.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s81.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        to += rows > 9 ? yRow : 0;
        s90.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
        s91.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
    }

    /**
     * x[c, :] = Σ over ten rows r of w[r, c] · g[r, :] for up to two vectors of columns of g, which stay in registers.
     *
     * @param rows    of x
     * @param w       the address of w[0, 0]
     * @param wRow    bytes from a row of w to the next
     * @param g       the address of g[0, 0]
     * @param row     bytes from a row to the next, of g and of x
     * @param columns 1 to 2 · LENGTH
     * @param x       the address of x[0, 0]
     */
    static void input(int rows, long w, long wRow, long g, long row, int columns, long x) {
        var first = SPECIES.indexInRange(0, columns);
        var second = SPECIES.indexInRange(0, columns - LENGTH);
        FloatVector g00 = FloatVector.fromMemorySegment(SPECIES, ALL, g & ADDRESSES, ORDER, first);
        FloatVector g01 = FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES & ADDRESSES, ORDER, second);
        FloatVector g10 = FloatVector.fromMemorySegment(SPECIES, ALL, g + row & ADDRESSES, ORDER, first);
        FloatVector g11 = FloatVector.fromMemorySegment(SPECIES, ALL, g + row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g20 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * row & ADDRESSES, ORDER, first);
        FloatVector g21 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g30 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 3 * row & ADDRESSES, ORDER, first);
        FloatVector g31 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 3 * row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g40 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4 * row & ADDRESSES, ORDER, first);
        FloatVector g41 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4 * row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g50 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 5 * row & ADDRESSES, ORDER, first);
        FloatVector g51 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 5 * row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g60 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 6 * row & ADDRESSES, ORDER, first);
        FloatVector g61 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 6 * row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g70 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 7 * row & ADDRESSES, ORDER, first);
        FloatVector g71 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 7 * row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g80 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 8 * row & ADDRESSES, ORDER, first);
        FloatVector g81 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 8 * row + BYTES & ADDRESSES, ORDER, second);
        FloatVector g90 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 9 * row & ADDRESSES, ORDER, first);
        FloatVector g91 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 9 * row + BYTES & ADDRESSES, ORDER, second);
        for (int i = 0; i < rows; i++) {
            long from = w + 4L * i;
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from));
            FloatVector s0 = g00.mul(u);
            FloatVector s1 = g01.mul(u);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + wRow));
            s0 = g10.fma(u, s0);
            s1 = g11.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 2 * wRow));
            s0 = g20.fma(u, s0);
            s1 = g21.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 3 * wRow));
            s0 = g30.fma(u, s0);
            s1 = g31.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 4 * wRow));
            s0 = g40.fma(u, s0);
            s1 = g41.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 5 * wRow));
            s0 = g50.fma(u, s0);
            s1 = g51.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 6 * wRow));
            s0 = g60.fma(u, s0);
            s1 = g61.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 7 * wRow));
            s0 = g70.fma(u, s0);
            s1 = g71.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 8 * wRow));
            s0 = g80.fma(u, s0);
            s1 = g81.fma(u, s1);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, from + 9 * wRow));
            s0 = g90.fma(u, s0);
            s1 = g91.fma(u, s1);
            long to = x + i * row;
            s0.intoMemorySegment(ALL, to & ADDRESSES, ORDER, first);
            s1.intoMemorySegment(ALL, to + BYTES & ADDRESSES, ORDER, second);
        }
    }

    /**
     * w[r, c] = Σ over s of g[r, s] · x[c, s] for all rows of g, two at a time, and up to eight of x. Where there are fewer, the last stands
     * in for those that are missing. Lanes are steps; the 16 sums of two rows then become the lanes of one vector. The last vector of steps
     * begins so early that it ends with its row, and lanes that were there before are made 0.
     *
     * @param rows    of g
     * @param columns 1 to 8
     * @param steps   of the sum, at least LENGTH
     * @param g       the address of g[0, 0]
     * @param x       the address of x[0, 0]
     * @param stride  bytes from a row to the next, of both
     * @param w       the address of w[0, 0]
     * @param wRow    bytes from a row of w to the next
     */
    static void weight(int rows, int columns, int steps, long g, long x, long stride, long w, long wRow) {
        long x0 = x;
        long x1 = x + stride * Math.min(1, columns - 1);
        long x2 = x + stride * Math.min(2, columns - 1);
        long x3 = x + stride * Math.min(3, columns - 1);
        long x4 = x + stride * Math.min(4, columns - 1);
        long x5 = x + stride * Math.min(5, columns - 1);
        long x6 = x + stride * Math.min(6, columns - 1);
        long x7 = x + stride * Math.min(7, columns - 1);
        int whole = steps / LENGTH * LENGTH;
        var has1 = LaneSums.has(1);
        var has2 = LaneSums.has(2);
        var has4 = LaneSums.has(4);
        var has8 = LaneSums.has(8);
        var other1 = LaneSums.other(1);
        var other2 = LaneSums.other(2);
        var other4 = LaneSums.other(4);
        var other8 = LaneSums.other(8);
        for (int row = 0; row < rows; row += 2) {
            long first = g + row * stride;
            long second = g + Math.min(row + 1, rows - 1) * stride;
            FloatVector s00 = FloatVector.zero(SPECIES);
            FloatVector s01 = FloatVector.zero(SPECIES);
            FloatVector s02 = FloatVector.zero(SPECIES);
            FloatVector s03 = FloatVector.zero(SPECIES);
            FloatVector s04 = FloatVector.zero(SPECIES);
            FloatVector s05 = FloatVector.zero(SPECIES);
            FloatVector s06 = FloatVector.zero(SPECIES);
            FloatVector s07 = FloatVector.zero(SPECIES);
            FloatVector s10 = FloatVector.zero(SPECIES);
            FloatVector s11 = FloatVector.zero(SPECIES);
            FloatVector s12 = FloatVector.zero(SPECIES);
            FloatVector s13 = FloatVector.zero(SPECIES);
            FloatVector s14 = FloatVector.zero(SPECIES);
            FloatVector s15 = FloatVector.zero(SPECIES);
            FloatVector s16 = FloatVector.zero(SPECIES);
            FloatVector s17 = FloatVector.zero(SPECIES);
            for (int step = 0; step < whole; step += LENGTH) {
                long at = 4L * step;
                FloatVector u0 = FloatVector.fromMemorySegment(SPECIES, ALL, first + at, ORDER);
                FloatVector u1 = FloatVector.fromMemorySegment(SPECIES, ALL, second + at, ORDER);
                FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + at, ORDER);
                s00 = v.fma(u0, s00);
                s10 = v.fma(u1, s10);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + at, ORDER);
                s01 = v.fma(u0, s01);
                s11 = v.fma(u1, s11);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + at, ORDER);
                s02 = v.fma(u0, s02);
                s12 = v.fma(u1, s12);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + at, ORDER);
                s03 = v.fma(u0, s03);
                s13 = v.fma(u1, s13);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x4 + at, ORDER);
                s04 = v.fma(u0, s04);
                s14 = v.fma(u1, s14);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x5 + at, ORDER);
                s05 = v.fma(u0, s05);
                s15 = v.fma(u1, s15);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x6 + at, ORDER);
                s06 = v.fma(u0, s06);
                s16 = v.fma(u1, s16);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x7 + at, ORDER);
                s07 = v.fma(u0, s07);
                s17 = v.fma(u1, s17);
            }
            if (whole < steps) {
                long at = 4L * (steps - LENGTH);
                var again = VectorMask.fromLong(SPECIES, 0xFFFFL >>> steps - whole);
                FloatVector zero = FloatVector.zero(SPECIES);
                FloatVector u0 = FloatVector.fromMemorySegment(SPECIES, ALL, first + at, ORDER).blend(zero, again);
                FloatVector u1 = FloatVector.fromMemorySegment(SPECIES, ALL, second + at, ORDER).blend(zero, again);
                FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + at, ORDER).blend(zero, again);
                s00 = v.fma(u0, s00);
                s10 = v.fma(u1, s10);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + at, ORDER).blend(zero, again);
                s01 = v.fma(u0, s01);
                s11 = v.fma(u1, s11);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + at, ORDER).blend(zero, again);
                s02 = v.fma(u0, s02);
                s12 = v.fma(u1, s12);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + at, ORDER).blend(zero, again);
                s03 = v.fma(u0, s03);
                s13 = v.fma(u1, s13);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x4 + at, ORDER).blend(zero, again);
                s04 = v.fma(u0, s04);
                s14 = v.fma(u1, s14);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x5 + at, ORDER).blend(zero, again);
                s05 = v.fma(u0, s05);
                s15 = v.fma(u1, s15);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x6 + at, ORDER).blend(zero, again);
                s06 = v.fma(u0, s06);
                s16 = v.fma(u1, s16);
                v = FloatVector.fromMemorySegment(SPECIES, ALL, x7 + at, ORDER).blend(zero, again);
                s07 = v.fma(u0, s07);
                s17 = v.fma(u1, s17);
            }
            FloatVector a0 = s00.blend(s01, has1).add(s01.blend(s00, has1).rearrange(other1));
            FloatVector a1 = s02.blend(s03, has1).add(s03.blend(s02, has1).rearrange(other1));
            FloatVector a2 = s04.blend(s05, has1).add(s05.blend(s04, has1).rearrange(other1));
            FloatVector a3 = s06.blend(s07, has1).add(s07.blend(s06, has1).rearrange(other1));
            FloatVector a4 = s10.blend(s11, has1).add(s11.blend(s10, has1).rearrange(other1));
            FloatVector a5 = s12.blend(s13, has1).add(s13.blend(s12, has1).rearrange(other1));
            FloatVector a6 = s14.blend(s15, has1).add(s15.blend(s14, has1).rearrange(other1));
            FloatVector a7 = s16.blend(s17, has1).add(s17.blend(s16, has1).rearrange(other1));
            FloatVector b0 = a0.blend(a1, has2).add(a1.blend(a0, has2).rearrange(other2));
            FloatVector b1 = a2.blend(a3, has2).add(a3.blend(a2, has2).rearrange(other2));
            FloatVector b2 = a4.blend(a5, has2).add(a5.blend(a4, has2).rearrange(other2));
            FloatVector b3 = a6.blend(a7, has2).add(a7.blend(a6, has2).rearrange(other2));
            FloatVector c0 = b0.blend(b1, has4).add(b1.blend(b0, has4).rearrange(other4));
            FloatVector c1 = b2.blend(b3, has4).add(b3.blend(b2, has4).rearrange(other4));
            FloatVector sums = c0.blend(c1, has8).add(c1.blend(c0, has8).rearrange(other8));
            long to = w + row * wRow;
            long lanes = (1L << columns) - 1;
            sums.intoMemorySegment(ALL, to & ADDRESSES, ORDER, VectorMask.fromLong(SPECIES, lanes));
            if (row + 1 < rows) {
                sums.intoMemorySegment(ALL, to + wRow - 4L * DOTS & ADDRESSES, ORDER, VectorMask.fromLong(SPECIES, lanes << DOTS));
            }
        }
    }
}
