package coppice.kernels.cpu;

import static coppice.kernels.cpu.SparseTile.WIDTH;
import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import coppice.kernels.cpu.SparseProduct.Sources;
import coppice.kernels.cpu.SparseTile.Span;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The innermost sampled product, of survivors' gradients, on the same panels as {@link SparseTile}; it calls the Vector API itself, too. */
final class SampledTile {

    /** Survivors whose sampled products are summed across lanes together. */
    private static final int GROUP = Math.min(8, LENGTH);

    private SampledTile() {}

    /** w[r, c] = ⟨g[r, :], x[c, :]⟩ for each survivor, or that much more. @param span of a panel, or of two */
    static void weight(int[] starts, int[] sources, int from, int to, Sources x, boolean add, long w, Span span, long g, long gRow) {
        if (span.columns() == 2 * WIDTH) {
            weightOfTwo(starts, sources, from, to, x, add, w, g, gRow);
        } else {
            weightOfOne(starts, sources, from, to, x, add, w, span, g, gRow);
        }
    }

    /**
     * Eight survivors at a time, the last of a row again where there are fewer: lane i ends with the sum of the i-th, as in {@link LaneSums}.
     * Rows of g are blended after they are loaded, so that multiplications take x from memory themselves (see the package). [300, 784] × 60 takes 110
     * µs at 33 % on one thread, 150 without the blend and with masks and shuffles from static fields, and 12 at 2 % instead of 18. Nothing is taken
     * out or looped over: vectors would become objects.
     */
    private static void weightOfOne(int[] starts, int[] sources, int from, int to, Sources x, boolean add, long w, Span span, long g, long gRow) {
        long origin = x.at() - x.first() * x.row();
        long xRow = x.row();
        int block = x.number();
        int blocks = x.count();
        FloatVector zero = FloatVector.zero(SPECIES);
        var lanes0 = VectorMask.fromLong(SPECIES, span.lanes0());
        var lanes1 = VectorMask.fromLong(SPECIES, span.lanes1());
        var lanes2 = VectorMask.fromLong(SPECIES, span.lanes2());
        var lanes3 = VectorMask.fromLong(SPECIES, span.lanes3());
        var has1 = LaneSums.has(1);
        var has2 = LaneSums.has(2);
        var has4 = LaneSums.has(4);
        var other1 = LaneSums.other(1);
        var other2 = LaneSums.other(2);
        var other4 = LaneSums.other(4);
        var other8 = LaneSums.other(8);
        for (int row = from; row < to; row++) {
            int last = starts[row * blocks + block + 1];
            int end = last - 1;
            long at = g + row * gRow;
            FloatVector g0 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at & ADDRESSES, ORDER, lanes0), lanes0);
            FloatVector g1 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES & ADDRESSES, ORDER, lanes1), lanes1);
            FloatVector g2 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES & ADDRESSES, ORDER, lanes2), lanes2);
            FloatVector g3 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES & ADDRESSES, ORDER, lanes3), lanes3);
            for (int i = starts[row * blocks + block]; i < last; i += GROUP) {
                // Survivors i … i + 3
                long p00 = origin + sources[i] * xRow;
                long p01 = origin + sources[Math.min(i + 1, end)] * xRow;
                long p02 = origin + sources[Math.min(i + 2, end)] * xRow;
                long p03 = origin + sources[Math.min(i + 3, end)] * xRow;
                FloatVector a0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p00, ORDER));
                FloatVector b0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p01, ORDER));
                FloatVector c0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p02, ORDER));
                FloatVector d0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p03, ORDER));
                a0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + BYTES, ORDER), a0);
                b0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + BYTES, ORDER), b0);
                c0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + BYTES, ORDER), c0);
                d0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + BYTES, ORDER), d0);
                a0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 2 * BYTES, ORDER), a0);
                b0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 2 * BYTES, ORDER), b0);
                c0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 2 * BYTES, ORDER), c0);
                d0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 2 * BYTES, ORDER), d0);
                a0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 3 * BYTES, ORDER), a0);
                b0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 3 * BYTES, ORDER), b0);
                c0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 3 * BYTES, ORDER), c0);
                d0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 3 * BYTES, ORDER), d0);
                FloatVector ab0 = a0.blend(b0, has1).add(b0.blend(a0, has1).rearrange(other1));
                FloatVector cd0 = c0.blend(d0, has1).add(d0.blend(c0, has1).rearrange(other1));
                FloatVector s0 = ab0.blend(cd0, has2).add(cd0.blend(ab0, has2).rearrange(other2));
                // Survivors i + 4 … i + 7
                long p10 = origin + sources[Math.min(i + 4, end)] * xRow;
                long p11 = origin + sources[Math.min(i + 5, end)] * xRow;
                long p12 = origin + sources[Math.min(i + 6, end)] * xRow;
                long p13 = origin + sources[Math.min(i + 7, end)] * xRow;
                FloatVector a1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p10, ORDER));
                FloatVector b1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p11, ORDER));
                FloatVector c1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p12, ORDER));
                FloatVector d1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p13, ORDER));
                a1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + BYTES, ORDER), a1);
                b1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + BYTES, ORDER), b1);
                c1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + BYTES, ORDER), c1);
                d1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + BYTES, ORDER), d1);
                a1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 2 * BYTES, ORDER), a1);
                b1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 2 * BYTES, ORDER), b1);
                c1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 2 * BYTES, ORDER), c1);
                d1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 2 * BYTES, ORDER), d1);
                a1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 3 * BYTES, ORDER), a1);
                b1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 3 * BYTES, ORDER), b1);
                c1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 3 * BYTES, ORDER), c1);
                d1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 3 * BYTES, ORDER), d1);
                FloatVector ab1 = a1.blend(b1, has1).add(b1.blend(a1, has1).rearrange(other1));
                FloatVector cd1 = c1.blend(d1, has1).add(d1.blend(c1, has1).rearrange(other1));
                FloatVector s1 = ab1.blend(cd1, has2).add(cd1.blend(ab1, has2).rearrange(other2));
                FloatVector sums = LENGTH == 4 ? s0 : s0.blend(s1, has4).add(s1.blend(s0, has4).rearrange(other4));
                if (LENGTH > 8) {
                    sums = sums.add(sums.rearrange(other8));
                }
                var exist = VectorMask.<Float>fromLong(SPECIES, (1L << Math.min(GROUP, last - i)) - 1);
                if (add) {
                    sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i & ADDRESSES, ORDER, exist));
                }
                sums.intoMemorySegment(ALL, w + 4L * i & ADDRESSES, ORDER, exist);
            }
        }
    }

    /** The same for two panels side by side: lanes are added up half as often. */
    private static void weightOfTwo(int[] starts, int[] sources, int from, int to, Sources x, boolean add, long w, long g, long gRow) {
        long origin = x.at() - x.first() * x.row();
        long xRow = x.row();
        int block = x.number();
        int blocks = x.count();
        FloatVector zero = FloatVector.zero(SPECIES);
        var all = VectorMask.fromLong(SPECIES, (1L << LENGTH) - 1);
        var has1 = LaneSums.has(1);
        var has2 = LaneSums.has(2);
        var has4 = LaneSums.has(4);
        var other1 = LaneSums.other(1);
        var other2 = LaneSums.other(2);
        var other4 = LaneSums.other(4);
        var other8 = LaneSums.other(8);
        for (int row = from; row < to; row++) {
            int last = starts[row * blocks + block + 1];
            int end = last - 1;
            long at = g + row * gRow;
            FloatVector g0 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER), all);
            FloatVector g1 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER), all);
            FloatVector g2 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES, ORDER), all);
            FloatVector g3 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES, ORDER), all);
            FloatVector g4 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * BYTES, ORDER), all);
            FloatVector g5 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 5 * BYTES, ORDER), all);
            FloatVector g6 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 6 * BYTES, ORDER), all);
            FloatVector g7 = zero.blend(FloatVector.fromMemorySegment(SPECIES, ALL, at + 7 * BYTES, ORDER), all);
            for (int i = starts[row * blocks + block]; i < last; i += GROUP) {
                // Survivors i … i + 3
                long p00 = origin + sources[i] * xRow;
                long p01 = origin + sources[Math.min(i + 1, end)] * xRow;
                long p02 = origin + sources[Math.min(i + 2, end)] * xRow;
                long p03 = origin + sources[Math.min(i + 3, end)] * xRow;
                FloatVector a0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p00, ORDER));
                FloatVector b0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p01, ORDER));
                FloatVector c0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p02, ORDER));
                FloatVector d0 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p03, ORDER));
                a0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + BYTES, ORDER), a0);
                b0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + BYTES, ORDER), b0);
                c0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + BYTES, ORDER), c0);
                d0 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + BYTES, ORDER), d0);
                a0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 2 * BYTES, ORDER), a0);
                b0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 2 * BYTES, ORDER), b0);
                c0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 2 * BYTES, ORDER), c0);
                d0 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 2 * BYTES, ORDER), d0);
                a0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 3 * BYTES, ORDER), a0);
                b0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 3 * BYTES, ORDER), b0);
                c0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 3 * BYTES, ORDER), c0);
                d0 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 3 * BYTES, ORDER), d0);
                a0 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 4 * BYTES, ORDER), a0);
                b0 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 4 * BYTES, ORDER), b0);
                c0 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 4 * BYTES, ORDER), c0);
                d0 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 4 * BYTES, ORDER), d0);
                a0 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 5 * BYTES, ORDER), a0);
                b0 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 5 * BYTES, ORDER), b0);
                c0 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 5 * BYTES, ORDER), c0);
                d0 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 5 * BYTES, ORDER), d0);
                a0 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 6 * BYTES, ORDER), a0);
                b0 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 6 * BYTES, ORDER), b0);
                c0 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 6 * BYTES, ORDER), c0);
                d0 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 6 * BYTES, ORDER), d0);
                a0 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p00 + 7 * BYTES, ORDER), a0);
                b0 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p01 + 7 * BYTES, ORDER), b0);
                c0 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p02 + 7 * BYTES, ORDER), c0);
                d0 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p03 + 7 * BYTES, ORDER), d0);
                FloatVector ab0 = a0.blend(b0, has1).add(b0.blend(a0, has1).rearrange(other1));
                FloatVector cd0 = c0.blend(d0, has1).add(d0.blend(c0, has1).rearrange(other1));
                FloatVector s0 = ab0.blend(cd0, has2).add(cd0.blend(ab0, has2).rearrange(other2));
                // Survivors i + 4 … i + 7
                long p10 = origin + sources[Math.min(i + 4, end)] * xRow;
                long p11 = origin + sources[Math.min(i + 5, end)] * xRow;
                long p12 = origin + sources[Math.min(i + 6, end)] * xRow;
                long p13 = origin + sources[Math.min(i + 7, end)] * xRow;
                FloatVector a1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p10, ORDER));
                FloatVector b1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p11, ORDER));
                FloatVector c1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p12, ORDER));
                FloatVector d1 = g0.mul(FloatVector.fromMemorySegment(SPECIES, ALL, p13, ORDER));
                a1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + BYTES, ORDER), a1);
                b1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + BYTES, ORDER), b1);
                c1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + BYTES, ORDER), c1);
                d1 = g1.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + BYTES, ORDER), d1);
                a1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 2 * BYTES, ORDER), a1);
                b1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 2 * BYTES, ORDER), b1);
                c1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 2 * BYTES, ORDER), c1);
                d1 = g2.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 2 * BYTES, ORDER), d1);
                a1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 3 * BYTES, ORDER), a1);
                b1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 3 * BYTES, ORDER), b1);
                c1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 3 * BYTES, ORDER), c1);
                d1 = g3.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 3 * BYTES, ORDER), d1);
                a1 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 4 * BYTES, ORDER), a1);
                b1 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 4 * BYTES, ORDER), b1);
                c1 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 4 * BYTES, ORDER), c1);
                d1 = g4.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 4 * BYTES, ORDER), d1);
                a1 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 5 * BYTES, ORDER), a1);
                b1 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 5 * BYTES, ORDER), b1);
                c1 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 5 * BYTES, ORDER), c1);
                d1 = g5.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 5 * BYTES, ORDER), d1);
                a1 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 6 * BYTES, ORDER), a1);
                b1 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 6 * BYTES, ORDER), b1);
                c1 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 6 * BYTES, ORDER), c1);
                d1 = g6.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 6 * BYTES, ORDER), d1);
                a1 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p10 + 7 * BYTES, ORDER), a1);
                b1 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p11 + 7 * BYTES, ORDER), b1);
                c1 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p12 + 7 * BYTES, ORDER), c1);
                d1 = g7.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p13 + 7 * BYTES, ORDER), d1);
                FloatVector ab1 = a1.blend(b1, has1).add(b1.blend(a1, has1).rearrange(other1));
                FloatVector cd1 = c1.blend(d1, has1).add(d1.blend(c1, has1).rearrange(other1));
                FloatVector s1 = ab1.blend(cd1, has2).add(cd1.blend(ab1, has2).rearrange(other2));
                FloatVector sums = LENGTH == 4 ? s0 : s0.blend(s1, has4).add(s1.blend(s0, has4).rearrange(other4));
                if (LENGTH > 8) {
                    sums = sums.add(sums.rearrange(other8));
                }
                var exist = VectorMask.<Float>fromLong(SPECIES, (1L << Math.min(GROUP, last - i)) - 1);
                if (add) {
                    sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i & ADDRESSES, ORDER, exist));
                }
                sums.intoMemorySegment(ALL, w + 4L * i & ADDRESSES, ORDER, exist);
            }
        }
    }
}
