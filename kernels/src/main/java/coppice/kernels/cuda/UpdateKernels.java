package coppice.kernels.cuda;

import coppice.engine.Backend.Adam;
import coppice.engine.Backend.Sgd;

/** Steps of optimisers, in place. Arguments are addresses on the device. */
final class UpdateKernels {

    private final KernelFile kernels;

    UpdateKernels(Device device) {
        kernels = new KernelFile(device, UpdateKernels.class);
    }

    /** @param velocity 0 where there is no momentum */
    void sgd(Sgd step, int n, long w, long gradient, long velocity) {
        kernels.run("sgd", Grid.threads(n), step.rate(), step.momentum(), step.nesterov(), step.decay(), n, w, gradient, velocity);
    }

    void adam(Adam step, int n, long w, long gradient, long mean, long square) {
        kernels.run("adam", Grid.threads(n), step.meanScale(), step.squareScale(), step.beta1(), step.beta2(), step.epsilon(), step.decay(), n,
                w, gradient, mean, square);
    }
}
