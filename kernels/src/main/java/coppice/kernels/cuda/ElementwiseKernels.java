package coppice.kernels.cuda;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Shape;
import java.util.Locale;

/** Functions of one element and of two. Arguments are addresses on the device. */
final class ElementwiseKernels {

    private final KernelFile kernels;

    ElementwiseKernels(Device device) {
        kernels = new KernelFile(device, ElementwiseKernels.class);
    }

    void fill(int n, float value, long y) {
        kernels.run("fill", Grid.threads(n), value, n, y);
    }

    void map(Unary f, int n, long x, long y) {
        kernels.run("map_" + name(f), Grid.threads(n), n, x, y);
    }

    void affine(float scale, float shift, int n, long x, long y) {
        kernels.run("affine", Grid.threads(n), scale, shift, n, x, y);
    }

    void combine(Binary f, Shape shape, Shape aShape, long a, Shape bShape, long b, long y) {
        kernels.run("combine_" + name(f), Grid.threads(shape.size()), shape.size(), Axes.repeated(shape, aShape, bShape), a, b, y);
    }

    private static String name(Enum<?> f) {
        return f.name().toLowerCase(Locale.ROOT);
    }
}
