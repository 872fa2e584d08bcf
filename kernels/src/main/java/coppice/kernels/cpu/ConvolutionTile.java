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
 * The innermost dense convolution, over a panel of a {@link Sweep}: eight channels of the result for three pixels and a vector of
 * images, all 24 sums in registers; four channels for four neighbours, where three taps look at neighbours as well; and for the weight's
 * gradient 4 × 6 weights at once, over some pixels, of any looks or of two lines of three neighbours. Where vectors are narrower there are
 * 16 registers, and a tile of any looks is half as large; those of lines are not used.
 */
final class ConvolutionTile {

    /** Channels of the result in a tile. */
    static final int ROWS = 8;

    /** Pixels in a tile. */
    static final int PIXELS = 3;

    /** Channels of the result in a tile of {@link #lines}, which take the pixels of a {@link Sweep#GROUP}. */
    static final int LINE_ROWS = 4;

    /** Channels of g in a tile of weights. */
    static final int WEIGHT_ROWS = LENGTH == 16 ? 4 : 2;

    /** Looks in a tile of weights. */
    static final int WEIGHT_LOOKS = LENGTH == 16 ? 6 : 4;

    /** Neighbouring looks of a line in a tile of {@link #weightLines}, and the lines there. */
    static final int LINE_LOOKS = 3;
    static final int WEIGHT_LINES = 2;

    private ConvolutionTile() {}

    /**
     * result[row][pixel] = Σ over steps of weight[step][row] · panel[place of pixel + look[step]], each a vector.
     *
     * @param looks   an int for each step: bytes from a place
     * @param p0      the addresses of three pixels in the panel
     * @param weights [steps][8]
     * @param to      where the first row is written
     * @param row     bytes from a row to the next
     * @param t0      bytes from there to the three pixels
     */
    static void output(int steps, long looks, long p0, long p1, long p2, long weights, long to, long row, long t0, long t1, long t2) {
        if (LENGTH == 16) {
            by8x3(steps, looks, p0, p1, p2, weights, to, row, t0, t1, t2);
        } else {
            by4x3(steps, looks, p0, p1, p2, weights, to, row, t0, t1, t2);
            by4x3(steps, looks, p0, p1, p2, weights + 16, to + 4 * row, row, t0, t1, t2);
        }
    }

    private static void by8x3(int steps, long looks, long p0, long p1, long p2, long weights, long to, long row, long t0, long t1, long t2) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s22 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s32 = FloatVector.zero(SPECIES);
        FloatVector s40 = FloatVector.zero(SPECIES);
        FloatVector s41 = FloatVector.zero(SPECIES);
        FloatVector s42 = FloatVector.zero(SPECIES);
        FloatVector s50 = FloatVector.zero(SPECIES);
        FloatVector s51 = FloatVector.zero(SPECIES);
        FloatVector s52 = FloatVector.zero(SPECIES);
        FloatVector s60 = FloatVector.zero(SPECIES);
        FloatVector s61 = FloatVector.zero(SPECIES);
        FloatVector s62 = FloatVector.zero(SPECIES);
        FloatVector s70 = FloatVector.zero(SPECIES);
        FloatVector s71 = FloatVector.zero(SPECIES);
        FloatVector s72 = FloatVector.zero(SPECIES);
        for (int step = 0; step < steps; step++) {
            long look = ALL.get(INT, looks + 4L * step);
            long w = weights + 4L * ROWS * step;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + look, ORDER);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w));
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            s02 = x2.fma(u, s02);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4));
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            s12 = x2.fma(u, s12);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 8));
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            s22 = x2.fma(u, s22);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 12));
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            s32 = x2.fma(u, s32);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 16));
            s40 = x0.fma(u, s40);
            s41 = x1.fma(u, s41);
            s42 = x2.fma(u, s42);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 20));
            s50 = x0.fma(u, s50);
            s51 = x1.fma(u, s51);
            s52 = x2.fma(u, s52);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 24));
            s60 = x0.fma(u, s60);
            s61 = x1.fma(u, s61);
            s62 = x2.fma(u, s62);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 28));
            s70 = x0.fma(u, s70);
            s71 = x1.fma(u, s71);
            s72 = x2.fma(u, s72);
        }
        s00.intoMemorySegment(ALL, to + t0, ORDER);
        s01.intoMemorySegment(ALL, to + t1, ORDER);
        s02.intoMemorySegment(ALL, to + t2, ORDER);
        s10.intoMemorySegment(ALL, to + row + t0, ORDER);
        s11.intoMemorySegment(ALL, to + row + t1, ORDER);
        s12.intoMemorySegment(ALL, to + row + t2, ORDER);
        s20.intoMemorySegment(ALL, to + 2 * row + t0, ORDER);
        s21.intoMemorySegment(ALL, to + 2 * row + t1, ORDER);
        s22.intoMemorySegment(ALL, to + 2 * row + t2, ORDER);
        s30.intoMemorySegment(ALL, to + 3 * row + t0, ORDER);
        s31.intoMemorySegment(ALL, to + 3 * row + t1, ORDER);
        s32.intoMemorySegment(ALL, to + 3 * row + t2, ORDER);
        s40.intoMemorySegment(ALL, to + 4 * row + t0, ORDER);
        s41.intoMemorySegment(ALL, to + 4 * row + t1, ORDER);
        s42.intoMemorySegment(ALL, to + 4 * row + t2, ORDER);
        s50.intoMemorySegment(ALL, to + 5 * row + t0, ORDER);
        s51.intoMemorySegment(ALL, to + 5 * row + t1, ORDER);
        s52.intoMemorySegment(ALL, to + 5 * row + t2, ORDER);
        s60.intoMemorySegment(ALL, to + 6 * row + t0, ORDER);
        s61.intoMemorySegment(ALL, to + 6 * row + t1, ORDER);
        s62.intoMemorySegment(ALL, to + 6 * row + t2, ORDER);
        s70.intoMemorySegment(ALL, to + 7 * row + t0, ORDER);
        s71.intoMemorySegment(ALL, to + 7 * row + t1, ORDER);
        s72.intoMemorySegment(ALL, to + 7 * row + t2, ORDER);
    }

    private static void by4x3(int steps, long looks, long p0, long p1, long p2, long weights, long to, long row, long t0, long t1, long t2) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s22 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s32 = FloatVector.zero(SPECIES);
        for (int step = 0; step < steps; step++) {
            long look = ALL.get(INT, looks + 4L * step);
            long w = weights + 4L * ROWS * step;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + look, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + look, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + look, ORDER);
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w));
            s00 = x0.fma(u, s00);
            s01 = x1.fma(u, s01);
            s02 = x2.fma(u, s02);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4));
            s10 = x0.fma(u, s10);
            s11 = x1.fma(u, s11);
            s12 = x2.fma(u, s12);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 8));
            s20 = x0.fma(u, s20);
            s21 = x1.fma(u, s21);
            s22 = x2.fma(u, s22);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 12));
            s30 = x0.fma(u, s30);
            s31 = x1.fma(u, s31);
            s32 = x2.fma(u, s32);
        }
        s00.intoMemorySegment(ALL, to + t0, ORDER);
        s01.intoMemorySegment(ALL, to + t1, ORDER);
        s02.intoMemorySegment(ALL, to + t2, ORDER);
        s10.intoMemorySegment(ALL, to + row + t0, ORDER);
        s11.intoMemorySegment(ALL, to + row + t1, ORDER);
        s12.intoMemorySegment(ALL, to + row + t2, ORDER);
        s20.intoMemorySegment(ALL, to + 2 * row + t0, ORDER);
        s21.intoMemorySegment(ALL, to + 2 * row + t1, ORDER);
        s22.intoMemorySegment(ALL, to + 2 * row + t2, ORDER);
        s30.intoMemorySegment(ALL, to + 3 * row + t0, ORDER);
        s31.intoMemorySegment(ALL, to + 3 * row + t1, ORDER);
        s32.intoMemorySegment(ALL, to + 3 * row + t2, ORDER);
    }

    /**
     * The same for a window whose lines have three neighbouring taps: result[row][pixel] = Σ over lines and taps of
     * weight[line][tap][row] · panel[place + look[line][0] + pixel + tap], for four channels and four neighbouring pixels. Six vectors
     * serve the twelve looks of a line, and its 48 products share the work of finding them: 165 Gflop/s a core in place, where eight by three
     * reach 146.
     *
     * @param lines   of all channels' windows
     * @param looks   three ints for each line: bytes from a place, of which the first is read
     * @param place   the address of the first pixel in the panel
     * @param weights [lines][3][4]
     * @param to      where the first row is written
     * @param row     bytes from a row to the next
     * @param pixel   bytes from a pixel to the next
     */
    static void lines(int lines, long looks, long place, long weights, long to, long row, long pixel) {
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
        for (int line = 0; line < lines; line++) {
            long at = place + ALL.get(INT, looks + 12L * line);
            long w = weights + 48L * line;
            FloatVector x0 = FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES, ORDER);
            FloatVector x3 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES, ORDER);
            FloatVector x4 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * BYTES, ORDER);
            FloatVector x5 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 5 * BYTES, ORDER);
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
            s00 = x1.fma(u, s00);
            s01 = x2.fma(u, s01);
            s02 = x3.fma(u, s02);
            s03 = x4.fma(u, s03);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 20));
            s10 = x1.fma(u, s10);
            s11 = x2.fma(u, s11);
            s12 = x3.fma(u, s12);
            s13 = x4.fma(u, s13);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 24));
            s20 = x1.fma(u, s20);
            s21 = x2.fma(u, s21);
            s22 = x3.fma(u, s22);
            s23 = x4.fma(u, s23);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 28));
            s30 = x1.fma(u, s30);
            s31 = x2.fma(u, s31);
            s32 = x3.fma(u, s32);
            s33 = x4.fma(u, s33);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 32));
            s00 = x2.fma(u, s00);
            s01 = x3.fma(u, s01);
            s02 = x4.fma(u, s02);
            s03 = x5.fma(u, s03);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 36));
            s10 = x2.fma(u, s10);
            s11 = x3.fma(u, s11);
            s12 = x4.fma(u, s12);
            s13 = x5.fma(u, s13);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 40));
            s20 = x2.fma(u, s20);
            s21 = x3.fma(u, s21);
            s22 = x4.fma(u, s22);
            s23 = x5.fma(u, s23);
            u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 44));
            s30 = x2.fma(u, s30);
            s31 = x3.fma(u, s31);
            s32 = x4.fma(u, s32);
            s33 = x5.fma(u, s33);
        }
        s00.intoMemorySegment(ALL, to, ORDER);
        s01.intoMemorySegment(ALL, to + pixel, ORDER);
        s02.intoMemorySegment(ALL, to + 2 * pixel, ORDER);
        s03.intoMemorySegment(ALL, to + 3 * pixel, ORDER);
        s10.intoMemorySegment(ALL, to + row, ORDER);
        s11.intoMemorySegment(ALL, to + row + pixel, ORDER);
        s12.intoMemorySegment(ALL, to + row + 2 * pixel, ORDER);
        s13.intoMemorySegment(ALL, to + row + 3 * pixel, ORDER);
        s20.intoMemorySegment(ALL, to + 2 * row, ORDER);
        s21.intoMemorySegment(ALL, to + 2 * row + pixel, ORDER);
        s22.intoMemorySegment(ALL, to + 2 * row + 2 * pixel, ORDER);
        s23.intoMemorySegment(ALL, to + 2 * row + 3 * pixel, ORDER);
        s30.intoMemorySegment(ALL, to + 3 * row, ORDER);
        s31.intoMemorySegment(ALL, to + 3 * row + pixel, ORDER);
        s32.intoMemorySegment(ALL, to + 3 * row + 2 * pixel, ORDER);
        s33.intoMemorySegment(ALL, to + 3 * row + 3 * pixel, ORDER);
    }

    /**
     * sums[row][look] = Σ over pixels of g[pixel][row] · panel[place[pixel] + look], each a vector.
     *
     * @param places an int for each pixel: bytes from the start of the panel
     * @param g      [pixels][WEIGHT_ROWS] vectors, side by side, so that one address leads to all
     * @param looks  ints: bytes from the place
     * @param count  looks that exist; the last stands in for the others
     * @param sums   [WEIGHT_ROWS][WEIGHT_LOOKS] vectors
     */
    static void weight(int pixels, long places, long g, long panel, long looks, int count, long sums) {
        if (LENGTH == 16) {
            by4x6(pixels, places, g, panel + look(looks, 0, count), panel + look(looks, 1, count), panel + look(looks, 2, count),
                    panel + look(looks, 3, count), panel + look(looks, 4, count), panel + look(looks, 5, count), sums);
        } else {
            by2x4(pixels, places, g, panel + look(looks, 0, count), panel + look(looks, 1, count), panel + look(looks, 2, count),
                    panel + look(looks, 3, count), sums);
        }
    }

    private static long look(long looks, int i, int count) {
        return ALL.get(INT, looks + 4L * Math.min(i, count - 1));
    }

    private static void by4x6(int pixels, long places, long g, long x0, long x1, long x2, long x3, long x4, long x5, long sums) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s03 = FloatVector.zero(SPECIES);
        FloatVector s04 = FloatVector.zero(SPECIES);
        FloatVector s05 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s13 = FloatVector.zero(SPECIES);
        FloatVector s14 = FloatVector.zero(SPECIES);
        FloatVector s15 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s22 = FloatVector.zero(SPECIES);
        FloatVector s23 = FloatVector.zero(SPECIES);
        FloatVector s24 = FloatVector.zero(SPECIES);
        FloatVector s25 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s32 = FloatVector.zero(SPECIES);
        FloatVector s33 = FloatVector.zero(SPECIES);
        FloatVector s34 = FloatVector.zero(SPECIES);
        FloatVector s35 = FloatVector.zero(SPECIES);
        for (int pixel = 0; pixel < pixels; pixel++) {
            long at = g + (long) pixel * 4 * BYTES;
            long place = ALL.get(INT, places + 4L * pixel);
            FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER);
            FloatVector v2 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES, ORDER);
            FloatVector v3 = FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES, ORDER);
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

    /**
     * The same for two lines of a window that have three neighbouring taps, with vectors of 16 floats: sums[channel][line][tap] = Σ over rows,
     * pixels and other of g[row][pixel][other][channel] · panel[x of the line + row · down + (pixel + tap) · together + other], each a vector. A
     * pixel's looks are those of the pixel before, moved by one, so that two vectors of the panel and four of g serve 24 products: 170 to 195
     * Gflop/s a core in place, where {@link #weight} loads six of the panel and reaches 155 to 165, of 205.
     *
     * @param together vectors of images that stand side by side, pixel by pixel
     * @param rows     of pixels
     * @param pixels   in a row
     * @param g        [rows][pixels][together][WEIGHT_ROWS] vectors
     * @param x0       the address in the panel at which the first line of the window looks from the first pixel
     * @param x1       likewise for the second line
     * @param down     bytes from a row of pixels to the next in the panel
     * @param sums     [WEIGHT_ROWS][WEIGHT_LINES][LINE_LOOKS] vectors
     */
    static void weightLines(int together, int rows, int pixels, long g, long x0, long x1, long down, long sums) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s03 = FloatVector.zero(SPECIES);
        FloatVector s04 = FloatVector.zero(SPECIES);
        FloatVector s05 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s13 = FloatVector.zero(SPECIES);
        FloatVector s14 = FloatVector.zero(SPECIES);
        FloatVector s15 = FloatVector.zero(SPECIES);
        FloatVector s20 = FloatVector.zero(SPECIES);
        FloatVector s21 = FloatVector.zero(SPECIES);
        FloatVector s22 = FloatVector.zero(SPECIES);
        FloatVector s23 = FloatVector.zero(SPECIES);
        FloatVector s24 = FloatVector.zero(SPECIES);
        FloatVector s25 = FloatVector.zero(SPECIES);
        FloatVector s30 = FloatVector.zero(SPECIES);
        FloatVector s31 = FloatVector.zero(SPECIES);
        FloatVector s32 = FloatVector.zero(SPECIES);
        FloatVector s33 = FloatVector.zero(SPECIES);
        FloatVector s34 = FloatVector.zero(SPECIES);
        FloatVector s35 = FloatVector.zero(SPECIES);
        long next = (long) together * BYTES;
        long width = pixels * next;
        long gRow = g;
        long row0 = x0;
        long row1 = x1;
        int other = 0;
        for (int i = 0; i < rows * together; i++) {
            long at = gRow + 4L * other * BYTES;
            long p = row0 + (long) other * BYTES;
            long q = row1 + (long) other * BYTES;
            FloatVector p0 = FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER);
            FloatVector p1 = FloatVector.fromMemorySegment(SPECIES, ALL, p + next, ORDER);
            FloatVector q0 = FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER);
            FloatVector q1 = FloatVector.fromMemorySegment(SPECIES, ALL, q + next, ORDER);
            p += 2 * next;
            q += 2 * next;
            for (long pixel = 0; pixel < width; pixel += next) {
                FloatVector p2 = FloatVector.fromMemorySegment(SPECIES, ALL, p + pixel, ORDER);
                FloatVector q2 = FloatVector.fromMemorySegment(SPECIES, ALL, q + pixel, ORDER);
                FloatVector u = FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * pixel, ORDER);
                s00 = p0.fma(u, s00);
                s01 = p1.fma(u, s01);
                s02 = p2.fma(u, s02);
                s03 = q0.fma(u, s03);
                s04 = q1.fma(u, s04);
                s05 = q2.fma(u, s05);
                u = FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * pixel + BYTES, ORDER);
                s10 = p0.fma(u, s10);
                s11 = p1.fma(u, s11);
                s12 = p2.fma(u, s12);
                s13 = q0.fma(u, s13);
                s14 = q1.fma(u, s14);
                s15 = q2.fma(u, s15);
                u = FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * pixel + 2 * BYTES, ORDER);
                s20 = p0.fma(u, s20);
                s21 = p1.fma(u, s21);
                s22 = p2.fma(u, s22);
                s23 = q0.fma(u, s23);
                s24 = q1.fma(u, s24);
                s25 = q2.fma(u, s25);
                u = FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * pixel + 3 * BYTES, ORDER);
                s30 = p0.fma(u, s30);
                s31 = p1.fma(u, s31);
                s32 = p2.fma(u, s32);
                s33 = q0.fma(u, s33);
                s34 = q1.fma(u, s34);
                s35 = q2.fma(u, s35);
                p0 = p1;
                p1 = p2;
                q0 = q1;
                q1 = q2;
            }
            if (++other == together) {
                other = 0;
                gRow += 4 * width;
                row0 += down;
                row1 += down;
            }
        }
        s00.intoMemorySegment(ALL, sums, ORDER);
        s01.intoMemorySegment(ALL, sums + BYTES, ORDER);
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

    private static void by2x4(int pixels, long places, long g, long x0, long x1, long x2, long x3, long sums) {
        FloatVector s00 = FloatVector.zero(SPECIES);
        FloatVector s01 = FloatVector.zero(SPECIES);
        FloatVector s02 = FloatVector.zero(SPECIES);
        FloatVector s03 = FloatVector.zero(SPECIES);
        FloatVector s10 = FloatVector.zero(SPECIES);
        FloatVector s11 = FloatVector.zero(SPECIES);
        FloatVector s12 = FloatVector.zero(SPECIES);
        FloatVector s13 = FloatVector.zero(SPECIES);
        for (int pixel = 0; pixel < pixels; pixel++) {
            long at = g + (long) pixel * 2 * BYTES;
            long place = ALL.get(INT, places + 4L * pixel);
            FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER);
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
