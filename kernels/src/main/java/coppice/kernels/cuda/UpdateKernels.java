package coppice.kernels.cuda;

import coppice.engine.Backend.Adam;
import coppice.engine.Backend.Sgd;

/** Steps of optimisers, in place. Arguments are addresses on the device. */
final class UpdateKernels {

    private final KernelFile kernels;

    UpdateKernels(Device device) {
        kernels = new KernelFile(device, UpdateKernels.class);
    }

    /** @param rate one value. @param velocity 0 where there is no momentum */
    void sgd(Sgd step, long rate, int n, long w, long gradient, long velocity) {
        kernels.run("sgd", Grid.threads(n), rate, step.momentum(), step.nesterov(), step.decay(), n, w, gradient, velocity);
    }

    /** @param scales two values */
    void adam(Adam step, long scales, int n, long w, long gradient, long mean, long square) {
        kernels.run("adam", Grid.threads(n), scales, step.beta1(), step.beta2(), step.epsilon(), step.decay(), n,
                w, gradient, mean, square);
    }
}
