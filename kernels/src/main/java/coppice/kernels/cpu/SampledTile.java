package coppice.kernels.cpu;

import static coppice.kernels.cpu.SparseTile.WIDTH;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import coppice.kernels.cpu.SparseProduct.Sources;
import coppice.kernels.cpu.SparseTile.Span;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** The innermost sampled product, of survivors' gradients, on the same panels as {@link SparseTile}; it calls the Vector API itself, too. */
final class SampledTile {

    /** Survivors whose sampled products are summed across lanes together where there are too few for more. */
    private static final int GROUP = 4;

    private static final VectorMask<Float> HAS_1 = LaneSums.HAS_1;
    private static final VectorMask<Float> HAS_2 = LaneSums.HAS_2;
    private static final VectorMask<Float> HAS_4 = LaneSums.HAS_4;
    private static final VectorMask<Float> HAS_8 = LaneSums.HAS_8;
    private static final VectorShuffle<Float> OTHER_1 = LaneSums.OTHER_1;
    private static final VectorShuffle<Float> OTHER_2 = LaneSums.OTHER_2;
    private static final VectorShuffle<Float> OTHER_4 = LaneSums.OTHER_4;
    private static final VectorShuffle<Float> OTHER_8 = LaneSums.OTHER_8;

    private SampledTile() {}

    /** w[r, c] = ⟨g[r, :], x[c, :]⟩ for each survivor, or that much more, many at a time. @param span of a panel, or of two */
    static void weight(int[] starts, int[] columns, int from, int to, Sources x, boolean add, long w, Span span, long g, long gRow) {
        long origin = x.at() - x.first() * x.row();
        for (int row = from; row < to; row++) {
            int start = starts[row * x.count() + x.number()];
            int last = starts[row * x.count() + x.number() + 1];
            if (span.columns() == 2 * WIDTH) {
                weightRowOfTwo(start, last, columns, add, w, origin, x.row(), g + row * gRow);
            } else {
                weightRow(start, last, columns, add, w, origin, x.row(), span, g + row * gRow);
            }
        }
    }

    /**
     * Sixteen survivors at a time, where a vector has as many lanes: lane i ends with the sum of the i-th, as in {@link LaneSums}. By fours, whose
     * sums are stored lane by lane, [300, 784] × 60 at 30 % took 230 µs on one thread, so 174. Nothing is taken out or looped over: vectors
     * would become objects.
     */
    private static void weightRow(int start, int last, int[] sources, boolean add, long w, long x, long xRow, Span span, long g) {
        long fourth = span.fourth();
        FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, g, ORDER, VectorMask.fromLong(SPECIES, span.lanes0()));
        FloatVector g1 = FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes1()));
        FloatVector g2 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes2()));
        FloatVector g3 = FloatVector.fromMemorySegment(SPECIES, ALL, g + fourth, ORDER, VectorMask.fromLong(SPECIES, span.lanes3()));
        int i = start;
        for (; LENGTH == 16 && i < last - 15; i += 16) {
            // Both factors are 0 in lanes that do not count: an infinity in one of them would make a NaN.
            var counts = VectorMask.fromLong(SPECIES, span.lanes3());
            FloatVector zero = FloatVector.zero(SPECIES);
            // Survivors i … i + 3
            long p00 = x + sources[i] * xRow;
            long p01 = x + sources[i + 1] * xRow;
            long p02 = x + sources[i + 2] * xRow;
            long p03 = x + sources[i + 3] * xRow;
            FloatVector a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00, ORDER).mul(g0);
            FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01, ORDER).mul(g0);
            FloatVector c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02, ORDER).mul(g0);
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03, ORDER).mul(g0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + BYTES, ORDER).fma(g1, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + BYTES, ORDER).fma(g1, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + BYTES, ORDER).fma(g1, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + BYTES, ORDER).fma(g1, d0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 2 * BYTES, ORDER).fma(g2, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 2 * BYTES, ORDER).fma(g2, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 2 * BYTES, ORDER).fma(g2, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 2 * BYTES, ORDER).fma(g2, d0);
            a0 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + fourth, ORDER), counts).fma(g3, a0);
            b0 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + fourth, ORDER), counts).fma(g3, b0);
            c0 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + fourth, ORDER), counts).fma(g3, c0);
            d0 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + fourth, ORDER), counts).fma(g3, d0);
            FloatVector ab0 = a0.blend(b0, HAS_1).add(b0.blend(a0, HAS_1).rearrange(OTHER_1));
            FloatVector cd0 = c0.blend(d0, HAS_1).add(d0.blend(c0, HAS_1).rearrange(OTHER_1));
            FloatVector s0 = ab0.blend(cd0, HAS_2).add(cd0.blend(ab0, HAS_2).rearrange(OTHER_2));
            // Survivors i + 4 … i + 7
            long p10 = x + sources[i + 4] * xRow;
            long p11 = x + sources[i + 5] * xRow;
            long p12 = x + sources[i + 6] * xRow;
            long p13 = x + sources[i + 7] * xRow;
            FloatVector a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10, ORDER).mul(g0);
            FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11, ORDER).mul(g0);
            FloatVector c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12, ORDER).mul(g0);
            FloatVector d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13, ORDER).mul(g0);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + BYTES, ORDER).fma(g1, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + BYTES, ORDER).fma(g1, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + BYTES, ORDER).fma(g1, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + BYTES, ORDER).fma(g1, d1);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 2 * BYTES, ORDER).fma(g2, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 2 * BYTES, ORDER).fma(g2, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 2 * BYTES, ORDER).fma(g2, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 2 * BYTES, ORDER).fma(g2, d1);
            a1 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + fourth, ORDER), counts).fma(g3, a1);
            b1 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + fourth, ORDER), counts).fma(g3, b1);
            c1 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + fourth, ORDER), counts).fma(g3, c1);
            d1 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + fourth, ORDER), counts).fma(g3, d1);
            FloatVector ab1 = a1.blend(b1, HAS_1).add(b1.blend(a1, HAS_1).rearrange(OTHER_1));
            FloatVector cd1 = c1.blend(d1, HAS_1).add(d1.blend(c1, HAS_1).rearrange(OTHER_1));
            FloatVector s1 = ab1.blend(cd1, HAS_2).add(cd1.blend(ab1, HAS_2).rearrange(OTHER_2));
            // Survivors i + 8 … i + 11
            long p20 = x + sources[i + 8] * xRow;
            long p21 = x + sources[i + 9] * xRow;
            long p22 = x + sources[i + 10] * xRow;
            long p23 = x + sources[i + 11] * xRow;
            FloatVector a2 = FloatVector.fromMemorySegment(SPECIES, ALL, p20, ORDER).mul(g0);
            FloatVector b2 = FloatVector.fromMemorySegment(SPECIES, ALL, p21, ORDER).mul(g0);
            FloatVector c2 = FloatVector.fromMemorySegment(SPECIES, ALL, p22, ORDER).mul(g0);
            FloatVector d2 = FloatVector.fromMemorySegment(SPECIES, ALL, p23, ORDER).mul(g0);
            a2 = FloatVector.fromMemorySegment(SPECIES, ALL, p20 + BYTES, ORDER).fma(g1, a2);
            b2 = FloatVector.fromMemorySegment(SPECIES, ALL, p21 + BYTES, ORDER).fma(g1, b2);
            c2 = FloatVector.fromMemorySegment(SPECIES, ALL, p22 + BYTES, ORDER).fma(g1, c2);
            d2 = FloatVector.fromMemorySegment(SPECIES, ALL, p23 + BYTES, ORDER).fma(g1, d2);
            a2 = FloatVector.fromMemorySegment(SPECIES, ALL, p20 + 2 * BYTES, ORDER).fma(g2, a2);
            b2 = FloatVector.fromMemorySegment(SPECIES, ALL, p21 + 2 * BYTES, ORDER).fma(g2, b2);
            c2 = FloatVector.fromMemorySegment(SPECIES, ALL, p22 + 2 * BYTES, ORDER).fma(g2, c2);
            d2 = FloatVector.fromMemorySegment(SPECIES, ALL, p23 + 2 * BYTES, ORDER).fma(g2, d2);
            a2 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p20 + fourth, ORDER), counts).fma(g3, a2);
            b2 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p21 + fourth, ORDER), counts).fma(g3, b2);
            c2 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p22 + fourth, ORDER), counts).fma(g3, c2);
            d2 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p23 + fourth, ORDER), counts).fma(g3, d2);
            FloatVector ab2 = a2.blend(b2, HAS_1).add(b2.blend(a2, HAS_1).rearrange(OTHER_1));
            FloatVector cd2 = c2.blend(d2, HAS_1).add(d2.blend(c2, HAS_1).rearrange(OTHER_1));
            FloatVector s2 = ab2.blend(cd2, HAS_2).add(cd2.blend(ab2, HAS_2).rearrange(OTHER_2));
            // Survivors i + 12 … i + 15
            long p30 = x + sources[i + 12] * xRow;
            long p31 = x + sources[i + 13] * xRow;
            long p32 = x + sources[i + 14] * xRow;
            long p33 = x + sources[i + 15] * xRow;
            FloatVector a3 = FloatVector.fromMemorySegment(SPECIES, ALL, p30, ORDER).mul(g0);
            FloatVector b3 = FloatVector.fromMemorySegment(SPECIES, ALL, p31, ORDER).mul(g0);
            FloatVector c3 = FloatVector.fromMemorySegment(SPECIES, ALL, p32, ORDER).mul(g0);
            FloatVector d3 = FloatVector.fromMemorySegment(SPECIES, ALL, p33, ORDER).mul(g0);
            a3 = FloatVector.fromMemorySegment(SPECIES, ALL, p30 + BYTES, ORDER).fma(g1, a3);
            b3 = FloatVector.fromMemorySegment(SPECIES, ALL, p31 + BYTES, ORDER).fma(g1, b3);
            c3 = FloatVector.fromMemorySegment(SPECIES, ALL, p32 + BYTES, ORDER).fma(g1, c3);
            d3 = FloatVector.fromMemorySegment(SPECIES, ALL, p33 + BYTES, ORDER).fma(g1, d3);
            a3 = FloatVector.fromMemorySegment(SPECIES, ALL, p30 + 2 * BYTES, ORDER).fma(g2, a3);
            b3 = FloatVector.fromMemorySegment(SPECIES, ALL, p31 + 2 * BYTES, ORDER).fma(g2, b3);
            c3 = FloatVector.fromMemorySegment(SPECIES, ALL, p32 + 2 * BYTES, ORDER).fma(g2, c3);
            d3 = FloatVector.fromMemorySegment(SPECIES, ALL, p33 + 2 * BYTES, ORDER).fma(g2, d3);
            a3 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p30 + fourth, ORDER), counts).fma(g3, a3);
            b3 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p31 + fourth, ORDER), counts).fma(g3, b3);
            c3 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p32 + fourth, ORDER), counts).fma(g3, c3);
            d3 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p33 + fourth, ORDER), counts).fma(g3, d3);
            FloatVector ab3 = a3.blend(b3, HAS_1).add(b3.blend(a3, HAS_1).rearrange(OTHER_1));
            FloatVector cd3 = c3.blend(d3, HAS_1).add(d3.blend(c3, HAS_1).rearrange(OTHER_1));
            FloatVector s3 = ab3.blend(cd3, HAS_2).add(cd3.blend(ab3, HAS_2).rearrange(OTHER_2));
            FloatVector t0 = s0.blend(s1, HAS_4).add(s1.blend(s0, HAS_4).rearrange(OTHER_4));
            FloatVector t1 = s2.blend(s3, HAS_4).add(s3.blend(s2, HAS_4).rearrange(OTHER_4));
            FloatVector sums = t0.blend(t1, HAS_8).add(t1.blend(t0, HAS_8).rearrange(OTHER_8));
            if (add) {
                sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i, ORDER));
            }
            sums.intoMemorySegment(ALL, w + 4L * i, ORDER);
        }
        weightByFours(i, last, sources, add, w, x, xRow, span, g);
    }

    /** Four survivors at a time. */
    private static void weightByFours(int start, int last, int[] sources, boolean add, long w, long x, long xRow, Span span, long g) {
        long fourth = span.fourth();
        FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, g, ORDER, VectorMask.fromLong(SPECIES, span.lanes0()));
        FloatVector g1 = FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes1()));
        FloatVector g2 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes2()));
        FloatVector g3 = FloatVector.fromMemorySegment(SPECIES, ALL, g + fourth, ORDER, VectorMask.fromLong(SPECIES, span.lanes3()));
        for (int i = start; i < last; i += GROUP) {
            long p0 = x + sources[i] * xRow;
            long p1 = x + sources[Math.min(i + 1, last - 1)] * xRow;
            long p2 = x + sources[Math.min(i + 2, last - 1)] * xRow;
            long p3 = x + sources[Math.min(i + 3, last - 1)] * xRow;
            // Both factors are 0 in lanes that do not count: an infinity in one of them would make a NaN.
            var counts = VectorMask.fromLong(SPECIES, span.lanes3());
            FloatVector zero = FloatVector.zero(SPECIES);
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, ALL, p0, ORDER).mul(g0);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, ALL, p1, ORDER).mul(g0);
            FloatVector c = FloatVector.fromMemorySegment(SPECIES, ALL, p2, ORDER).mul(g0);
            FloatVector d = FloatVector.fromMemorySegment(SPECIES, ALL, p3, ORDER).mul(g0);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + BYTES, ORDER).fma(g1, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + BYTES, ORDER).fma(g1, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + BYTES, ORDER).fma(g1, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + BYTES, ORDER).fma(g1, d);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + 2 * BYTES, ORDER).fma(g2, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + 2 * BYTES, ORDER).fma(g2, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + 2 * BYTES, ORDER).fma(g2, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + 2 * BYTES, ORDER).fma(g2, d);
            a = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p0 + fourth, ORDER), counts).fma(g3, a);
            b = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p1 + fourth, ORDER), counts).fma(g3, b);
            c = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p2 + fourth, ORDER), counts).fma(g3, c);
            d = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, p3 + fourth, ORDER), counts).fma(g3, d);
            FloatVector ab = a.blend(b, HAS_1).add(b.blend(a, HAS_1).rearrange(OTHER_1));
            FloatVector cd = c.blend(d, HAS_1).add(d.blend(c, HAS_1).rearrange(OTHER_1));
            FloatVector sums = ab.blend(cd, HAS_2).add(cd.blend(ab, HAS_2).rearrange(OTHER_2));
            if (LENGTH > 8) {
                sums = sums.add(sums.rearrange(OTHER_8));
            }
            if (LENGTH > 4) {
                sums = sums.add(sums.rearrange(OTHER_4));
            }
            var survivors = SPECIES.indexInRange(0, Math.min(GROUP, last - i));
            long target = w + 4L * i;
            if (add) {
                sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, target, ORDER, survivors));
            }
            sums.intoMemorySegment(ALL, target, ORDER, survivors);
        }
    }

    /** The same for two panels side by side: eight survivors at a time, lanes are added up half as often. */
    private static void weightRowOfTwo(int start, int last, int[] sources, boolean add, long w, long x, long xRow, long g) {
        FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, g, ORDER);
        FloatVector g1 = FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES, ORDER);
        FloatVector g2 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * BYTES, ORDER);
        FloatVector g3 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 3 * BYTES, ORDER);
        FloatVector g4 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4 * BYTES, ORDER);
        FloatVector g5 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 5 * BYTES, ORDER);
        FloatVector g6 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 6 * BYTES, ORDER);
        FloatVector g7 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 7 * BYTES, ORDER);
        int i = start;
        for (; LENGTH >= 8 && i < last - 7; i += 8) {
            // Survivors i … i + 3
            long p00 = x + sources[i] * xRow;
            long p01 = x + sources[i + 1] * xRow;
            long p02 = x + sources[i + 2] * xRow;
            long p03 = x + sources[i + 3] * xRow;
            FloatVector a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00, ORDER).mul(g0);
            FloatVector b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01, ORDER).mul(g0);
            FloatVector c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02, ORDER).mul(g0);
            FloatVector d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03, ORDER).mul(g0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + BYTES, ORDER).fma(g1, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + BYTES, ORDER).fma(g1, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + BYTES, ORDER).fma(g1, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + BYTES, ORDER).fma(g1, d0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 2 * BYTES, ORDER).fma(g2, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 2 * BYTES, ORDER).fma(g2, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 2 * BYTES, ORDER).fma(g2, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 2 * BYTES, ORDER).fma(g2, d0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 3 * BYTES, ORDER).fma(g3, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 3 * BYTES, ORDER).fma(g3, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 3 * BYTES, ORDER).fma(g3, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 3 * BYTES, ORDER).fma(g3, d0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 4 * BYTES, ORDER).fma(g4, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 4 * BYTES, ORDER).fma(g4, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 4 * BYTES, ORDER).fma(g4, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 4 * BYTES, ORDER).fma(g4, d0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 5 * BYTES, ORDER).fma(g5, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 5 * BYTES, ORDER).fma(g5, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 5 * BYTES, ORDER).fma(g5, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 5 * BYTES, ORDER).fma(g5, d0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 6 * BYTES, ORDER).fma(g6, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 6 * BYTES, ORDER).fma(g6, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 6 * BYTES, ORDER).fma(g6, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 6 * BYTES, ORDER).fma(g6, d0);
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 7 * BYTES, ORDER).fma(g7, a0);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 7 * BYTES, ORDER).fma(g7, b0);
            c0 = FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 7 * BYTES, ORDER).fma(g7, c0);
            d0 = FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 7 * BYTES, ORDER).fma(g7, d0);
            FloatVector ab0 = a0.blend(b0, HAS_1).add(b0.blend(a0, HAS_1).rearrange(OTHER_1));
            FloatVector cd0 = c0.blend(d0, HAS_1).add(d0.blend(c0, HAS_1).rearrange(OTHER_1));
            FloatVector s0 = ab0.blend(cd0, HAS_2).add(cd0.blend(ab0, HAS_2).rearrange(OTHER_2));
            // Survivors i + 4 … i + 7
            long p10 = x + sources[i + 4] * xRow;
            long p11 = x + sources[i + 5] * xRow;
            long p12 = x + sources[i + 6] * xRow;
            long p13 = x + sources[i + 7] * xRow;
            FloatVector a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10, ORDER).mul(g0);
            FloatVector b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11, ORDER).mul(g0);
            FloatVector c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12, ORDER).mul(g0);
            FloatVector d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13, ORDER).mul(g0);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + BYTES, ORDER).fma(g1, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + BYTES, ORDER).fma(g1, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + BYTES, ORDER).fma(g1, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + BYTES, ORDER).fma(g1, d1);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 2 * BYTES, ORDER).fma(g2, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 2 * BYTES, ORDER).fma(g2, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 2 * BYTES, ORDER).fma(g2, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 2 * BYTES, ORDER).fma(g2, d1);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 3 * BYTES, ORDER).fma(g3, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 3 * BYTES, ORDER).fma(g3, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 3 * BYTES, ORDER).fma(g3, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 3 * BYTES, ORDER).fma(g3, d1);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 4 * BYTES, ORDER).fma(g4, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 4 * BYTES, ORDER).fma(g4, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 4 * BYTES, ORDER).fma(g4, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 4 * BYTES, ORDER).fma(g4, d1);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 5 * BYTES, ORDER).fma(g5, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 5 * BYTES, ORDER).fma(g5, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 5 * BYTES, ORDER).fma(g5, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 5 * BYTES, ORDER).fma(g5, d1);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 6 * BYTES, ORDER).fma(g6, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 6 * BYTES, ORDER).fma(g6, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 6 * BYTES, ORDER).fma(g6, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 6 * BYTES, ORDER).fma(g6, d1);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 7 * BYTES, ORDER).fma(g7, a1);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 7 * BYTES, ORDER).fma(g7, b1);
            c1 = FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 7 * BYTES, ORDER).fma(g7, c1);
            d1 = FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 7 * BYTES, ORDER).fma(g7, d1);
            FloatVector ab1 = a1.blend(b1, HAS_1).add(b1.blend(a1, HAS_1).rearrange(OTHER_1));
            FloatVector cd1 = c1.blend(d1, HAS_1).add(d1.blend(c1, HAS_1).rearrange(OTHER_1));
            FloatVector s1 = ab1.blend(cd1, HAS_2).add(cd1.blend(ab1, HAS_2).rearrange(OTHER_2));
            FloatVector sums = s0.blend(s1, HAS_4).add(s1.blend(s0, HAS_4).rearrange(OTHER_4));
            if (LENGTH > 8) {
                sums = sums.add(sums.rearrange(OTHER_8));
            }
            var eight = VectorMask.fromLong(SPECIES, 0xFF);
            if (add) {
                sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i, ORDER, eight));
            }
            sums.intoMemorySegment(ALL, w + 4L * i, ORDER, eight);
        }
        weightByFoursOfTwo(i, last, sources, add, w, x, xRow, g);
    }

    /** The same for two panels side by side. */
    private static void weightByFoursOfTwo(int start, int last, int[] sources, boolean add, long w, long x, long xRow, long g) {
        FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, g, ORDER);
        FloatVector g1 = FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES, ORDER);
        FloatVector g2 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * BYTES, ORDER);
        FloatVector g3 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 3 * BYTES, ORDER);
        FloatVector g4 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4 * BYTES, ORDER);
        FloatVector g5 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 5 * BYTES, ORDER);
        FloatVector g6 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 6 * BYTES, ORDER);
        FloatVector g7 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 7 * BYTES, ORDER);
        for (int i = start; i < last; i += GROUP) {
            long p0 = x + sources[i] * xRow;
            long p1 = x + sources[Math.min(i + 1, last - 1)] * xRow;
            long p2 = x + sources[Math.min(i + 2, last - 1)] * xRow;
            long p3 = x + sources[Math.min(i + 3, last - 1)] * xRow;
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, ALL, p0, ORDER).mul(g0);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, ALL, p1, ORDER).mul(g0);
            FloatVector c = FloatVector.fromMemorySegment(SPECIES, ALL, p2, ORDER).mul(g0);
            FloatVector d = FloatVector.fromMemorySegment(SPECIES, ALL, p3, ORDER).mul(g0);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + BYTES, ORDER).fma(g1, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + BYTES, ORDER).fma(g1, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + BYTES, ORDER).fma(g1, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + BYTES, ORDER).fma(g1, d);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + 2 * BYTES, ORDER).fma(g2, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + 2 * BYTES, ORDER).fma(g2, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + 2 * BYTES, ORDER).fma(g2, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + 2 * BYTES, ORDER).fma(g2, d);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + 3 * BYTES, ORDER).fma(g3, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + 3 * BYTES, ORDER).fma(g3, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + 3 * BYTES, ORDER).fma(g3, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + 3 * BYTES, ORDER).fma(g3, d);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + 4 * BYTES, ORDER).fma(g4, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + 4 * BYTES, ORDER).fma(g4, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + 4 * BYTES, ORDER).fma(g4, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + 4 * BYTES, ORDER).fma(g4, d);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + 5 * BYTES, ORDER).fma(g5, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + 5 * BYTES, ORDER).fma(g5, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + 5 * BYTES, ORDER).fma(g5, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + 5 * BYTES, ORDER).fma(g5, d);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + 6 * BYTES, ORDER).fma(g6, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + 6 * BYTES, ORDER).fma(g6, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + 6 * BYTES, ORDER).fma(g6, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + 6 * BYTES, ORDER).fma(g6, d);
            a = FloatVector.fromMemorySegment(SPECIES, ALL, p0 + 7 * BYTES, ORDER).fma(g7, a);
            b = FloatVector.fromMemorySegment(SPECIES, ALL, p1 + 7 * BYTES, ORDER).fma(g7, b);
            c = FloatVector.fromMemorySegment(SPECIES, ALL, p2 + 7 * BYTES, ORDER).fma(g7, c);
            d = FloatVector.fromMemorySegment(SPECIES, ALL, p3 + 7 * BYTES, ORDER).fma(g7, d);
            FloatVector ab = a.blend(b, HAS_1).add(b.blend(a, HAS_1).rearrange(OTHER_1));
            FloatVector cd = c.blend(d, HAS_1).add(d.blend(c, HAS_1).rearrange(OTHER_1));
            FloatVector sums = ab.blend(cd, HAS_2).add(cd.blend(ab, HAS_2).rearrange(OTHER_2));
            if (LENGTH > 8) {
                sums = sums.add(sums.rearrange(OTHER_8));
            }
            if (LENGTH > 4) {
                sums = sums.add(sums.rearrange(OTHER_4));
            }
            var survivors = SPECIES.indexInRange(0, Math.min(GROUP, last - i));
            long target = w + 4L * i;
            if (add) {
                sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, target, ORDER, survivors));
            }
            sums.intoMemorySegment(ALL, target, ORDER, survivors);
        }
    }
}
