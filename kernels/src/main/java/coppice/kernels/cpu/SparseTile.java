package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.FLOAT;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import coppice.engine.Mask;
import coppice.kernels.cpu.SparseProduct.Sources;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The innermost sparse products, on rows of the result and one panel of four vectors of columns, or two panels side by side; the sampled
 * one is {@link SampledTile}. They call the Vector API itself: a vector that crosses one call that is not inlined is boxed, and then in
 * every round of the loop.
 */
final class SparseTile {

    /** Vectors of a panel. */
    static final int VECTORS = 4;

    /** Columns of a panel. */
    static final int WIDTH = VECTORS * LENGTH;

    private SparseTile() {}

    /**
     * Some columns of a row, as four vectors, and which of their lanes exist, as bits; these are not used for two panels.
     *
     * @param columns of the row, at most those of a panel, or of two
     */
    record Span(int columns, long lanes0, long lanes1, long lanes2, long lanes3) {

        static Span of(int columns) {
            return new Span(columns, lanes(columns), lanes(columns - LENGTH), lanes(columns - 2 * LENGTH), lanes(columns - 3 * LENGTH));
        }

        private static long lanes(int count) {
            return (1L << Math.clamp(count, 0, LENGTH)) - 1;
        }
    }

    /**
     * g[r, :] = Σ w[r, c] · x[c, :] over the survivors of row r, two at a time into sums of their own. What x is multiplied by comes first, so that
     * the processor's instruction takes x from memory itself.
     *
     * @param starts  where the survivors of each row and block of x start
     * @param sources of each survivor, a row of x
     * @param x       some rows; the sums of those before them stand in g, to which these are added
     */
    static void output(int[] starts, int[] sources, int from, int to, Sources x, long w, Span span, long g, long gRow) {
        if (span.columns == 2 * WIDTH) {
            outputOfTwo(starts, sources, from, to, x, w, g, gRow);
        } else {
            outputOfOne(starts, sources, from, to, x, w, span, g, gRow);
        }
    }

    private static void outputOfOne(int[] starts, int[] sources, int from, int to, Sources x, long w, Span span, long g, long gRow) {
        long origin = x.at() - x.first() * x.row();
        long xRow = x.row();
        int block = x.number();
        int blocks = x.count();
        var lanes0 = VectorMask.fromLong(SPECIES, span.lanes0);
        var lanes1 = VectorMask.fromLong(SPECIES, span.lanes1);
        var lanes2 = VectorMask.fromLong(SPECIES, span.lanes2);
        var lanes3 = VectorMask.fromLong(SPECIES, span.lanes3);
        for (int row = from; row < to; row++) {
            int last = starts[row * blocks + block + 1];
            FloatVector a0 = FloatVector.zero(SPECIES);
            FloatVector a1 = FloatVector.zero(SPECIES);
            FloatVector a2 = FloatVector.zero(SPECIES);
            FloatVector a3 = FloatVector.zero(SPECIES);
            FloatVector b0 = FloatVector.zero(SPECIES);
            FloatVector b1 = FloatVector.zero(SPECIES);
            FloatVector b2 = FloatVector.zero(SPECIES);
            FloatVector b3 = FloatVector.zero(SPECIES);
            int i = starts[row * blocks + block];
            for (; i < last - 1; i += 2) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i & ADDRESSES));
                FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i + 4 & ADDRESSES));
                long p = origin + sources[i] * xRow;
                long q = origin + sources[i + 1] * xRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
                b0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER), b0);
                b1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER), b1);
                b2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER), b2);
                b3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 3 * BYTES, ORDER), b3);
            }
            if (i < last) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i & ADDRESSES));
                long p = origin + sources[i] * xRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
            }
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            a2 = a2.add(b2);
            a3 = a3.add(b3);
            long at = g + row * gRow;
            if (block > 0) {
                a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, at & ADDRESSES, ORDER, lanes0));
                a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES & ADDRESSES, ORDER, lanes1));
                a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES & ADDRESSES, ORDER, lanes2));
                a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES & ADDRESSES, ORDER, lanes3));
            }
            a0.intoMemorySegment(ALL, at & ADDRESSES, ORDER, lanes0);
            a1.intoMemorySegment(ALL, at + BYTES & ADDRESSES, ORDER, lanes1);
            a2.intoMemorySegment(ALL, at + 2 * BYTES & ADDRESSES, ORDER, lanes2);
            a3.intoMemorySegment(ALL, at + 3 * BYTES & ADDRESSES, ORDER, lanes3);
        }
    }

    /** The same for two panels side by side. */
    private static void outputOfTwo(int[] starts, int[] sources, int from, int to, Sources x, long w, long g, long gRow) {
        long origin = x.at() - x.first() * x.row();
        long xRow = x.row();
        int block = x.number();
        int blocks = x.count();
        for (int row = from; row < to; row++) {
            int last = starts[row * blocks + block + 1];
            FloatVector a0 = FloatVector.zero(SPECIES);
            FloatVector a1 = FloatVector.zero(SPECIES);
            FloatVector a2 = FloatVector.zero(SPECIES);
            FloatVector a3 = FloatVector.zero(SPECIES);
            FloatVector a4 = FloatVector.zero(SPECIES);
            FloatVector a5 = FloatVector.zero(SPECIES);
            FloatVector a6 = FloatVector.zero(SPECIES);
            FloatVector a7 = FloatVector.zero(SPECIES);
            FloatVector b0 = FloatVector.zero(SPECIES);
            FloatVector b1 = FloatVector.zero(SPECIES);
            FloatVector b2 = FloatVector.zero(SPECIES);
            FloatVector b3 = FloatVector.zero(SPECIES);
            FloatVector b4 = FloatVector.zero(SPECIES);
            FloatVector b5 = FloatVector.zero(SPECIES);
            FloatVector b6 = FloatVector.zero(SPECIES);
            FloatVector b7 = FloatVector.zero(SPECIES);
            int i = starts[row * blocks + block];
            for (; i < last - 1; i += 2) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i & ADDRESSES));
                FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i + 4 & ADDRESSES));
                long p = origin + sources[i] * xRow;
                long q = origin + sources[i + 1] * xRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
                a4 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 4 * BYTES, ORDER), a4);
                a5 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 5 * BYTES, ORDER), a5);
                a6 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 6 * BYTES, ORDER), a6);
                a7 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 7 * BYTES, ORDER), a7);
                b0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER), b0);
                b1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER), b1);
                b2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER), b2);
                b3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 3 * BYTES, ORDER), b3);
                b4 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 4 * BYTES, ORDER), b4);
                b5 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 5 * BYTES, ORDER), b5);
                b6 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 6 * BYTES, ORDER), b6);
                b7 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 7 * BYTES, ORDER), b7);
            }
            if (i < last) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i & ADDRESSES));
                long p = origin + sources[i] * xRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
                a4 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 4 * BYTES, ORDER), a4);
                a5 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 5 * BYTES, ORDER), a5);
                a6 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 6 * BYTES, ORDER), a6);
                a7 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 7 * BYTES, ORDER), a7);
            }
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            a2 = a2.add(b2);
            a3 = a3.add(b3);
            a4 = a4.add(b4);
            a5 = a5.add(b5);
            a6 = a6.add(b6);
            a7 = a7.add(b7);
            long at = g + row * gRow;
            if (block > 0) {
                a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER));
                a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER));
                a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES, ORDER));
                a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES, ORDER));
                a4 = a4.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * BYTES, ORDER));
                a5 = a5.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 5 * BYTES, ORDER));
                a6 = a6.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 6 * BYTES, ORDER));
                a7 = a7.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 7 * BYTES, ORDER));
            }
            a0.intoMemorySegment(ALL, at, ORDER);
            a1.intoMemorySegment(ALL, at + BYTES, ORDER);
            a2.intoMemorySegment(ALL, at + 2 * BYTES, ORDER);
            a3.intoMemorySegment(ALL, at + 3 * BYTES, ORDER);
            a4.intoMemorySegment(ALL, at + 4 * BYTES, ORDER);
            a5.intoMemorySegment(ALL, at + 5 * BYTES, ORDER);
            a6.intoMemorySegment(ALL, at + 6 * BYTES, ORDER);
            a7.intoMemorySegment(ALL, at + 7 * BYTES, ORDER);
        }
    }

    /** x[c, :] = Σ w[r, c] · g[r, :] over the survivors of column c: as above, the weights found by the transposed index. */
    static void input(int[] starts, Mask.Columns index, int from, int to, Sources g, long w, Span span, long x, long xRow) {
        if (span.columns == 2 * WIDTH) {
            inputOfTwo(starts, index.rows(), index.values(), from, to, g, w, x, xRow);
        } else {
            inputOfOne(starts, index.rows(), index.values(), from, to, g, w, span, x, xRow);
        }
    }

    private static void inputOfOne(int[] starts, int[] sources, int[] values, int from, int to, Sources g, long w, Span span, long x, long xRow) {
        long origin = g.at() - g.first() * g.row();
        long gRow = g.row();
        int block = g.number();
        int blocks = g.count();
        var lanes0 = VectorMask.fromLong(SPECIES, span.lanes0);
        var lanes1 = VectorMask.fromLong(SPECIES, span.lanes1);
        var lanes2 = VectorMask.fromLong(SPECIES, span.lanes2);
        var lanes3 = VectorMask.fromLong(SPECIES, span.lanes3);
        for (int row = from; row < to; row++) {
            int last = starts[row * blocks + block + 1];
            FloatVector a0 = FloatVector.zero(SPECIES);
            FloatVector a1 = FloatVector.zero(SPECIES);
            FloatVector a2 = FloatVector.zero(SPECIES);
            FloatVector a3 = FloatVector.zero(SPECIES);
            FloatVector b0 = FloatVector.zero(SPECIES);
            FloatVector b1 = FloatVector.zero(SPECIES);
            FloatVector b2 = FloatVector.zero(SPECIES);
            FloatVector b3 = FloatVector.zero(SPECIES);
            int i = starts[row * blocks + block];
            for (; i < last - 1; i += 2) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i] & ADDRESSES));
                FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i + 1] & ADDRESSES));
                long p = origin + sources[i] * gRow;
                long q = origin + sources[i + 1] * gRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
                b0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER), b0);
                b1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER), b1);
                b2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER), b2);
                b3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 3 * BYTES, ORDER), b3);
            }
            if (i < last) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i] & ADDRESSES));
                long p = origin + sources[i] * gRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
            }
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            a2 = a2.add(b2);
            a3 = a3.add(b3);
            long at = x + row * xRow;
            if (block > 0) {
                a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, at & ADDRESSES, ORDER, lanes0));
                a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES & ADDRESSES, ORDER, lanes1));
                a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES & ADDRESSES, ORDER, lanes2));
                a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES & ADDRESSES, ORDER, lanes3));
            }
            a0.intoMemorySegment(ALL, at & ADDRESSES, ORDER, lanes0);
            a1.intoMemorySegment(ALL, at + BYTES & ADDRESSES, ORDER, lanes1);
            a2.intoMemorySegment(ALL, at + 2 * BYTES & ADDRESSES, ORDER, lanes2);
            a3.intoMemorySegment(ALL, at + 3 * BYTES & ADDRESSES, ORDER, lanes3);
        }
    }

    /** The same for two panels side by side. */
    private static void inputOfTwo(int[] starts, int[] sources, int[] values, int from, int to, Sources g, long w, long x, long xRow) {
        long origin = g.at() - g.first() * g.row();
        long gRow = g.row();
        int block = g.number();
        int blocks = g.count();
        for (int row = from; row < to; row++) {
            int last = starts[row * blocks + block + 1];
            FloatVector a0 = FloatVector.zero(SPECIES);
            FloatVector a1 = FloatVector.zero(SPECIES);
            FloatVector a2 = FloatVector.zero(SPECIES);
            FloatVector a3 = FloatVector.zero(SPECIES);
            FloatVector a4 = FloatVector.zero(SPECIES);
            FloatVector a5 = FloatVector.zero(SPECIES);
            FloatVector a6 = FloatVector.zero(SPECIES);
            FloatVector a7 = FloatVector.zero(SPECIES);
            FloatVector b0 = FloatVector.zero(SPECIES);
            FloatVector b1 = FloatVector.zero(SPECIES);
            FloatVector b2 = FloatVector.zero(SPECIES);
            FloatVector b3 = FloatVector.zero(SPECIES);
            FloatVector b4 = FloatVector.zero(SPECIES);
            FloatVector b5 = FloatVector.zero(SPECIES);
            FloatVector b6 = FloatVector.zero(SPECIES);
            FloatVector b7 = FloatVector.zero(SPECIES);
            int i = starts[row * blocks + block];
            for (; i < last - 1; i += 2) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i] & ADDRESSES));
                FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i + 1] & ADDRESSES));
                long p = origin + sources[i] * gRow;
                long q = origin + sources[i + 1] * gRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
                a4 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 4 * BYTES, ORDER), a4);
                a5 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 5 * BYTES, ORDER), a5);
                a6 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 6 * BYTES, ORDER), a6);
                a7 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 7 * BYTES, ORDER), a7);
                b0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER), b0);
                b1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER), b1);
                b2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER), b2);
                b3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 3 * BYTES, ORDER), b3);
                b4 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 4 * BYTES, ORDER), b4);
                b5 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 5 * BYTES, ORDER), b5);
                b6 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 6 * BYTES, ORDER), b6);
                b7 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 7 * BYTES, ORDER), b7);
            }
            if (i < last) {
                FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i] & ADDRESSES));
                long p = origin + sources[i] * gRow;
                a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
                a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
                a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
                a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER), a3);
                a4 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 4 * BYTES, ORDER), a4);
                a5 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 5 * BYTES, ORDER), a5);
                a6 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 6 * BYTES, ORDER), a6);
                a7 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 7 * BYTES, ORDER), a7);
            }
            a0 = a0.add(b0);
            a1 = a1.add(b1);
            a2 = a2.add(b2);
            a3 = a3.add(b3);
            a4 = a4.add(b4);
            a5 = a5.add(b5);
            a6 = a6.add(b6);
            a7 = a7.add(b7);
            long at = x + row * xRow;
            if (block > 0) {
                a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER));
                a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + BYTES, ORDER));
                a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 2 * BYTES, ORDER));
                a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 3 * BYTES, ORDER));
                a4 = a4.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 4 * BYTES, ORDER));
                a5 = a5.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 5 * BYTES, ORDER));
                a6 = a6.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 6 * BYTES, ORDER));
                a7 = a7.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + 7 * BYTES, ORDER));
            }
            a0.intoMemorySegment(ALL, at, ORDER);
            a1.intoMemorySegment(ALL, at + BYTES, ORDER);
            a2.intoMemorySegment(ALL, at + 2 * BYTES, ORDER);
            a3.intoMemorySegment(ALL, at + 3 * BYTES, ORDER);
            a4.intoMemorySegment(ALL, at + 4 * BYTES, ORDER);
            a5.intoMemorySegment(ALL, at + 5 * BYTES, ORDER);
            a6.intoMemorySegment(ALL, at + 6 * BYTES, ORDER);
            a7.intoMemorySegment(ALL, at + 7 * BYTES, ORDER);
        }
    }
}
