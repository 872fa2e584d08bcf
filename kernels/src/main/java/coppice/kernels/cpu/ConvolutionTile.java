package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.FLOAT;
import static coppice.kernels.cpu.Vectors.INT;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost dense convolution, over a panel of a {@link Sweep}: six channels of the result for a group of four pixels and a vector
 * of images, all 24 sums in registers; and for the weight's gradient 4 × 6 weights at once, over some pixels. Where vectors are
 * narrower there are 16 registers, and a tile is half as large.
 */
final class ConvolutionTile {

    /** Channels of the result in a tile. */
    static final int ROWS = 6;

    /** Channels of g in a tile of weights. */
    static final int WEIGHT_ROWS = LENGTH == 16 ? 4 : 2;

    /** Looks in a tile of weights. */
    static final int WEIGHT_LOOKS = LENGTH == 16 ? 6 : 4;

    private ConvolutionTile() {}

    /**
     * sums[row][pixel] = Σ over steps of weight[step][row] · panel[place + look[step] + pixel], each a vector.
     *
     * @param looks   an int for each step: bytes from the place
     * @param place   the address of the group in the panel
     * @param weights [steps][6]
     * @param sums    [6][4] vectors, written
     */
    static void output(int steps, long looks, long place, long weights, long sums) {
        if (LENGTH == 16) {
            six4(steps, looks, place, weights, sums);
        } else {
            six2(steps, looks, place, weights, sums);
            six2(steps, looks, place + 2 * BYTES, weights, sums + 2 * BYTES);
        }
    }

    private static void six4(int steps, long looks, long place, long weights, long sums) {
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
            long at = place + ALL.get(INT, looks + 4L * step);
            long w = weights + 4L * ROWS * step;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES, ORDER);
            FloatVector x3 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES, ORDER);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w));
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            s02 = x2.fma(u, s02);
            s03 = x3.fma(u, s03);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4));
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            s12 = x2.fma(u, s12);
            s13 = x3.fma(u, s13);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 8));
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            s22 = x2.fma(u, s22);
            s23 = x3.fma(u, s23);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 12));
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            s32 = x2.fma(u, s32);
            s33 = x3.fma(u, s33);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 16));
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            s42 = x2.fma(u, s42);
            s43 = x3.fma(u, s43);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 20));
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
            s52 = x2.fma(u, s52);
            s53 = x3.fma(u, s53);
        }
        s00.intoMemorySegment(ALL, sums, ORDER);
        s01.intoMemorySegment(ALL, sums + BYTES, ORDER);
        s02.intoMemorySegment(ALL, sums + 2 * BYTES, ORDER);
        s03.intoMemorySegment(ALL, sums + 3 * BYTES, ORDER);
        s10.intoMemorySegment(ALL, sums + 4 * BYTES, ORDER);
        s11.intoMemorySegment(ALL, sums + 5 * BYTES, ORDER);
        s12.intoMemorySegment(ALL, sums + 6 * BYTES, ORDER);
        s13.intoMemorySegment(ALL, sums + 7 * BYTES, ORDER);
        s20.intoMemorySegment(ALL, sums + 8 * BYTES, ORDER);
        s21.intoMemorySegment(ALL, sums + 9 * BYTES, ORDER);
        s22.intoMemorySegment(ALL, sums + 10 * BYTES, ORDER);
        s23.intoMemorySegment(ALL, sums + 11 * BYTES, ORDER);
        s30.intoMemorySegment(ALL, sums + 12 * BYTES, ORDER);
        s31.intoMemorySegment(ALL, sums + 13 * BYTES, ORDER);
        s32.intoMemorySegment(ALL, sums + 14 * BYTES, ORDER);
        s33.intoMemorySegment(ALL, sums + 15 * BYTES, ORDER);
        s40.intoMemorySegment(ALL, sums + 16 * BYTES, ORDER);
        s41.intoMemorySegment(ALL, sums + 17 * BYTES, ORDER);
        s42.intoMemorySegment(ALL, sums + 18 * BYTES, ORDER);
        s43.intoMemorySegment(ALL, sums + 19 * BYTES, ORDER);
        s50.intoMemorySegment(ALL, sums + 20 * BYTES, ORDER);
        s51.intoMemorySegment(ALL, sums + 21 * BYTES, ORDER);
        s52.intoMemorySegment(ALL, sums + 22 * BYTES, ORDER);
        s53.intoMemorySegment(ALL, sums + 23 * BYTES, ORDER);
    }

    private static void six2(int steps, long looks, long place, long weights, long sums) {
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
            long at = place + ALL.get(INT, looks + 4L * step);
            long w = weights + 4L * ROWS * step;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w));
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4));
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 8));
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 12));
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 16));
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 20));
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
        }
        s00.intoMemorySegment(ALL, sums, ORDER);
        s01.intoMemorySegment(ALL, sums + BYTES, ORDER);
        s10.intoMemorySegment(ALL, sums + 4 * BYTES, ORDER);
        s11.intoMemorySegment(ALL, sums + 5 * BYTES, ORDER);
        s20.intoMemorySegment(ALL, sums + 8 * BYTES, ORDER);
        s21.intoMemorySegment(ALL, sums + 9 * BYTES, ORDER);
        s30.intoMemorySegment(ALL, sums + 12 * BYTES, ORDER);
        s31.intoMemorySegment(ALL, sums + 13 * BYTES, ORDER);
        s40.intoMemorySegment(ALL, sums + 16 * BYTES, ORDER);
        s41.intoMemorySegment(ALL, sums + 17 * BYTES, ORDER);
        s50.intoMemorySegment(ALL, sums + 20 * BYTES, ORDER);
        s51.intoMemorySegment(ALL, sums + 21 * BYTES, ORDER);
    }

    /**
     * sums[row][look] += Σ over pixels of g[row][pixel] · panel[place[pixel] + look], each a vector.
     *
     * @param places an int for each pixel: bytes from the start of the panel
     * @param g      the address of the first pixel of the first row
     * @param gRow   bytes from a row of g to the next
     * @param rows   that exist; the last stands in for the others
     * @param looks  ints: bytes from the place
     * @param count  looks that exist; the last stands in for the others
     * @param sums   [WEIGHT_ROWS][WEIGHT_LOOKS] vectors
     */
    static void weight(int pixels, long places, long g, long gRow, int rows, long panel, long looks, int count, long sums) {
        if (LENGTH == 16) {
            by4x6(pixels, places, g, g + Math.min(1, rows - 1) * gRow, g + Math.min(2, rows - 1) * gRow, g + Math.min(3, rows - 1) * gRow,
                    panel + look(looks, 0, count), panel + look(looks, 1, count), panel + look(looks, 2, count),
                    panel + look(looks, 3, count), panel + look(looks, 4, count), panel + look(looks, 5, count), sums);
        } else {
            by2x4(pixels, places, g, g + Math.min(1, rows - 1) * gRow, panel + look(looks, 0, count), panel + look(looks, 1, count),
                    panel + look(looks, 2, count), panel + look(looks, 3, count), sums);
        }
    }

    private static long look(long looks, int i, int count) {
        return ALL.get(INT, looks + 4L * Math.min(i, count - 1));
    }

    private static void by4x6(int pixels, long places, long g0, long g1, long g2, long g3,
            long x0, long x1, long x2, long x3, long x4, long x5, long sums) {
        FloatVector s00 = FloatVector.fromMemorySegment(SPECIES, ALL, sums, ORDER);
        FloatVector s01 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 1 * BYTES, ORDER);
        FloatVector s02 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 2 * BYTES, ORDER);
        FloatVector s03 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 3 * BYTES, ORDER);
        FloatVector s04 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 4 * BYTES, ORDER);
        FloatVector s05 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 5 * BYTES, ORDER);
        FloatVector s10 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 6 * BYTES, ORDER);
        FloatVector s11 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 7 * BYTES, ORDER);
        FloatVector s12 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 8 * BYTES, ORDER);
        FloatVector s13 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 9 * BYTES, ORDER);
        FloatVector s14 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 10 * BYTES, ORDER);
        FloatVector s15 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 11 * BYTES, ORDER);
        FloatVector s20 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 12 * BYTES, ORDER);
        FloatVector s21 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 13 * BYTES, ORDER);
        FloatVector s22 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 14 * BYTES, ORDER);
        FloatVector s23 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 15 * BYTES, ORDER);
        FloatVector s24 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 16 * BYTES, ORDER);
        FloatVector s25 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 17 * BYTES, ORDER);
        FloatVector s30 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 18 * BYTES, ORDER);
        FloatVector s31 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 19 * BYTES, ORDER);
        FloatVector s32 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 20 * BYTES, ORDER);
        FloatVector s33 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 21 * BYTES, ORDER);
        FloatVector s34 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 22 * BYTES, ORDER);
        FloatVector s35 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 23 * BYTES, ORDER);
        for (int pixel = 0; pixel < pixels; pixel++) {
            long at = (long) pixel * BYTES;
            long place = ALL.get(INT, places + 4L * pixel);
            FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, ALL, g0 + at, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(SPECIES, ALL, g1 + at, ORDER);
            FloatVector v2 = FloatVector.fromMemorySegment(SPECIES, ALL, g2 + at, ORDER);
            FloatVector v3 = FloatVector.fromMemorySegment(SPECIES, ALL, g3 + at, ORDER);
            FloatVector u = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + place, ORDER);
            s00 = u.fma(v0, s00);
            s10 = u.fma(v1, s10);
            s20 = u.fma(v2, s20);
            s30 = u.fma(v3, s30);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + place, ORDER);
            s01 = u.fma(v0, s01);
            s11 = u.fma(v1, s11);
            s21 = u.fma(v2, s21);
            s31 = u.fma(v3, s31);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + place, ORDER);
            s02 = u.fma(v0, s02);
            s12 = u.fma(v1, s12);
            s22 = u.fma(v2, s22);
            s32 = u.fma(v3, s32);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + place, ORDER);
            s03 = u.fma(v0, s03);
            s13 = u.fma(v1, s13);
            s23 = u.fma(v2, s23);
            s33 = u.fma(v3, s33);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x4 + place, ORDER);
            s04 = u.fma(v0, s04);
            s14 = u.fma(v1, s14);
            s24 = u.fma(v2, s24);
            s34 = u.fma(v3, s34);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x5 + place, ORDER);
            s05 = u.fma(v0, s05);
            s15 = u.fma(v1, s15);
            s25 = u.fma(v2, s25);
            s35 = u.fma(v3, s35);
        }
        s00.intoMemorySegment(ALL, sums, ORDER);
        s01.intoMemorySegment(ALL, sums + 1 * BYTES, ORDER);
        s02.intoMemorySegment(ALL, sums + 2 * BYTES, ORDER);
        s03.intoMemorySegment(ALL, sums + 3 * BYTES, ORDER);
        s04.intoMemorySegment(ALL, sums + 4 * BYTES, ORDER);
        s05.intoMemorySegment(ALL, sums + 5 * BYTES, ORDER);
        s10.intoMemorySegment(ALL, sums + 6 * BYTES, ORDER);
        s11.intoMemorySegment(ALL, sums + 7 * BYTES, ORDER);
        s12.intoMemorySegment(ALL, sums + 8 * BYTES, ORDER);
        s13.intoMemorySegment(ALL, sums + 9 * BYTES, ORDER);
        s14.intoMemorySegment(ALL, sums + 10 * BYTES, ORDER);
        s15.intoMemorySegment(ALL, sums + 11 * BYTES, ORDER);
        s20.intoMemorySegment(ALL, sums + 12 * BYTES, ORDER);
        s21.intoMemorySegment(ALL, sums + 13 * BYTES, ORDER);
        s22.intoMemorySegment(ALL, sums + 14 * BYTES, ORDER);
        s23.intoMemorySegment(ALL, sums + 15 * BYTES, ORDER);
        s24.intoMemorySegment(ALL, sums + 16 * BYTES, ORDER);
        s25.intoMemorySegment(ALL, sums + 17 * BYTES, ORDER);
        s30.intoMemorySegment(ALL, sums + 18 * BYTES, ORDER);
        s31.intoMemorySegment(ALL, sums + 19 * BYTES, ORDER);
        s32.intoMemorySegment(ALL, sums + 20 * BYTES, ORDER);
        s33.intoMemorySegment(ALL, sums + 21 * BYTES, ORDER);
        s34.intoMemorySegment(ALL, sums + 22 * BYTES, ORDER);
        s35.intoMemorySegment(ALL, sums + 23 * BYTES, ORDER);
    }

    private static void by2x4(int pixels, long places, long g0, long g1, long x0, long x1, long x2, long x3, long sums) {
        FloatVector s00 = FloatVector.fromMemorySegment(SPECIES, ALL, sums, ORDER);
        FloatVector s01 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 1 * BYTES, ORDER);
        FloatVector s02 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 2 * BYTES, ORDER);
        FloatVector s03 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 3 * BYTES, ORDER);
        FloatVector s10 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 4 * BYTES, ORDER);
        FloatVector s11 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 5 * BYTES, ORDER);
        FloatVector s12 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 6 * BYTES, ORDER);
        FloatVector s13 = FloatVector.fromMemorySegment(SPECIES, ALL, sums + 7 * BYTES, ORDER);
        for (int pixel = 0; pixel < pixels; pixel++) {
            long at = (long) pixel * BYTES;
            long place = ALL.get(INT, places + 4L * pixel);
            FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, ALL, g0 + at, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(SPECIES, ALL, g1 + at, ORDER);
            FloatVector u = FloatVector.fromMemorySegment(SPECIES, ALL, x0 + place, ORDER);
            s00 = u.fma(v0, s00);
            s10 = u.fma(v1, s10);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x1 + place, ORDER);
            s01 = u.fma(v0, s01);
            s11 = u.fma(v1, s11);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x2 + place, ORDER);
            s02 = u.fma(v0, s02);
            s12 = u.fma(v1, s12);
            u = FloatVector.fromMemorySegment(SPECIES, ALL, x3 + place, ORDER);
            s03 = u.fma(v0, s03);
            s13 = u.fma(v1, s13);
        }
        s00.intoMemorySegment(ALL, sums, ORDER);
        s01.intoMemorySegment(ALL, sums + 1 * BYTES, ORDER);
        s02.intoMemorySegment(ALL, sums + 2 * BYTES, ORDER);
        s03.intoMemorySegment(ALL, sums + 3 * BYTES, ORDER);
        s10.intoMemorySegment(ALL, sums + 4 * BYTES, ORDER);
        s11.intoMemorySegment(ALL, sums + 5 * BYTES, ORDER);
        s12.intoMemorySegment(ALL, sums + 6 * BYTES, ORDER);
        s13.intoMemorySegment(ALL, sums + 7 * BYTES, ORDER);
    }
}
