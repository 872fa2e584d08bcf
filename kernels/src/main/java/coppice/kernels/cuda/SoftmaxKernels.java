package coppice.kernels.cuda;

import coppice.engine.Shape;

/** Softmax and its losses over axis 0 of [C, N]. Arguments are addresses on the device. */
final class SoftmaxKernels {

    private final KernelFile kernels;

    SoftmaxKernels(Device device) {
        kernels = new KernelFile(device, SoftmaxKernels.class);
    }

    void softmax(Shape shape, long z, long p) {
        kernels.run("softmax", Grid.threads(shape.size(1)), shape.size(0), shape.size(1), z, p);
    }

    void logSoftmax(Shape shape, long z, long y) {
        kernels.run("log_softmax", Grid.threads(shape.size(1)), shape.size(0), shape.size(1), z, y);
    }

    void softmaxCrossEntropy(Shape shape, long z, long t, long loss) {
        kernels.run("softmax_cross_entropy", Grid.threads(shape.size(1)), shape.size(0), shape.size(1), z, t, loss);
    }

    void softmaxCrossEntropyInput(Shape shape, long z, long t, long g, long dz) {
        kernels.run("softmax_cross_entropy_input", Grid.threads(shape.size(1)), shape.size(0), shape.size(1), z, t, g, dz);
    }
}
