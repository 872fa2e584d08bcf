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
     * Some columns of a row, as four vectors, and which of their lanes count, as bits. Two panels have none.
     *
     * @param columns of the row, at most those of a panel, or of two
     * @param fourth  bytes from the first to the fourth vector
     */
    record Span(int columns, long fourth, long lanes0, long lanes1, long lanes2, long lanes3) {

        /** Vectors one after the other; behind the columns there is a panel's room. */
        static Span padded(int columns) {
            return new Span(columns, 3L * BYTES, lanes(0, columns), lanes(0, columns - LENGTH), lanes(0, columns - 2 * LENGTH),
                    lanes(0, columns - 3 * LENGTH));
        }

        /** A row where it stands, longer than three vectors: the fourth begins so early that it ends with it, with lanes that do not count. */
        static Span inPlace(int columns) {
            return new Span(columns, 4L * (columns - LENGTH), lanes(0, LENGTH), lanes(0, LENGTH), lanes(0, LENGTH),
                    lanes(WIDTH - columns, LENGTH));
        }

        private static long lanes(int from, int to) {
            return (1L << Math.clamp(to, 0, LENGTH)) - (1L << from);
        }
    }

    /**
     * g[r, :] = Σ w[r, c] · x[c, :] over the survivors of row r, two at a time into sums of their own. What x is multiplied by comes first, so that
     * the processor's instruction takes x from memory itself.
     *
     * @param starts where the survivors of each row and block of x start
     * @param x      some rows; the sums of those before them stand in g, to which these are added
     */
    static void output(int[] starts, int[] columns, int from, int to, Sources x, long w, Span span, long g, long gRow) {
        long origin = x.at() - x.first() * x.row();
        boolean add = x.number() > 0;
        for (int row = from; row < to; row++) {
            int start = starts[row * x.count() + x.number()];
            int last = starts[row * x.count() + x.number() + 1];
            if (span.columns == 2 * WIDTH) {
                outputRowOfTwo(start, last, columns, w, origin, x.row(), add, g + row * gRow);
            } else {
                outputRow(start, last, columns, w, origin, x.row(), span, add, g + row * gRow);
            }
        }
    }

    private static void outputRow(int start, int last, int[] sources, long w, long x, long xRow, Span span, boolean add, long g) {
        long fourth = span.fourth;
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = FloatVector.zero(SPECIES);
        FloatVector a2 = FloatVector.zero(SPECIES);
        FloatVector a3 = FloatVector.zero(SPECIES);
        FloatVector b0 = FloatVector.zero(SPECIES);
        FloatVector b1 = FloatVector.zero(SPECIES);
        FloatVector b2 = FloatVector.zero(SPECIES);
        FloatVector b3 = FloatVector.zero(SPECIES);
        int i = start;
        for (; i < last - 1; i += 2) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i & ADDRESSES));
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i + 4 & ADDRESSES));
            long p = x + sources[i] * xRow;
            long q = x + sources[i + 1] * xRow;
            a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
            a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
            a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
            a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + fourth, ORDER), a3);
            b0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER), b0);
            b1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER), b1);
            b2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER), b2);
            b3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + fourth, ORDER), b3);
        }
        if (i < last) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i & ADDRESSES));
            long p = x + sources[i] * xRow;
            a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
            a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
            a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
            a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + fourth, ORDER), a3);
        }
        a0 = a0.add(b0);
        a1 = a1.add(b1);
        a2 = a2.add(b2);
        a3 = a3.add(b3);
        if (add) {
            a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, g, ORDER, VectorMask.fromLong(SPECIES, span.lanes0)));
            a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes1)));
            a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes2)));
            a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + fourth, ORDER, VectorMask.fromLong(SPECIES, span.lanes3)));
        }
        a0.intoMemorySegment(ALL, g, ORDER, VectorMask.fromLong(SPECIES, span.lanes0));
        a1.intoMemorySegment(ALL, g + BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes1));
        a2.intoMemorySegment(ALL, g + 2 * BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes2));
        a3.intoMemorySegment(ALL, g + fourth, ORDER, VectorMask.fromLong(SPECIES, span.lanes3));
    }

    /** The same for two panels side by side. */
    private static void outputRowOfTwo(int start, int last, int[] sources, long w, long x, long xRow, boolean add, long g) {
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
        int i = start;
        for (; i < last - 1; i += 2) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i & ADDRESSES));
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i + 4 & ADDRESSES));
            long p = x + sources[i] * xRow;
            long q = x + sources[i + 1] * xRow;
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
            long p = x + sources[i] * xRow;
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
        if (add) {
            a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, g, ORDER));
            a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES, ORDER));
            a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * BYTES, ORDER));
            a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + 3 * BYTES, ORDER));
            a4 = a4.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + 4 * BYTES, ORDER));
            a5 = a5.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + 5 * BYTES, ORDER));
            a6 = a6.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + 6 * BYTES, ORDER));
            a7 = a7.add(FloatVector.fromMemorySegment(SPECIES, ALL, g + 7 * BYTES, ORDER));
        }
        a0.intoMemorySegment(ALL, g, ORDER);
        a1.intoMemorySegment(ALL, g + BYTES, ORDER);
        a2.intoMemorySegment(ALL, g + 2 * BYTES, ORDER);
        a3.intoMemorySegment(ALL, g + 3 * BYTES, ORDER);
        a4.intoMemorySegment(ALL, g + 4 * BYTES, ORDER);
        a5.intoMemorySegment(ALL, g + 5 * BYTES, ORDER);
        a6.intoMemorySegment(ALL, g + 6 * BYTES, ORDER);
        a7.intoMemorySegment(ALL, g + 7 * BYTES, ORDER);
    }

    /** x[c, :] = Σ w[r, c] · g[r, :] over the survivors of column c: as above, the weights found by the transposed index. */
    static void input(int[] starts, Mask.Columns index, int from, int to, Sources g, long w, Span span, long x, long xRow) {
        long origin = g.at() - g.first() * g.row();
        boolean add = g.number() > 0;
        for (int row = from; row < to; row++) {
            int start = starts[row * g.count() + g.number()];
            int last = starts[row * g.count() + g.number() + 1];
            if (span.columns == 2 * WIDTH) {
                inputRowOfTwo(start, last, index.rows(), index.values(), w, origin, g.row(), add, x + row * xRow);
            } else {
                inputRow(start, last, index.rows(), index.values(), w, origin, g.row(), span, add, x + row * xRow);
            }
        }
    }

    private static void inputRow(int start, int last, int[] sources, int[] values, long w, long g, long gRow, Span span, boolean add, long x) {
        long fourth = span.fourth;
        FloatVector a0 = FloatVector.zero(SPECIES);
        FloatVector a1 = FloatVector.zero(SPECIES);
        FloatVector a2 = FloatVector.zero(SPECIES);
        FloatVector a3 = FloatVector.zero(SPECIES);
        FloatVector b0 = FloatVector.zero(SPECIES);
        FloatVector b1 = FloatVector.zero(SPECIES);
        FloatVector b2 = FloatVector.zero(SPECIES);
        FloatVector b3 = FloatVector.zero(SPECIES);
        int i = start;
        for (; i < last - 1; i += 2) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i] & ADDRESSES));
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i + 1] & ADDRESSES));
            long p = g + sources[i] * gRow;
            long q = g + sources[i + 1] * gRow;
            a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
            a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
            a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
            a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + fourth, ORDER), a3);
            b0 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER), b0);
            b1 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER), b1);
            b2 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER), b2);
            b3 = v.fma(FloatVector.fromMemorySegment(SPECIES, ALL, q + fourth, ORDER), b3);
        }
        if (i < last) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i] & ADDRESSES));
            long p = g + sources[i] * gRow;
            a0 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER), a0);
            a1 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER), a1);
            a2 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER), a2);
            a3 = u.fma(FloatVector.fromMemorySegment(SPECIES, ALL, p + fourth, ORDER), a3);
        }
        a0 = a0.add(b0);
        a1 = a1.add(b1);
        a2 = a2.add(b2);
        a3 = a3.add(b3);
        if (add) {
            a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, x, ORDER, VectorMask.fromLong(SPECIES, span.lanes0)));
            a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes1)));
            a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 2 * BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes2)));
            a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + fourth, ORDER, VectorMask.fromLong(SPECIES, span.lanes3)));
        }
        a0.intoMemorySegment(ALL, x, ORDER, VectorMask.fromLong(SPECIES, span.lanes0));
        a1.intoMemorySegment(ALL, x + BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes1));
        a2.intoMemorySegment(ALL, x + 2 * BYTES, ORDER, VectorMask.fromLong(SPECIES, span.lanes2));
        a3.intoMemorySegment(ALL, x + fourth, ORDER, VectorMask.fromLong(SPECIES, span.lanes3));
    }

    /** The same for two panels side by side. */
    private static void inputRowOfTwo(int start, int last, int[] sources, int[] values, long w, long g, long gRow, boolean add, long x) {
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
        int i = start;
        for (; i < last - 1; i += 2) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i] & ADDRESSES));
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i + 1] & ADDRESSES));
            long p = g + sources[i] * gRow;
            long q = g + sources[i + 1] * gRow;
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
            long p = g + sources[i] * gRow;
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
        if (add) {
            a0 = a0.add(FloatVector.fromMemorySegment(SPECIES, ALL, x, ORDER));
            a1 = a1.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + BYTES, ORDER));
            a2 = a2.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 2 * BYTES, ORDER));
            a3 = a3.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 3 * BYTES, ORDER));
            a4 = a4.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4 * BYTES, ORDER));
            a5 = a5.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 5 * BYTES, ORDER));
            a6 = a6.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 6 * BYTES, ORDER));
            a7 = a7.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 7 * BYTES, ORDER));
        }
        a0.intoMemorySegment(ALL, x, ORDER);
        a1.intoMemorySegment(ALL, x + BYTES, ORDER);
        a2.intoMemorySegment(ALL, x + 2 * BYTES, ORDER);
        a3.intoMemorySegment(ALL, x + 3 * BYTES, ORDER);
        a4.intoMemorySegment(ALL, x + 4 * BYTES, ORDER);
        a5.intoMemorySegment(ALL, x + 5 * BYTES, ORDER);
        a6.intoMemorySegment(ALL, x + 6 * BYTES, ORDER);
        a7.intoMemorySegment(ALL, x + 7 * BYTES, ORDER);
    }
}
