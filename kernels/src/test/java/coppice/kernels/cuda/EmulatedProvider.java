package coppice.kernels.cuda;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;

/**
 * The CUDA backend on an {@link EmulatedDevice}, found by all tests of backends as any other: each kernel and all of the host's code against
 * the reference. Threads of a kernel run in another order for each number of threads that a backend is asked for.
 */
public final class EmulatedProvider implements BackendProvider {

    private static final long MEMORY = 1L << 30;

    @Override
    public String name() {
        return "cuda, emulated";
    }

    /** Only before the reference. */
    @Override
    public int preference() {
        return 1;
    }

    @Override
    public String description() {
        return isAvailable() ? "the kernels of the GPU on the CPU, for tests" : "there is no g++ to compile the kernels with";
    }

    @Override
    public boolean isAvailable() {
        return Emulation.isAvailable();
    }

    @Override
    public Backend open(int threads) {
        return new CudaBackend(name(), new ReplayingDevice(new EmulatedDevice(Emulation.library(), threads, MEMORY)), null);
    }
}
