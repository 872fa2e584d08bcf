package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.FLOAT;
import static coppice.kernels.cpu.Vectors.INT;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The loops of {@link SparseConvolutionTile} on images where they stand, without a panel; to the same bits, if the panel would have one block and all
 * values are finite. What would be padding there is here some other pixel, if anything, and is left out: above and below by {@link Edges}; beyond the
 * sides, for images, by the order of the survivors, of which those that look to the left come first and those that look to the right last, and for
 * gradients of the weight by masks.
 */
final class InPlaceTile {

    /** Half a tile of the result, side by side. Lines of an image are so long, or an even multiple. */
    static final int PIXELS = 8;

    private static final long LANES = (1L << Vectors.LENGTH) - 1;

    private InPlaceTile() {}

    /**
     * As {@link SparseConvolutionTile#tiles}.
     *
     * @param centre the first survivor that does not look to the left
     * @param right  the first one that looks to the right
     * @param narrow whether lines have {@link #PIXELS} pixels only, so that a tile is two of them
     * @param zeros  as many vectors, for narrow lines
     */
    static void tiles(int tiles, int survivors, int centre, int right, boolean narrow, long looks, long weights, long images, long places, long to,
            long zeros) {
        if (narrow) {
            ofTwoLines(tiles, survivors, centre, right, looks, weights, images, places, to, zeros);
        } else {
            ofOneLine(tiles, survivors, centre, right, looks, weights, images, places, to);
        }
    }

    private static void ofOneLine(int tiles, int survivors, int centre, int right, long looks, long weights, long images, long places,
            long to) {
        for (int tile = 0; tile < tiles; tile++) {
            int place = ALL.get(INT, places + 4L * SparseConvolutionTile.GROUPS * tile);
            int half = ALL.get(INT, places + 4L * (SparseConvolutionTile.GROUPS * tile + 2));
            long p = images + (place & ~Edges.ALL);
            int lines = place & (Edges.ABOVE | Edges.BELOW);
            int first = (place & Edges.LEFT) == 0 ? 0 : centre;
            int end = (half & Edges.RIGHT) == 0 ? survivors : right;
            long t = to + (long) SparseConvolutionTile.GROUPS * Sweep.GROUP * BYTES * tile;
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
                int look = ALL.get(INT, looks + 4L * i);
                if ((look & lines) != 0) {
                    continue;
                }
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, weights + 4L * i));
                long x = p + (look & ~Edges.ALL);
                if (i >= first) {
                    s0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x, ORDER), s0);
                }
                s1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + BYTES, ORDER), s1);
                s2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 2 * BYTES, ORDER), s2);
                s3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 3 * BYTES, ORDER), s3);
                s4 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4 * BYTES, ORDER), s4);
                s5 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 5 * BYTES, ORDER), s5);
                s6 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 6 * BYTES, ORDER), s6);
                s7 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 7 * BYTES, ORDER), s7);
                s8 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 8 * BYTES, ORDER), s8);
                s9 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 9 * BYTES, ORDER), s9);
                s10 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 10 * BYTES, ORDER), s10);
                s11 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 11 * BYTES, ORDER), s11);
                s12 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 12 * BYTES, ORDER), s12);
                s13 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 13 * BYTES, ORDER), s13);
                s14 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 14 * BYTES, ORDER), s14);
                if (i < end) {
                    s15 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 15 * BYTES, ORDER), s15);
                }
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

    private static void ofTwoLines(int tiles, int survivors, int centre, int right, long looks, long weights, long images, long places,
            long to, long zeros) {
        for (int tile = 0; tile < tiles; tile++) {
            int place = ALL.get(INT, places + 4L * SparseConvolutionTile.GROUPS * tile);
            int half = ALL.get(INT, places + 4L * (SparseConvolutionTile.GROUPS * tile + 2));
            long p = images + (place & ~Edges.ALL);
            long q = images + (half & ~Edges.ALL);
            long t = to + (long) SparseConvolutionTile.GROUPS * Sweep.GROUP * BYTES * tile;
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
                int look = ALL.get(INT, looks + 4L * i);
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, weights + 4L * i));
                long x = p + (look & ~Edges.ALL);
                long y = q + (look & ~Edges.ALL);
                x ^= (x ^ zeros) & Edges.aboveOrBelow(look & place);
                y ^= (y ^ zeros) & Edges.aboveOrBelow(look & half);
                if (i >= centre) {
                    s0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x, ORDER), s0);
                    s8 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y, ORDER), s8);
                }
                s1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + BYTES, ORDER), s1);
                s2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 2 * BYTES, ORDER), s2);
                s3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 3 * BYTES, ORDER), s3);
                s4 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4 * BYTES, ORDER), s4);
                s5 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 5 * BYTES, ORDER), s5);
                s6 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 6 * BYTES, ORDER), s6);
                s9 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y + BYTES, ORDER), s9);
                s10 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y + 2 * BYTES, ORDER), s10);
                s11 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y + 3 * BYTES, ORDER), s11);
                s12 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y + 4 * BYTES, ORDER), s12);
                s13 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y + 5 * BYTES, ORDER), s13);
                s14 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y + 6 * BYTES, ORDER), s14);
                if (i < right) {
                    s7 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x + 7 * BYTES, ORDER), s7);
                    s15 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, y + 7 * BYTES, ORDER), s15);
                }
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

    /**
     * As {@link SparseConvolutionTile#weight}. Pixels beyond the sides are left out by masks, not by branches, which would be foreseen badly:
     * survivors change from call to call.
     *
     * @param lines     of pixels
     * @param lineBytes bytes of a line
     * @param above     the edges that the first line touches, and below, those of the last
     * @param look0     where the four survivors look, with the edges that they go beyond
     * @param zeros     as many vectors as a line has pixels
     */
    static void weight(int lines, long lineBytes, int above, int below, long g, long images, int look0, int look1, int look2, int look3, long zeros,
            long sums) {
        int count = (int) (lineBytes / (PIXELS * BYTES));
        long left0 = (look0 & Edges.LEFT) == 0 ? LANES : 0;
        long right0 = (look0 & Edges.RIGHT) == 0 ? LANES : 0;
        long left1 = (look1 & Edges.LEFT) == 0 ? LANES : 0;
        long right1 = (look1 & Edges.RIGHT) == 0 ? LANES : 0;
        long left2 = (look2 & Edges.LEFT) == 0 ? LANES : 0;
        long right2 = (look2 & Edges.RIGHT) == 0 ? LANES : 0;
        long left3 = (look3 & Edges.LEFT) == 0 ? LANES : 0;
        long right3 = (look3 & Edges.RIGHT) == 0 ? LANES : 0;
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector b0 = FloatVector.zero(SPECIES);
        FloatVector a1 = FloatVector.zero(SPECIES);
        FloatVector b1 = FloatVector.zero(SPECIES);
        FloatVector a2 = FloatVector.zero(SPECIES);
        FloatVector b2 = FloatVector.zero(SPECIES);
        FloatVector a3 = FloatVector.zero(SPECIES);
        FloatVector b3 = FloatVector.zero(SPECIES);
        for (int line = 0; line < lines; line++) {
            int edges = (line == 0 ? above : 0) | (line == lines - 1 ? below : 0);
            long v = g + line * lineBytes;
            long at = images + line * lineBytes;
            long x0 = at + (look0 & ~Edges.ALL);
            x0 ^= (x0 ^ zeros) & Edges.aboveOrBelow(look0 & edges);
            long x1 = at + (look1 & ~Edges.ALL);
            x1 ^= (x1 ^ zeros) & Edges.aboveOrBelow(look1 & edges);
            long x2 = at + (look2 & ~Edges.ALL);
            x2 ^= (x2 ^ zeros) & Edges.aboveOrBelow(look2 & edges);
            long x3 = at + (look3 & ~Edges.ALL);
            x3 ^= (x3 ^ zeros) & Edges.aboveOrBelow(look3 & edges);
            for (int i = 0; i < count; i++) {
                long pixel = (long) i * PIXELS * BYTES;
                long innerLeft = i == 0 ? 0 : LANES;
                long innerRight = i == count - 1 ? 0 : LANES;
                FloatVector v0 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel, ORDER);
                a0 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, left0 | innerLeft)), a0);
                a1 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, left1 | innerLeft)), a1);
                a2 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, left2 | innerLeft)), a2);
                a3 = v0.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, left3 | innerLeft)), a3);
                FloatVector v1 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel + BYTES, ORDER);
                b0 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel + BYTES, ORDER), b0);
                b1 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel + BYTES, ORDER), b1);
                b2 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel + BYTES, ORDER), b2);
                b3 = v1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel + BYTES, ORDER), b3);
                FloatVector v2 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel + 2 * BYTES, ORDER);
                a0 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel + 2 * BYTES, ORDER), a0);
                a1 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel + 2 * BYTES, ORDER), a1);
                a2 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel + 2 * BYTES, ORDER), a2);
                a3 = v2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel + 2 * BYTES, ORDER), a3);
                FloatVector v3 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel + 3 * BYTES, ORDER);
                b0 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel + 3 * BYTES, ORDER), b0);
                b1 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel + 3 * BYTES, ORDER), b1);
                b2 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel + 3 * BYTES, ORDER), b2);
                b3 = v3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel + 3 * BYTES, ORDER), b3);
                FloatVector v4 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel + 4 * BYTES, ORDER);
                a0 = v4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel + 4 * BYTES, ORDER), a0);
                a1 = v4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel + 4 * BYTES, ORDER), a1);
                a2 = v4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel + 4 * BYTES, ORDER), a2);
                a3 = v4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel + 4 * BYTES, ORDER), a3);
                FloatVector v5 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel + 5 * BYTES, ORDER);
                b0 = v5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel + 5 * BYTES, ORDER), b0);
                b1 = v5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel + 5 * BYTES, ORDER), b1);
                b2 = v5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel + 5 * BYTES, ORDER), b2);
                b3 = v5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel + 5 * BYTES, ORDER), b3);
                FloatVector v6 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel + 6 * BYTES, ORDER);
                a0 = v6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel + 6 * BYTES, ORDER), a0);
                a1 = v6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel + 6 * BYTES, ORDER), a1);
                a2 = v6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel + 6 * BYTES, ORDER), a2);
                a3 = v6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel + 6 * BYTES, ORDER), a3);
                FloatVector v7 = FloatVector.fromMemorySegment(SPECIES, ALL, v + pixel + 7 * BYTES, ORDER);
                b0 = v7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x0 + pixel + 7 * BYTES & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, right0 | innerRight)), b0);
                b1 = v7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x1 + pixel + 7 * BYTES & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, right1 | innerRight)), b1);
                b2 = v7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x2 + pixel + 7 * BYTES & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, right2 | innerRight)), b2);
                b3 = v7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, x3 + pixel + 7 * BYTES & ADDRESSES, ORDER,
                        VectorMask.fromLong(SPECIES, right3 | innerRight)), b3);
            }
        }
        a0.add(b0).intoMemorySegment(ALL, sums, ORDER);
        a1.add(b1).intoMemorySegment(ALL, sums + BYTES, ORDER);
        a2.add(b2).intoMemorySegment(ALL, sums + 2 * BYTES, ORDER);
        a3.add(b3).intoMemorySegment(ALL, sums + 3 * BYTES, ORDER);
    }
}
