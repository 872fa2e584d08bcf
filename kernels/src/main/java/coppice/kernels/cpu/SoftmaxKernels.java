package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import coppice.engine.Backend;
import coppice.engine.Shape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax and its kin over axis 0 of [C, N], a vector of examples at a time: each example's largest logit is taken off first, so
 * that no exponential overflows.
 *
 * <p>A method is one loop over the classes, and what it hands on, to the next round or to the next method, stands in memory: a vector that
 * lives from one loop to another, or leaves a method, becomes an object, and sometimes one that lives from round to round. With all in one
 * method softmax of [10, 60] made 120 of them and took 1.9 µs instead of 0.6.
 */
final class SoftmaxKernels {

    /** Logits below which a second thread does not pay. */
    private static final int GRAIN = 4096;

    private final Workers workers;
    private final Memory memory;

    SoftmaxKernels(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /**
     * The examples of one vector.
     *
     * @param rowBytes from a class to the next
     * @param at       the byte at which the first class starts
     * @param room     for {@link #LARGEST} and so on
     */
    private record Column(int classes, long rowBytes, long at, int examples, long room) {}

    // What stands in a column's room, a vector each, by the byte at which it starts.
    private static final int LARGEST = 0;
    private static final int SUM = BYTES;
    /** One for each class. */
    private static final int POWERS = 2 * BYTES;

    private interface Kernel {
        void run(Column column);
    }

    private void columns(Shape shape, Kernel kernel) {
        int n = shape.size(1);
        int roomFloats = Math.addExact(POWERS / Float.BYTES, Math.multiplyExact(shape.size(0), LENGTH));
        var columns = new Column[Math.ceilDiv(n, LENGTH)];
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(columns.length, roomFloats));
        try {
            long rooms = scratch.address();
            Arrays.setAll(columns, i -> new Column(shape.size(0), 4L * n, (long) i * BYTES, Math.min(LENGTH, n - i * LENGTH),
                    rooms + 4L * i * roomFloats));
            workers.run(workers.parts(shape.size(), GRAIN), (part, parts) -> {
                int last = Workers.start(columns.length, 1, part + 1, parts);
                for (int i = Workers.start(columns.length, 1, part, parts); i < last; i++) {
                    kernel.run(columns[i]);
                }
            });
        } finally {
            memory.release(scratch);
        }
    }

    /** @param z [C, N]. @param p likewise */
    void softmax(Shape shape, long z, long p) {
        columns(shape, column -> softmax(column, z + column.at, p + column.at));
    }

    private static void softmax(Column column, long z, long p) {
        largest(column, z);
        powers(column, z, p, column.rowBytes);
        sum(column, p, column.rowBytes);
        divide(column, p);
    }

    /** @param z [C, N]. @param y likewise */
    void logSoftmax(Shape shape, long z, long y) {
        columns(shape, column -> {
            logSum(column, z + column.at);
            subtractLogSum(column, z + column.at, y + column.at);
        });
    }

    /** @param z [C, N]. @param t [C, N]. @param loss [N] */
    void softmaxCrossEntropy(Shape shape, long z, long t, long loss) {
        columns(shape, column -> {
            logSum(column, z + column.at);
            sumLosses(column, z + column.at, t + column.at, loss + column.at);
        });
    }

    /** @param z [C, N]. @param t [C, N]. @param g [N]. @param dz [C, N] */
    void softmaxCrossEntropyInput(Shape shape, long z, long t, long g, long dz) {
        columns(shape, column -> {
            softmax(column, z + column.at, dz + column.at);
            sum(column, t + column.at, column.rowBytes);
            differences(column, t + column.at, g + column.at, dz + column.at);
        });
    }

    private static void largest(Column column, long z) {
        var lanes = SPECIES.indexInRange(0, column.examples);
        FloatVector.fromMemorySegment(SPECIES, ALL, z & ADDRESSES, ORDER, lanes).intoMemorySegment(ALL, column.room + LARGEST, ORDER);
        for (int c = 1; c < column.classes; c++) {
            FloatVector before = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + LARGEST, ORDER);
            before.max(FloatVector.fromMemorySegment(SPECIES, ALL, z + c * column.rowBytes & ADDRESSES, ORDER, lanes))
                    .intoMemorySegment(ALL, column.room + LARGEST, ORDER);
        }
    }

    /** exp(z − the largest). */
    private static void powers(Column column, long z, long p, long pRowBytes) {
        var lanes = SPECIES.indexInRange(0, column.examples);
        FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + LARGEST, ORDER);
        for (int c = 0; c < column.classes; c++) {
            FloatVector logit = FloatVector.fromMemorySegment(SPECIES, ALL, z + c * column.rowBytes & ADDRESSES, ORDER, lanes);
            Functions.exp(logit.sub(largest)).intoMemorySegment(ALL, p + c * pRowBytes & ADDRESSES, ORDER, lanes);
        }
    }

    private static void sum(Column column, long x, long rowBytes) {
        var lanes = SPECIES.indexInRange(0, column.examples);
        FloatVector.zero(SPECIES).intoMemorySegment(ALL, column.room + SUM, ORDER);
        for (int c = 0; c < column.classes; c++) {
            FloatVector before = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + SUM, ORDER);
            before.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + c * rowBytes & ADDRESSES, ORDER, lanes))
                    .intoMemorySegment(ALL, column.room + SUM, ORDER);
        }
    }

    /** Powers become probabilities. */
    private static void divide(Column column, long p) {
        var lanes = SPECIES.indexInRange(0, column.examples);
        FloatVector scale = FloatVector.broadcast(SPECIES, 1).div(FloatVector.fromMemorySegment(SPECIES, ALL, column.room + SUM, ORDER));
        for (int c = 0; c < column.classes; c++) {
            long at = p + c * column.rowBytes;
            FloatVector probability = FloatVector.fromMemorySegment(SPECIES, ALL, at & ADDRESSES, ORDER, lanes).mul(scale);
            probability.blend(0, probability.compare(VectorOperators.LT, Backend.NEGLIGIBLE)).intoMemorySegment(ALL, at & ADDRESSES, ORDER, lanes);
        }
    }

    /** log Σ exp(z − the largest). */
    private static void logSum(Column column, long z) {
        largest(column, z);
        powers(column, z, column.room + POWERS, BYTES);
        sum(column, column.room + POWERS, BYTES);
        Functions.log(column.room + SUM);
    }

    private static void subtractLogSum(Column column, long z, long y) {
        var lanes = SPECIES.indexInRange(0, column.examples);
        FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + LARGEST, ORDER);
        FloatVector log = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + SUM, ORDER);
        for (int c = 0; c < column.classes; c++) {
            FloatVector logit = FloatVector.fromMemorySegment(SPECIES, ALL, z + c * column.rowBytes & ADDRESSES, ORDER, lanes);
            logit.sub(largest).sub(log).intoMemorySegment(ALL, y + c * column.rowBytes & ADDRESSES, ORDER, lanes);
        }
    }

    private static void sumLosses(Column column, long z, long t, long loss) {
        var lanes = SPECIES.indexInRange(0, column.examples);
        FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + LARGEST, ORDER);
        FloatVector log = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + SUM, ORDER);
        FloatVector.zero(SPECIES).intoMemorySegment(ALL, loss & ADDRESSES, ORDER, lanes);
        for (int c = 0; c < column.classes; c++) {
            FloatVector before = FloatVector.fromMemorySegment(SPECIES, ALL, loss & ADDRESSES, ORDER, lanes);
            FloatVector target = FloatVector.fromMemorySegment(SPECIES, ALL, t + c * column.rowBytes & ADDRESSES, ORDER, lanes);
            FloatVector logit = FloatVector.fromMemorySegment(SPECIES, ALL, z + c * column.rowBytes & ADDRESSES, ORDER, lanes);
            FloatVector term = target.mul(logit.sub(largest).sub(log));
            // A class that cannot be the target adds nothing, even where its log probability is −∞.
            before.sub(term.blend(0, target.compare(VectorOperators.EQ, 0))).intoMemorySegment(ALL, loss & ADDRESSES, ORDER, lanes);
        }
    }

    private static void differences(Column column, long t, long g, long dz) {
        var lanes = SPECIES.indexInRange(0, column.examples);
        FloatVector targets = FloatVector.fromMemorySegment(SPECIES, ALL, column.room + SUM, ORDER);
        FloatVector scale = FloatVector.fromMemorySegment(SPECIES, ALL, g & ADDRESSES, ORDER, lanes);
        for (int c = 0; c < column.classes; c++) {
            long row = c * column.rowBytes;
            FloatVector target = FloatVector.fromMemorySegment(SPECIES, ALL, t + row & ADDRESSES, ORDER, lanes);
            FloatVector expected = FloatVector.fromMemorySegment(SPECIES, ALL, dz + row & ADDRESSES, ORDER, lanes).mul(targets);
            expected.sub(target).mul(scale).intoMemorySegment(ALL, dz + row & ADDRESSES, ORDER, lanes);
        }
    }
}
