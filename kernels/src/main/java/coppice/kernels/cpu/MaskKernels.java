package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.get;
import static coppice.kernels.cpu.Vectors.set;

import coppice.engine.Mask;

/**
 * Moves between the survivors of a mask and a dense tensor: the plain loops, and, where vectors have 16 lanes, {@link Scattering}. For
 * [300, 784] at 50 % on one thread that takes 25 µs instead of 150.
 */
final class MaskKernels {

    /** Positions below which a second thread does not pay. */
    private static final int GRAIN = 8192;

    private final Workers workers;

    MaskKernels(Workers workers) {
        this.workers = workers;
    }

    /** dense = the values at their positions, 0 elsewhere. */
    void scatter(Mask mask, long values, long dense) {
        if (Scattering.IS_FAST) {
            Scattering scattering = Scattering.of(mask);
            inRanges(mask, (from, to) -> scattering.expand(from, to - from, values, dense + 4L * from));
        } else {
            inRanges(mask, (from, to) -> scatterPlain(mask, from, to, values, dense));
        }
    }

    /** values = the dense tensor at the mask's positions. */
    void gather(Mask mask, long dense, long values) {
        if (Scattering.IS_FAST) {
            Scattering scattering = Scattering.of(mask);
            inRanges(mask, (from, to) -> scattering.compress(from, to - from, dense + 4L * from, values));
        } else {
            inRanges(mask, (from, to) -> gatherPlain(mask, from, to, dense, values));
        }
    }

    /** Positions {@code from … to − 1}. */
    private interface Range {
        void run(int from, int to);
    }

    private void inRanges(Mask mask, Range range) {
        int size = mask.shape().size();
        workers.run(workers.parts(size, GRAIN), (part, parts) ->
                range.run(Workers.start(size, Long.SIZE, part, parts), Workers.start(size, Long.SIZE, part + 1, parts)));
    }

    private static void scatterPlain(Mask mask, int from, int to, long values, long dense) {
        ElementwiseKernels.fillRange(to - from, 0, dense + 4L * from);
        int last = mask.survivorsBefore(to);
        for (int i = mask.survivorsBefore(from); i < last; i++) {
            set(dense + 4L * mask.position(i), get(values + 4L * i));
        }
    }

    private static void gatherPlain(Mask mask, int from, int to, long dense, long values) {
        int last = mask.survivorsBefore(to);
        for (int i = mask.survivorsBefore(from); i < last; i++) {
            set(values + 4L * i, get(dense + 4L * mask.position(i)));
        }
    }
}
