package coppice.kernels.cuda;

import coppice.engine.Shape;
import java.util.function.LongConsumer;

/** Sums and maxima over some axes, in an order that depends on the shapes alone. Arguments are addresses on the device. */
final class ReductionKernels {

    /** Blocks that keep a device busy; fewer results are made in parts, by several blocks each. */
    static final int ENOUGH_BLOCKS = 512;

    /** The least that is worth a block: some elements for each of its threads. */
    private static final int PART = 16 * Grid.THREADS;

    private final KernelFile kernels;
    private final DeviceMemory memory;

    ReductionKernels(Device device, DeviceMemory memory) {
        this.kernels = new KernelFile(device, ReductionKernels.class);
        this.memory = memory;
    }

    void sum(Shape from, long x, Shape to, long y) {
        reduce("sum", from, x, to, y);
    }

    void max(Shape from, long x, Shape to, long y) {
        reduce("max", from, x, to, y);
    }

    private void reduce(String name, Shape from, long x, Shape to, long y) {
        int results = to.size();
        int length = results == 0 ? 0 : from.size() / results;
        int[] kept = Axes.kept(from, to);
        int[] reduced = Axes.reduced(from, to);
        if (Axes.keepsLast(from, to) && (results >= ENOUGH_BLOCKS || length <= Grid.WARP)) {
            kernels.run(name + "_by_thread", Grid.threads(results), results, length, kept, reduced, x, y);
            return;
        }
        int parts = parts(results, length);
        if (parts == 1) {
            kernels.run(name + "_by_block", Grid.blocks(results), 1, length, kept, reduced, x, y);
            return;
        }
        try (DeviceBuffer partial = memory.allocate(results * parts)) {
            kernels.run(name + "_by_block", Grid.blocks((long) results * parts), parts, length, kept, reduced, x, partial.address());
            kernels.run(name + "_by_block", Grid.blocks(results), 1, parts, Axes.runs(results, parts, 1), Axes.runs(1, 0, parts),
                    partial.address(), y);
        }
    }

    /** Into how many parts a result of so many elements is cut, where there are so many results. */
    static int parts(int results, int length) {
        return Math.clamp(Math.min(ENOUGH_BLOCKS / Math.max(results, 1), length / PART), 1, ENOUGH_BLOCKS);
    }

    /**
     * Has something made in parts, arrays of so many floats that follow each other, and added up.
     *
     * @param run makes them all, at an address
     */
    void inParts(int parts, int length, long y, LongConsumer run) {
        if (parts == 1) {
            run.accept(y);
            return;
        }
        try (DeviceBuffer partial = memory.allocate(Math.multiplyExact(parts, length))) {
            run.accept(partial.address());
            kernels.run("sum_by_thread", Grid.threads(length), length, parts, Axes.runs(1, 0, length), Axes.runs(parts, length, 1),
                    partial.address(), y);
        }
    }
}
