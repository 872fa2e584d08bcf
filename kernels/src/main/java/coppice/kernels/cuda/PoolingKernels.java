package coppice.kernels.cuda;

import coppice.engine.Shape;
import coppice.engine.Window;

/** Pooling of images [C, H, W, N]. Arguments are addresses on the device. */
final class PoolingKernels {

    private final KernelFile kernels;

    PoolingKernels(Device device) {
        kernels = new KernelFile(device, PoolingKernels.class);
    }

    void pick(Window window, Shape images, long x, long v, long y) {
        int outputs = outputs(window, images);
        kernels.run("pick", Grid.threads(outputs), outputs, WindowArguments.of(window, images), x, v, y);
    }

    void place(Window window, Shape images, long x, long g, long dx) {
        kernels.run("place", Grid.threads(images.size()), images.size(), WindowArguments.of(window, images), x, g, dx);
    }

    void sumWindow(Window window, Shape images, long x, long y) {
        int outputs = outputs(window, images);
        kernels.run("sum_window", Grid.threads(outputs), outputs, WindowArguments.of(window, images), x, y);
    }

    void spread(Window window, Shape images, long g, long dx) {
        kernels.run("spread", Grid.threads(images.size()), images.size(), WindowArguments.of(window, images), g, dx);
    }

    private static int outputs(Window window, Shape images) {
        return window.output("pooling", images, images.size(0)).size();
    }
}
