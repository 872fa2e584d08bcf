package coppice.kernels.cuda;

import coppice.engine.Shape;

/** Copies that put values elsewhere. Arguments are addresses on the device. */
final class LayoutKernels {

    private final KernelFile kernels;
    private final ElementwiseKernels elementwise;

    LayoutKernels(Device device, ElementwiseKernels elementwise) {
        this.kernels = new KernelFile(device, LayoutKernels.class);
        this.elementwise = elementwise;
    }

    void expand(Shape from, long x, Shape to, long y) {
        kernels.run("walk", Grid.threads(to.size()), to.size(), Axes.repeated(to, from, Shape.SCALAR), x, y);
    }

    void permute(Shape from, int[] axes, long x, long y) {
        kernels.run("walk", Grid.threads(from.size()), from.size(), Axes.permuted(from, axes), x, y);
    }

    /** Copies rows whose starts are so many floats apart. */
    void copyRows(int rows, int length, long x, int xStride, long y, int yStride) {
        kernels.run("copy_rows", Grid.threads((long) rows * length), rows, length, x, xStride, y, yStride);
    }

    void scatter(DeviceMask mask, long values, long dense) {
        elementwise.fill(mask.size(), 0, dense);
        kernels.run("scatter", Grid.threads(mask.count()), mask.count(), mask.positions(), values, dense);
    }

    void gather(DeviceMask mask, long dense, long values) {
        kernels.run("gather", Grid.threads(mask.count()), mask.count(), mask.positions(), dense, values);
    }
}
