package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.broadcast;
import static coppice.kernels.cpu.Vectors.first;
import static coppice.kernels.cpu.Vectors.load;
import static coppice.kernels.cpu.Vectors.store;
import static coppice.kernels.cpu.Vectors.zero;

import coppice.engine.Backend;
import coppice.engine.Shape;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Softmax and its kin over axis 0 of [C, N], a vector of examples at a time: each example's largest logit is taken off first, so
 * that no exponential overflows.
 */
final class SoftmaxKernels {

    /** Logits below which a second thread does not pay. */
    private static final int GRAIN = 4096;

    private final Workers workers;

    SoftmaxKernels(Workers workers) {
        this.workers = workers;
    }

    /** One kernel on the examples of one vector. */
    private interface Column {
        void run(int classes, long rowBytes, long at, int examples);
    }

    private void columns(Shape shape, Column column) {
        int n = shape.size(1);
        workers.run(workers.parts(shape.size(), GRAIN), (part, parts) -> {
            int last = Workers.start(n, LENGTH, part + 1, parts);
            for (int j = Workers.start(n, LENGTH, part, parts); j < last; j += LENGTH) {
                column.run(shape.size(0), 4L * n, 4L * j, Math.min(LENGTH, last - j));
            }
        });
    }

    /** @param z [C, N]. @param p likewise */
    void softmax(Shape shape, long z, long p) {
        columns(shape, (classes, rowBytes, at, examples) -> softmaxColumn(classes, rowBytes, z + at, p + at, examples));
    }

    private static void softmaxColumn(int classes, long rowBytes, long z, long p, int examples) {
        var lanes = first(examples);
        FloatVector largest = largest(classes, rowBytes, z, lanes);
        FloatVector sum = zero();
        for (int c = 0; c < classes; c++) {
            FloatVector power = Functions.exp(load(z + c * rowBytes, lanes).sub(largest));
            store(p + c * rowBytes, power, lanes);
            sum = sum.add(power);
        }
        FloatVector scale = broadcast(1).div(sum);
        for (int c = 0; c < classes; c++) {
            FloatVector probability = load(p + c * rowBytes, lanes).mul(scale);
            store(p + c * rowBytes, probability.blend(0, probability.compare(VectorOperators.LT, Backend.NEGLIGIBLE)), lanes);
        }
    }

    /** @param z [C, N]. @param y likewise */
    void logSoftmax(Shape shape, long z, long y) {
        columns(shape, (classes, rowBytes, at, examples) -> logSoftmaxColumn(classes, rowBytes, z + at, y + at, examples));
    }

    private static void logSoftmaxColumn(int classes, long rowBytes, long z, long y, int examples) {
        var lanes = first(examples);
        FloatVector largest = largest(classes, rowBytes, z, lanes);
        FloatVector log = logSum(classes, rowBytes, z, largest, lanes);
        for (int c = 0; c < classes; c++) {
            store(y + c * rowBytes, load(z + c * rowBytes, lanes).sub(largest).sub(log), lanes);
        }
    }

    /** @param z [C, N]. @param t [C, N]. @param loss [N] */
    void softmaxCrossEntropy(Shape shape, long z, long t, long loss) {
        columns(shape, (classes, rowBytes, at, examples) -> softmaxCrossEntropyColumn(classes, rowBytes, z + at, t + at, loss + at, examples));
    }

    private static void softmaxCrossEntropyColumn(int classes, long rowBytes, long z, long t, long loss, int examples) {
        var lanes = first(examples);
        FloatVector largest = largest(classes, rowBytes, z, lanes);
        FloatVector log = logSum(classes, rowBytes, z, largest, lanes);
        FloatVector sum = zero();
        for (int c = 0; c < classes; c++) {
            FloatVector target = load(t + c * rowBytes, lanes);
            FloatVector term = target.mul(load(z + c * rowBytes, lanes).sub(largest).sub(log));
            // A class that cannot be the target adds nothing, even where its log probability is −∞.
            sum = sum.sub(term.blend(0, target.compare(VectorOperators.EQ, 0)));
        }
        store(loss, sum, lanes);
    }

    /** @param z [C, N]. @param t [C, N]. @param g [N]. @param dz [C, N] */
    void softmaxCrossEntropyInput(Shape shape, long z, long t, long g, long dz) {
        columns(shape, (classes, rowBytes, at, examples) ->
                softmaxCrossEntropyInputColumn(classes, rowBytes, z + at, t + at, g + at, dz + at, examples));
    }

    private static void softmaxCrossEntropyInputColumn(int classes, long rowBytes, long z, long t, long g, long dz, int examples) {
        softmaxColumn(classes, rowBytes, z, dz, examples);
        var lanes = first(examples);
        FloatVector targets = zero();
        for (int c = 0; c < classes; c++) {
            targets = targets.add(load(t + c * rowBytes, lanes));
        }
        FloatVector scale = load(g, lanes);
        for (int c = 0; c < classes; c++) {
            FloatVector difference = load(dz + c * rowBytes, lanes).mul(targets).sub(load(t + c * rowBytes, lanes));
            store(dz + c * rowBytes, difference.mul(scale), lanes);
        }
    }

    private static FloatVector largest(int classes, long rowBytes, long z, VectorMask<Float> lanes) {
        FloatVector largest = load(z, lanes);
        for (int c = 1; c < classes; c++) {
            largest = largest.max(load(z + c * rowBytes, lanes));
        }
        return largest;
    }

    private static FloatVector logSum(int classes, long rowBytes, long z, FloatVector largest, VectorMask<Float> lanes) {
        FloatVector sum = zero();
        for (int c = 0; c < classes; c++) {
            sum = sum.add(Functions.exp(load(z + c * rowBytes, lanes).sub(largest)));
        }
        return Functions.log(sum);
    }
}
