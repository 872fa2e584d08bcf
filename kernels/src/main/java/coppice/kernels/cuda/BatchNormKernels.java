package coppice.kernels.cuda;

import coppice.engine.Shape;

/** Batch normalisation of [C, …]. Arguments are addresses on the device. */
final class BatchNormKernels {

    private final KernelFile kernels;
    private final DeviceMemory memory;

    BatchNormKernels(Device device, DeviceMemory memory) {
        this.kernels = new KernelFile(device, BatchNormKernels.class);
        this.memory = memory;
    }

    void moments(Shape shape, long x, long moments) {
        int channels = shape.size(0);
        int length = shape.rowSize();
        int parts = ReductionKernels.parts(channels, length);
        long variances = moments + (long) channels * Float.BYTES;
        try (DeviceBuffer partial = memory.allocate(channels * parts)) {
            kernels.run("sums", Grid.blocks((long) channels * parts), length, parts, x, partial.address());
            addParts(channels, parts, 1f / length, partial.address(), moments);
            kernels.run("squares", Grid.blocks((long) channels * parts), length, parts, x, moments, partial.address());
            addParts(channels, parts, 1f / length, partial.address(), variances);
        }
    }

    void followMoments(int channels, int n, float share, long moments, long mean, long variance) {
        float unbiased = n > 1 ? n / (n - 1f) : 1;
        kernels.run("follow_moments", Grid.threads(channels), channels, 1 - share, share, share * unbiased, moments, mean, variance);
    }

    void normalise(Shape shape, float epsilon, boolean rectified, long x, long moments, long scale, long shift, long y) {
        kernels.run("normalise", elements(shape), shape.rowSize(), epsilon, rectified, shape.size(0), x, moments, scale, shift, y);
    }

    /** @param scale not read unless rectified; nor is {@code shift} */
    void normaliseSums(Shape shape, float epsilon, boolean rectified, long x, long moments, long scale, long shift, long g, long sums) {
        int channels = shape.size(0);
        int parts = ReductionKernels.parts(channels, shape.rowSize());
        try (DeviceBuffer partial = memory.allocate(2 * channels * parts)) {
            kernels.run("normalise_sums", Grid.blocks((long) channels * parts), shape.rowSize(), parts, epsilon, rectified, channels, x, moments,
                    scale, shift, g, partial.address());
            addParts(2 * channels, parts, 1, partial.address(), sums);
        }
    }

    void normaliseInput(Shape shape, float epsilon, boolean rectified, long x, long moments, long scale, long shift, long g, long sums, long dx) {
        kernels.run("normalise_input", elements(shape), shape.rowSize(), epsilon, rectified, shape.size(0), x, moments, scale, shift, g, sums,
                dx);
    }

    private void addParts(int results, int parts, float scale, long partial, long y) {
        kernels.run("add_parts", Grid.threads(results), results, parts, scale, partial, y);
    }

    private static Grid elements(Shape shape) {
        return Grid.blocks((long) shape.size(0) * Math.ceilDiv(shape.rowSize(), Grid.THREADS));
    }
}
