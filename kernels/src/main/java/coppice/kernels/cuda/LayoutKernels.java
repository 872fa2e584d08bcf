package coppice.kernels.cuda;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import java.util.function.LongConsumer;

/** Copies that put values elsewhere. Arguments are addresses on the device. */
final class LayoutKernels {

    private final KernelFile kernels;
    private final ElementwiseKernels elementwise;
    private final DeviceMemory memory;
    private final DeviceMasks masks;

    LayoutKernels(Device device, DeviceMemory memory, ElementwiseKernels elementwise, DeviceMasks masks) {
        this.kernels = new KernelFile(device, LayoutKernels.class);
        this.memory = memory;
        this.elementwise = elementwise;
        this.masks = masks;
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

    void scatter(Mask mask, long values, long dense) {
        elementwise.fill(mask.shape().size(), 0, dense);
        kernels.run("scatter", Grid.threads(mask.count()), mask.count(), masks.positions(mask), values, dense);
    }

    void gather(Mask mask, long dense, long values) {
        kernels.run("gather", Grid.threads(mask.count()), mask.count(), masks.positions(mask), dense, values);
    }

    /** Has a face of a product with a masked weight made by a dense one. @param product makes it with a dense weight at an address */
    void throughDense(Face face, Mask mask, long values, LongConsumer product) {
        try (DeviceBuffer dense = memory.allocate(mask.shape().size())) {
            if (face != Face.WEIGHT) {
                scatter(mask, values, dense.address());
            }
            product.accept(dense.address());
            if (face == Face.WEIGHT) {
                gather(mask, dense.address(), values);
            }
        }
    }
}
