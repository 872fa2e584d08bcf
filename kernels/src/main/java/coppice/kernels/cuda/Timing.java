package coppice.kernels.cuda;

import coppice.engine.Mask;
import coppice.kernels.Crossover;

/** Makes the two ways of a product with a masked weight ready to be timed on a device. */
final class Timing {

    /** Products before the device is waited for, which takes as long as some of them. */
    private static final int PRODUCTS = 8;

    /** Floats, as far as the device's own allocations are aligned. */
    private static final int ALIGNMENT = 64;

    private final Device device;
    private final DeviceMemory memory;

    Timing(Device device, DeviceMemory memory) {
        this.device = device;
        this.memory = memory;
    }

    /** A product of operands at these addresses. */
    interface Product {
        void run(Mask mask, long w, long x, long g);
    }

    /** With operands of so many floats, whatever they are: a device is as fast with any. */
    Crossover.Ways ways(int weights, int inputs, int outputs, Product sparse, Product dense) {
        memory.cannotRepeat();
        long xStart = aligned(weights);
        long gStart = xStart + aligned(inputs);
        DeviceBuffer all = memory.allocate(Math.toIntExact(gStart + outputs));
        long w = all.address();
        long x = w + xStart * Float.BYTES;
        long g = w + gStart * Float.BYTES;
        return new Crossover.Ways(mask -> time(sparse, mask, w, x, g), mask -> time(dense, mask, w, x, g), all::close);
    }

    private static long aligned(int floats) {
        return Math.ceilDiv(floats, (long) ALIGNMENT) * ALIGNMENT;
    }

    private void time(Product product, Mask mask, long w, long x, long g) {
        for (int i = 0; i < PRODUCTS; i++) {
            product.run(mask, w, x, g);
        }
        device.finish();
    }
}
