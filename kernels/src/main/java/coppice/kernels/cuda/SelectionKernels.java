package coppice.kernels.cuda;

/** Which values are largest in magnitude. Arguments are addresses on the device. */
final class SelectionKernels {

    /** Bits of a magnitude that are found at a time, BITS of the .cu file; of the 31 the first nine, and twice these. */
    private static final int BITS = 11;
    private static final int BINS = 1 << BITS;
    private static final int FIRST_SHIFT = 2 * BITS;

    /** Ints of a Threshold. */
    private static final int THRESHOLD = 2;

    /** The least that is worth a block: some values for each of its threads. */
    private static final int SHARE = 16 * Grid.THREADS;

    private final KernelFile kernels;
    private final ElementwiseKernels elementwise;
    private final DeviceMemory memory;

    SelectionKernels(Device device, DeviceMemory memory, ElementwiseKernels elementwise) {
        this.kernels = new KernelFile(device, SelectionKernels.class);
        this.elementwise = elementwise;
        this.memory = memory;
    }

    /** y = 1 for the {@code kept} of the {@code n} values that are largest in magnitude, 0 for the others, of equals those that stand first. */
    void keepLargest(int kept, int n, long x, long y) {
        if (kept == 0 || kept == n) {
            elementwise.fill(n, kept == 0 ? 0 : 1, y);
            return;
        }
        int share = Math.max(SHARE, Math.ceilDiv(Math.ceilDiv(n, ReductionKernels.ENOUGH_BLOCKS), Grid.THREADS) * Grid.THREADS);
        Grid blocks = Grid.blocks(Math.ceilDiv(n, share));
        Grid one = Grid.blocks(1);
        try (DeviceBuffer threshold = memory.allocate(THRESHOLD); DeviceBuffer counts = memory.allocate(BINS);
                DeviceBuffer equals = memory.allocate(blocks.x())) {
            kernels.run("start_selection", one, n - kept, threshold.address(), counts.address());
            for (int shift = FIRST_SHIFT; shift >= 0; shift -= BITS) {
                kernels.run("count_magnitudes", blocks, n, shift, x, threshold.address(), counts.address());
                kernels.run("narrow_threshold", one, threshold.address(), counts.address());
            }
            kernels.run("count_equals", blocks, n, share, x, threshold.address(), equals.address());
            kernels.run("mark_largest", blocks, n, share, x, threshold.address(), equals.address(), y);
        }
    }
}
