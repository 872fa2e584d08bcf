package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;
import static coppice.kernels.cpu.Vectors.broadcastAt;
import static coppice.kernels.cpu.Vectors.first;
import static coppice.kernels.cpu.Vectors.load;
import static coppice.kernels.cpu.Vectors.store;
import static coppice.kernels.cpu.Vectors.zero;

import coppice.engine.Elementwise.Binary;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * y[i] = f(a[i], b[i]), one loop for each function, as in {@link UnaryLoops}. An operand with a step of 0 is one vector that is
 * read again and again: it stands in the first-level cache, and one loop serves for vectors and for repeated scalars.
 *
 * <p>What is left over after a loop is seldom reached, so the compiler leaves calls there, and makes objects of vectors that they are handed:
 * all but the Vector API's own.
 */
final class BinaryLoops {

    private BinaryLoops() {}

    /**
     * @param a     an address
     * @param aStep the bytes from one float of a to the next: 4 for n floats, 0 for a vector filled with one value
     * @param b     likewise, with {@code bStep}
     * @param y     the address of n floats; may be a or b
     */
    static void run(Binary f, int n, long a, long aStep, long b, long bStep, long y) {
        switch (f) {
            case ADD -> add(n, a, aStep, b, bStep, y);
            case ADD_RELU -> addRelu(n, a, aStep, b, bStep, y);
            case SUBTRACT -> subtract(n, a, aStep, b, bStep, y);
            case MULTIPLY -> multiply(n, a, aStep, b, bStep, y);
            case DIVIDE -> divide(n, a, aStep, b, bStep, y);
            case WHERE_POSITIVE -> wherePositive(n, a, aStep, b, bStep, y);
            case EQUAL -> equal(n, a, aStep, b, bStep, y);
        }
    }

    /** Whether there is a loop of its own for rows of one function: those of a bias. */
    static boolean hasRows(Binary f) {
        return f == Binary.ADD || f == Binary.ADD_RELU;
    }

    /**
     * y[i, j] = f(a[i, j], b[i]). Calling {@link #run} for each row takes three times as long for rows of 60: 13 µs for [300, 60] and
     * [100, 60].
     *
     * @param a the address of rows · n floats. @param b of as many as there are rows. @param y like a, and may be a
     */
    static void rows(Binary f, int rows, int n, long a, long b, long y) {
        boolean isRectified = f == Binary.ADD_RELU;
        var tail = first(n % LENGTH);
        for (int row = 0; row < rows; row++) {
            FloatVector bias = broadcastAt(b + 4L * row);
            long from = a + 4L * row * n;
            long to = y + 4L * row * n;
            int i = 0;
            for (; i <= n - LENGTH; i += LENGTH) {
                FloatVector sum = load(from + 4L * i).add(bias);
                store(to + 4L * i, isRectified ? wherePositive(sum, sum) : sum);
            }
            if (i < n) {
                FloatVector sum = load(from + 4L * i, tail).add(bias);
                store(to + 4L * i, isRectified ? wherePositive(sum, sum) : sum, tail);
            }
        }
    }

    private static void add(int n, long a, long aStep, long b, long bStep, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(a + aStep * i).add(load(b + bStep * i)));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector p = FloatVector.fromMemorySegment(SPECIES, ALL, a + aStep * i & ADDRESSES, ORDER, tail);
            FloatVector q = FloatVector.fromMemorySegment(SPECIES, ALL, b + bStep * i & ADDRESSES, ORDER, tail);
            p.add(q).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void addRelu(int n, long a, long aStep, long b, long bStep, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector sum = load(a + aStep * i).add(load(b + bStep * i));
            store(y + 4L * i, wherePositive(sum, sum));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector p = FloatVector.fromMemorySegment(SPECIES, ALL, a + aStep * i & ADDRESSES, ORDER, tail);
            FloatVector q = FloatVector.fromMemorySegment(SPECIES, ALL, b + bStep * i & ADDRESSES, ORDER, tail);
            FloatVector sum = p.add(q);
            sum.blend(0, sum.compare(VectorOperators.LE, 0)).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void subtract(int n, long a, long aStep, long b, long bStep, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(a + aStep * i).sub(load(b + bStep * i)));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector p = FloatVector.fromMemorySegment(SPECIES, ALL, a + aStep * i & ADDRESSES, ORDER, tail);
            FloatVector q = FloatVector.fromMemorySegment(SPECIES, ALL, b + bStep * i & ADDRESSES, ORDER, tail);
            p.sub(q).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void multiply(int n, long a, long aStep, long b, long bStep, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(a + aStep * i).mul(load(b + bStep * i)));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector p = FloatVector.fromMemorySegment(SPECIES, ALL, a + aStep * i & ADDRESSES, ORDER, tail);
            FloatVector q = FloatVector.fromMemorySegment(SPECIES, ALL, b + bStep * i & ADDRESSES, ORDER, tail);
            p.mul(q).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void divide(int n, long a, long aStep, long b, long bStep, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(a + aStep * i).div(load(b + bStep * i)));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector p = FloatVector.fromMemorySegment(SPECIES, ALL, a + aStep * i & ADDRESSES, ORDER, tail);
            FloatVector q = FloatVector.fromMemorySegment(SPECIES, ALL, b + bStep * i & ADDRESSES, ORDER, tail);
            p.div(q).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void wherePositive(int n, long a, long aStep, long b, long bStep, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, wherePositive(load(a + aStep * i), load(b + bStep * i)));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector p = FloatVector.fromMemorySegment(SPECIES, ALL, a + aStep * i & ADDRESSES, ORDER, tail);
            FloatVector q = FloatVector.fromMemorySegment(SPECIES, ALL, b + bStep * i & ADDRESSES, ORDER, tail);
            p.blend(0, q.compare(VectorOperators.LE, 0)).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void equal(int n, long a, long aStep, long b, long bStep, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, equal(load(a + aStep * i), load(b + bStep * i)));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector p = FloatVector.fromMemorySegment(SPECIES, ALL, a + aStep * i & ADDRESSES, ORDER, tail);
            FloatVector q = FloatVector.fromMemorySegment(SPECIES, ALL, b + bStep * i & ADDRESSES, ORDER, tail);
            FloatVector.zero(SPECIES).blend(1, p.compare(VectorOperators.EQ, q)).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    /** a, but 0 where b ≤ 0. */
    private static FloatVector wherePositive(FloatVector a, FloatVector b) {
        return a.blend(zero(), b.compare(VectorOperators.LE, 0));
    }

    /** 1 where a = b, else 0. */
    private static FloatVector equal(FloatVector a, FloatVector b) {
        return zero().blend(1, a.compare(VectorOperators.EQ, b));
    }
}
