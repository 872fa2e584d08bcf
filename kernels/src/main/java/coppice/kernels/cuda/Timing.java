package coppice.kernels.cuda;

import coppice.engine.Mask;
import coppice.kernels.Crossover;
import java.util.function.Consumer;

/** Makes the two ways of a product with a masked weight ready to be timed on a device. */
final class Timing {

    /** Products before the device is waited for, which takes as long as some of them. */
    private static final int PRODUCTS = 8;

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
        DeviceBuffer w = memory.allocate(weights);
        DeviceBuffer x = memory.allocate(inputs);
        DeviceBuffer g = memory.allocate(outputs);
        return new Crossover.Ways(times(sparse, w, x, g), times(dense, w, x, g), () -> {
            w.close();
            x.close();
            g.close();
        });
    }

    private Consumer<Mask> times(Product product, DeviceBuffer w, DeviceBuffer x, DeviceBuffer g) {
        return mask -> {
            for (int i = 0; i < PRODUCTS; i++) {
                product.run(mask, w.address(), x.address(), g.address());
            }
            device.finish();
        };
    }
}
