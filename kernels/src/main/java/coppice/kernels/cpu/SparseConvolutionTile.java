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
 * The innermost sparse convolution, over a panel of a {@link Sweep}: one channel of the result for four groups of four pixels and a
 * vector of images, 16 sums in registers while the channel's survivors are walked through; and for the weight's gradient four
 * survivors at once, over all pixels of a band.
 */
final class SparseConvolutionTile {

    /** Groups in a tile of the result. */
    static final int GROUPS = 4;

    /** Survivors in a tile of weights. */
    static final int SURVIVORS = 4;

    private SparseConvolutionTile() {}

    /**
     * result[group][pixel] = Σ over survivors of weight · panel[place of group + look + pixel], each a vector.
     *
     * @param looks   an int for each survivor: bytes from a place
     * @param weights a float for each survivor
     * @param p0      the addresses of four groups in the panel
     * @param partial sums for each pixel of the four groups, one after the other, to which these are added; 0 for none
     * @param t0      where their first pixels are written
     * @param pixel   bytes from there to the next pixel of a group
     */
    static void output(int survivors, long looks, long weights, long p0, long p1, long p2, long p3, long partial, long t0, long t1, long t2,
            long t3, long pixel) {
        if (LENGTH == 16) {
            groups4(survivors, looks, weights, p0, p1, p2, p3, partial, t0, t1, t2, t3, pixel);
        } else {
            groups2(survivors, looks, weights, p0, p1, partial, t0, t1, pixel);
            groups2(survivors, looks, weights, p2, p3, partial == 0 ? 0 : partial + 8 * BYTES, t2, t3, pixel);
        }
    }

    private static void groups4(int survivors, long looks, long weights, long p0, long p1, long p2, long p3, long partial, long t0,
            long t1, long t2, long t3, long pixel) {
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
        for (int i = 0; i < survivors; i++) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, weights + 4L * i));
            long look = ALL.get(INT, looks + 4L * i);
            s00 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look, ORDER), s00);
            s01 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look + BYTES, ORDER), s01);
            s02 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look + 2 * BYTES, ORDER), s02);
            s03 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look + 3 * BYTES, ORDER), s03);
            s10 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look, ORDER), s10);
            s11 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look + BYTES, ORDER), s11);
            s12 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look + 2 * BYTES, ORDER), s12);
            s13 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look + 3 * BYTES, ORDER), s13);
            s20 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p2 + look, ORDER), s20);
            s21 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p2 + look + BYTES, ORDER), s21);
            s22 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p2 + look + 2 * BYTES, ORDER), s22);
            s23 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p2 + look + 3 * BYTES, ORDER), s23);
            s30 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p3 + look, ORDER), s30);
            s31 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p3 + look + BYTES, ORDER), s31);
            s32 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p3 + look + 2 * BYTES, ORDER), s32);
            s33 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p3 + look + 3 * BYTES, ORDER), s33);
        }
        if (partial != 0) {
            s00 = s00.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial, ORDER));
            s01 = s01.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + BYTES, ORDER));
            s02 = s02.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 2 * BYTES, ORDER));
            s03 = s03.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 3 * BYTES, ORDER));
            s10 = s10.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 4 * BYTES, ORDER));
            s11 = s11.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 5 * BYTES, ORDER));
            s12 = s12.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 6 * BYTES, ORDER));
            s13 = s13.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 7 * BYTES, ORDER));
            s20 = s20.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 8 * BYTES, ORDER));
            s21 = s21.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 9 * BYTES, ORDER));
            s22 = s22.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 10 * BYTES, ORDER));
            s23 = s23.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 11 * BYTES, ORDER));
            s30 = s30.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 12 * BYTES, ORDER));
            s31 = s31.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 13 * BYTES, ORDER));
            s32 = s32.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 14 * BYTES, ORDER));
            s33 = s33.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 15 * BYTES, ORDER));
        }
        s00.intoMemorySegment(ALL, t0, ORDER);
        s01.intoMemorySegment(ALL, t0 + pixel, ORDER);
        s02.intoMemorySegment(ALL, t0 + 2 * pixel, ORDER);
        s03.intoMemorySegment(ALL, t0 + 3 * pixel, ORDER);
        s10.intoMemorySegment(ALL, t1, ORDER);
        s11.intoMemorySegment(ALL, t1 + pixel, ORDER);
        s12.intoMemorySegment(ALL, t1 + 2 * pixel, ORDER);
        s13.intoMemorySegment(ALL, t1 + 3 * pixel, ORDER);
        s20.intoMemorySegment(ALL, t2, ORDER);
        s21.intoMemorySegment(ALL, t2 + pixel, ORDER);
        s22.intoMemorySegment(ALL, t2 + 2 * pixel, ORDER);
        s23.intoMemorySegment(ALL, t2 + 3 * pixel, ORDER);
        s30.intoMemorySegment(ALL, t3, ORDER);
        s31.intoMemorySegment(ALL, t3 + pixel, ORDER);
        s32.intoMemorySegment(ALL, t3 + 2 * pixel, ORDER);
        s33.intoMemorySegment(ALL, t3 + 3 * pixel, ORDER);
    }

    /**
     * The same for tiles that are written one after the other, each of two pairs of neighbouring groups: two addresses instead of four, and no call
     * for each tile, which is much where a channel has few survivors. On one thread 64 → 64 on 16×16 at 1 % takes 0.86 ms so instead of
     * 1.05; a step of ResNet-20 at 2 % 8 % less, of images that stay in the cache.
     *
     * @param panel  the address from which places are counted
     * @param places an int for each group
     * @param to     where the first tile's first pixel is written
     */
    static void tiles(int tiles, int survivors, long looks, long weights, long panel, long places, long to) {
        for (int tile = 0; tile < tiles; tile++) {
            long p = panel + ALL.get(INT, places + 4L * GROUPS * tile);
            long q = panel + ALL.get(INT, places + 4L * (GROUPS * tile + 2));
            long t = to + (long) GROUPS * Sweep.GROUP * BYTES * tile;
            FloatVector s0 = FloatVector.zero(SPECIES);
            FloatVector s1 = FloatVector.zero(SPECIES);
            FloatVector s2 = FloatVector.zero(SPECIES);
            FloatVector s3 = FloatVector.zero(SPECIES);
            FloatVector s4 = FloatVector.zero(SPECIES);
            FloatVector s5 = FloatVector.zero(SPECIES);
            FloatVector s6 = FloatVector.zero(SPECIES);
            FloatVector s7 = FloatVector.zero(SPECIES);
            FloatVector s8 = FloatVector.zero(SPECIES);
            FloatVector s9 = FloatVector.zero(SPECIES);
            FloatVector s10 = FloatVector.zero(SPECIES);
            FloatVector s11 = FloatVector.zero(SPECIES);
            FloatVector s12 = FloatVector.zero(SPECIES);
            FloatVector s13 = FloatVector.zero(SPECIES);
            FloatVector s14 = FloatVector.zero(SPECIES);
            FloatVector s15 = FloatVector.zero(SPECIES);
            for (int i = 0; i < survivors; i++) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, weights + 4L * i));
                long look = ALL.get(INT, looks + 4L * i);
                s0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look, ORDER), s0);
                s1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look + BYTES, ORDER), s1);
                s2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look + 2 * BYTES, ORDER), s2);
                s3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look + 3 * BYTES, ORDER), s3);
                s4 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look + 4 * BYTES, ORDER), s4);
                s5 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look + 5 * BYTES, ORDER), s5);
                s6 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look + 6 * BYTES, ORDER), s6);
                s7 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + look + 7 * BYTES, ORDER), s7);
                s8 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look, ORDER), s8);
                s9 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look + BYTES, ORDER), s9);
                s10 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look + 2 * BYTES, ORDER), s10);
                s11 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look + 3 * BYTES, ORDER), s11);
                s12 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look + 4 * BYTES, ORDER), s12);
                s13 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look + 5 * BYTES, ORDER), s13);
                s14 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look + 6 * BYTES, ORDER), s14);
                s15 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + look + 7 * BYTES, ORDER), s15);
            }
            s0.intoMemorySegment(ALL, t, ORDER);
            s1.intoMemorySegment(ALL, t + BYTES, ORDER);
            s2.intoMemorySegment(ALL, t + 2 * BYTES, ORDER);
            s3.intoMemorySegment(ALL, t + 3 * BYTES, ORDER);
            s4.intoMemorySegment(ALL, t + 4 * BYTES, ORDER);
            s5.intoMemorySegment(ALL, t + 5 * BYTES, ORDER);
            s6.intoMemorySegment(ALL, t + 6 * BYTES, ORDER);
            s7.intoMemorySegment(ALL, t + 7 * BYTES, ORDER);
            s8.intoMemorySegment(ALL, t + 8 * BYTES, ORDER);
            s9.intoMemorySegment(ALL, t + 9 * BYTES, ORDER);
            s10.intoMemorySegment(ALL, t + 10 * BYTES, ORDER);
            s11.intoMemorySegment(ALL, t + 11 * BYTES, ORDER);
            s12.intoMemorySegment(ALL, t + 12 * BYTES, ORDER);
            s13.intoMemorySegment(ALL, t + 13 * BYTES, ORDER);
            s14.intoMemorySegment(ALL, t + 14 * BYTES, ORDER);
            s15.intoMemorySegment(ALL, t + 15 * BYTES, ORDER);
        }
    }

    private static void groups2(int survivors, long looks, long weights, long p0, long p1, long partial, long t0, long t1,
            long pixel) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s03 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s13 = FloatVector.zero(SPECIES);
        for (int i = 0; i < survivors; i++) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, weights + 4L * i));
            long look = ALL.get(INT, looks + 4L * i);
            s00 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look, ORDER), s00);
            s01 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look + BYTES, ORDER), s01);
            s02 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look + 2 * BYTES, ORDER), s02);
            s03 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look + 3 * BYTES, ORDER), s03);
            s10 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look, ORDER), s10);
            s11 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look + BYTES, ORDER), s11);
            s12 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look + 2 * BYTES, ORDER), s12);
            s13 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look + 3 * BYTES, ORDER), s13);
        }
        if (partial != 0) {
            s00 = s00.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial, ORDER));
            s01 = s01.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + BYTES, ORDER));
            s02 = s02.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 2 * BYTES, ORDER));
            s03 = s03.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 3 * BYTES, ORDER));
            s10 = s10.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 4 * BYTES, ORDER));
            s11 = s11.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 5 * BYTES, ORDER));
            s12 = s12.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 6 * BYTES, ORDER));
            s13 = s13.add(FloatVector.fromMemorySegment(SPECIES, ALL, partial + 7 * BYTES, ORDER));
        }
        s00.intoMemorySegment(ALL, t0, ORDER);
        s01.intoMemorySegment(ALL, t0 + pixel, ORDER);
        s02.intoMemorySegment(ALL, t0 + 2 * pixel, ORDER);
        s03.intoMemorySegment(ALL, t0 + 3 * pixel, ORDER);
        s10.intoMemorySegment(ALL, t1, ORDER);
        s11.intoMemorySegment(ALL, t1 + pixel, ORDER);
        s12.intoMemorySegment(ALL, t1 + 2 * pixel, ORDER);
        s13.intoMemorySegment(ALL, t1 + 3 * pixel, ORDER);
    }

    /**
     * sums[survivor] = Σ over pixels of g[pixel] · panel[x of survivor + pixel], each a vector; even and odd pixels apart, so that eight
     * sums are in flight.
     *
     * @param lines  of pixels
     * @param groups of four neighbours in a line
     * @param skip   bytes in the panel from the end of a line to the next
     * @param g      the address of the first pixel
     * @param x0     where the four survivors see the first pixel
     * @param sums   four vectors, written
     */
    static void weight(int lines, int groups, long skip, long g, long x0, long x1, long x2, long x3, long sums) {
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector b0 = FloatVector.zero(SPECIES);
        FloatVector a1 = FloatVector.zero(SPECIES);
        FloatVector b1 = FloatVector.zero(SPECIES);
        FloatVector a2 = FloatVector.zero(SPECIES);
        FloatVector b2 = FloatVector.zero(SPECIES);
        FloatVector a3 = FloatVector.zero(SPECIES);
        FloatVector b3 = FloatVector.zero(SPECIES);
        long at = 0;
        for (int line = 0; line < lines; line++) {
            long ahead = line * skip;
            for (int group = 0; group < groups; group++, at += 4 * BYTES) {
                FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, ALL, g + at, ORDER);
                FloatVector v1 = FloatVector.fromMemorySegment(SPECIES, ALL, g + at + BYTES, ORDER);
                FloatVector v2 = FloatVector.fromMemorySegment(SPECIES, ALL, g + at + 2 * BYTES, ORDER);
                FloatVector v3 = FloatVector.fromMemorySegment(SPECIES, ALL, g + at + 3 * BYTES, ORDER);
                a0 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + ahead + at, ORDER), a0);
                a1 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + ahead + at, ORDER), a1);
                a2 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + ahead + at, ORDER), a2);
                a3 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + ahead + at, ORDER), a3);
                b0 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + ahead + at + BYTES, ORDER), b0);
                b1 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + ahead + at + BYTES, ORDER), b1);
                b2 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + ahead + at + BYTES, ORDER), b2);
                b3 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + ahead + at + BYTES, ORDER), b3);
                a0 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + ahead + at + 2 * BYTES, ORDER), a0);
                a1 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + ahead + at + 2 * BYTES, ORDER), a1);
                a2 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + ahead + at + 2 * BYTES, ORDER), a2);
                a3 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + ahead + at + 2 * BYTES, ORDER), a3);
                b0 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + ahead + at + 3 * BYTES, ORDER), b0);
                b1 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + ahead + at + 3 * BYTES, ORDER), b1);
                b2 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + ahead + at + 3 * BYTES, ORDER), b2);
                b3 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + ahead + at + 3 * BYTES, ORDER), b3);
            }
        }
        a0.add(b0).intoMemorySegment(ALL, sums, ORDER);
        a1.add(b1).intoMemorySegment(ALL, sums + BYTES, ORDER);
        a2.add(b2).intoMemorySegment(ALL, sums + 2 * BYTES, ORDER);
        a3.add(b3).intoMemorySegment(ALL, sums + 3 * BYTES, ORDER);
    }
}
