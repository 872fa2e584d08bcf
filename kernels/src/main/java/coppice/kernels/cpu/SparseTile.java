package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.FLOAT;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Mask;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * The innermost sparse products, on rows of the result and one panel of four vectors of columns. They call the Vector API itself:
 * a vector that crosses one call that is not inlined is boxed, and then in every round of the loop.
 */
final class SparseTile {

    /** Vectors of a panel. */
    static final int VECTORS = 4;

    /** Columns of a panel. */
    static final int WIDTH = VECTORS * LENGTH;

    private static final long ROW_BYTES = VECTORS * BYTES;

    /** Survivors whose sampled products are summed across lanes together. */
    private static final int GROUP = 4;

    private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
    private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 2);
    private static final VectorShuffle<Float> ROTATE_4 = VectorShuffle.fromOp(SPECIES, lane -> (lane + 4) % LENGTH);
    private static final VectorShuffle<Float> ROTATE_8 = VectorShuffle.fromOp(SPECIES, lane -> (lane + 8) % LENGTH);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAA);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, 0xCCCC);

    private SparseTile() {}

    /**
     * g[r, :] = Σ w[r, c] · x[c, :] over the survivors of row r, two at a time into sums of their own.
     *
     * @param first the first source in the panel: the sums of those before it stand in g, to which these are added
     * @param end   the source after the last one in the panel
     * @param room  for a row of the panel
     */
    static void output(Mask.Rows index, int from, int to, int first, int end, long w, long x, int columns, long g, long gRow, long room) {
        long origin = x - first * ROW_BYTES;
        for (int row = from; row < to; row++) {
            int start = survivor(index.starts(), row, index.columns(), first);
            int last = survivor(index.starts(), row, index.columns(), end);
            if (first == 0) {
                outputRow(start, last, index.columns(), w, origin, columns, g + row * gRow);
            } else if (start < last) {
                outputRow(start, last, index.columns(), w, origin, columns, room);
                BinaryLoops.run(Binary.ADD, columns, g + row * gRow, 4, room, 4, g + row * gRow);
            }
        }
    }

    /** The first survivor of a row that has a source or a later one; the one after its last if it has none. @param sources ascending in each row */
    private static int survivor(int[] starts, int row, int[] sources, int source) {
        int low = starts[row];
        int high = starts[row + 1];
        if (source == 0) {
            return low;
        }
        if (low == high || sources[high - 1] < source) {
            return high;
        }
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sources[middle] < source) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static void outputRow(int start, int last, int[] sources, long w, long x, int columns, long g) {
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
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i));
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i + 4));
            long p = x + sources[i] * ROW_BYTES;
            long q = x + sources[i + 1] * ROW_BYTES;
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER).fma(u, a0);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER).fma(u, a1);
            a2 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER).fma(u, a2);
            a3 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER).fma(u, a3);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER).fma(v, b0);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER).fma(v, b1);
            b2 = FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER).fma(v, b2);
            b3 = FloatVector.fromMemorySegment(SPECIES, ALL, q + 3 * BYTES, ORDER).fma(v, b3);
        }
        if (i < last) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * i));
            long p = x + sources[i] * ROW_BYTES;
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER).fma(u, a0);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER).fma(u, a1);
            a2 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER).fma(u, a2);
            a3 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER).fma(u, a3);
        }
        a0.add(b0).intoMemorySegment(ALL, g, ORDER, SPECIES.indexInRange(0, columns));
        a1.add(b1).intoMemorySegment(ALL, g + BYTES, ORDER, SPECIES.indexInRange(0, columns - LENGTH));
        a2.add(b2).intoMemorySegment(ALL, g + 2 * BYTES, ORDER, SPECIES.indexInRange(0, columns - 2 * LENGTH));
        a3.add(b3).intoMemorySegment(ALL, g + 3 * BYTES, ORDER, SPECIES.indexInRange(0, columns - 3 * LENGTH));
    }

    /** x[c, :] = Σ w[r, c] · g[r, :] over the survivors of column c: as above, the weights found by the transposed index. */
    static void input(Mask.Columns index, int from, int to, int first, int end, long w, long g, int columns, long x, long xRow, long room) {
        long origin = g - first * ROW_BYTES;
        for (int row = from; row < to; row++) {
            int start = survivor(index.starts(), row, index.rows(), first);
            int last = survivor(index.starts(), row, index.rows(), end);
            if (first == 0) {
                inputRow(start, last, index.rows(), index.values(), w, origin, columns, x + row * xRow);
            } else if (start < last) {
                inputRow(start, last, index.rows(), index.values(), w, origin, columns, room);
                BinaryLoops.run(Binary.ADD, columns, x + row * xRow, 4, room, 4, x + row * xRow);
            }
        }
    }

    private static void inputRow(int start, int last, int[] sources, int[] values, long w, long g, int columns, long x) {
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
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i]));
            FloatVector v = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i + 1]));
            long p = g + sources[i] * ROW_BYTES;
            long q = g + sources[i + 1] * ROW_BYTES;
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER).fma(u, a0);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER).fma(u, a1);
            a2 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER).fma(u, a2);
            a3 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER).fma(u, a3);
            b0 = FloatVector.fromMemorySegment(SPECIES, ALL, q, ORDER).fma(v, b0);
            b1 = FloatVector.fromMemorySegment(SPECIES, ALL, q + BYTES, ORDER).fma(v, b1);
            b2 = FloatVector.fromMemorySegment(SPECIES, ALL, q + 2 * BYTES, ORDER).fma(v, b2);
            b3 = FloatVector.fromMemorySegment(SPECIES, ALL, q + 3 * BYTES, ORDER).fma(v, b3);
        }
        if (i < last) {
            FloatVector u = FloatVector.broadcast(SPECIES, ALL.get(FLOAT, w + 4L * values[i]));
            long p = g + sources[i] * ROW_BYTES;
            a0 = FloatVector.fromMemorySegment(SPECIES, ALL, p, ORDER).fma(u, a0);
            a1 = FloatVector.fromMemorySegment(SPECIES, ALL, p + BYTES, ORDER).fma(u, a1);
            a2 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 2 * BYTES, ORDER).fma(u, a2);
            a3 = FloatVector.fromMemorySegment(SPECIES, ALL, p + 3 * BYTES, ORDER).fma(u, a3);
        }
        a0.add(b0).intoMemorySegment(ALL, x, ORDER, SPECIES.indexInRange(0, columns));
        a1.add(b1).intoMemorySegment(ALL, x + BYTES, ORDER, SPECIES.indexInRange(0, columns - LENGTH));
        a2.add(b2).intoMemorySegment(ALL, x + 2 * BYTES, ORDER, SPECIES.indexInRange(0, columns - 2 * LENGTH));
        a3.add(b3).intoMemorySegment(ALL, x + 3 * BYTES, ORDER, SPECIES.indexInRange(0, columns - 3 * LENGTH));
    }

    /**
     * w[r, c] = ⟨g[r, :], x[c, :]⟩ for each survivor, or that much more. Four survivors make four vectors of products; adding them
     * crosswise, neighbours and then pairs, leaves lane j of each group of four with a part of survivor j's sum.
     */
    static void weight(Mask.Rows index, int from, int to, int first, int end, boolean add, long w, long x, int columns, long g, long gRow) {
        long origin = x - first * ROW_BYTES;
        for (int row = from; row < to; row++) {
            int start = survivor(index.starts(), row, index.columns(), first);
            weightRow(start, survivor(index.starts(), row, index.columns(), end), index.columns(), add, w, origin, columns, g + row * gRow);
        }
    }

    private static void weightRow(int start, int last, int[] sources, boolean add, long w, long x, int columns, long g) {
        FloatVector g0 = FloatVector.fromMemorySegment(SPECIES, ALL, g, ORDER, SPECIES.indexInRange(0, columns));
        FloatVector g1 = FloatVector.fromMemorySegment(SPECIES, ALL, g + BYTES, ORDER, SPECIES.indexInRange(0, columns - LENGTH));
        FloatVector g2 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 2 * BYTES, ORDER, SPECIES.indexInRange(0, columns - 2 * LENGTH));
        FloatVector g3 = FloatVector.fromMemorySegment(SPECIES, ALL, g + 3 * BYTES, ORDER, SPECIES.indexInRange(0, columns - 3 * LENGTH));
        for (int i = start; i < last; i += GROUP) {
            long p0 = x + sources[i] * ROW_BYTES;
            long p1 = x + sources[Math.min(i + 1, last - 1)] * ROW_BYTES;
            long p2 = x + sources[Math.min(i + 2, last - 1)] * ROW_BYTES;
            long p3 = x + sources[Math.min(i + 3, last - 1)] * ROW_BYTES;
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
            FloatVector ab = a.blend(b.rearrange(SWAP_1), ODD).add(a.rearrange(SWAP_1).blend(b, ODD));
            FloatVector cd = c.blend(d.rearrange(SWAP_1), ODD).add(c.rearrange(SWAP_1).blend(d, ODD));
            FloatVector sums = ab.blend(cd.rearrange(SWAP_2), UPPER).add(ab.rearrange(SWAP_2).blend(cd, UPPER));
            if (LENGTH > 8) {
                sums = sums.add(sums.rearrange(ROTATE_8));
            }
            if (LENGTH > 4) {
                sums = sums.add(sums.rearrange(ROTATE_4));
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
