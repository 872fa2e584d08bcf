package coppice.kernels.cpu;

import coppice.engine.Shape;

/** Kernels that move floats and compute nothing. */
final class LayoutKernels {

    /** Floats below which a second thread does not pay. */
    private static final int GRAIN = 16384;

    private final Workers workers;

    LayoutKernels(Workers workers) {
        this.workers = workers;
    }

    void expand(Shape from, long x, Shape to, long y) {
        var walk = new Broadcast(to, from, Shape.SCALAR);
        int runs = walk.runs();
        int n = walk.run();
        workers.run(workers.parts(to.size(), GRAIN), (part, parts) -> {
            int last = Workers.start(runs, 1, part + 1, parts);
            for (int run = Workers.start(runs, 1, part, parts); run < last; run++) {
                long at = x + 4L * walk.aAt(run);
                if (walk.aMoves()) {
                    Vectors.copy(at, y + 4L * run * n, n);
                } else {
                    ElementwiseKernels.fillRange(n, Vectors.get(at), y + 4L * run * n);
                }
            }
        });
    }

    /** y's axis i is x's axis {@code axes[i]}. */
    void permute(Shape from, int[] axes, long x, long y) {
        var walk = new PermutedWalk(from, axes);
        int runs = walk.runs();
        workers.run(workers.parts(from.size(), GRAIN), (part, parts) -> {
            int last = Workers.start(runs, 1, part + 1, parts);
            for (int run = Workers.start(runs, 1, part, parts); run < last; run++) {
                copyRun(walk.run(), x + 4L * walk.at(run), walk.stride(), y + 4L * run * walk.run());
            }
        });
    }

    private static void copyRun(int n, long x, int stride, long y) {
        if (stride == 1) {
            Vectors.copy(x, y, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            Vectors.set(y + 4L * i, Vectors.get(x + 4L * i * stride));
        }
    }

    void copyRows(int rows, int length, long x, int xStride, long y, int yStride) {
        workers.run(workers.parts((long) rows * length, GRAIN), (part, parts) -> {
            int last = Workers.start(rows, 1, part + 1, parts);
            for (int row = Workers.start(rows, 1, part, parts); row < last; row++) {
                Vectors.copy(x + 4L * row * xStride, y + 4L * row * yStride, length);
            }
        });
    }
}
