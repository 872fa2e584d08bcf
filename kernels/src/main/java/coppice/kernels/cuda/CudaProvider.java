package coppice.kernels.cuda;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.BackendProvider;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Finds out whether there is a GPU and a driver for it. Without them nothing of JCuda is loaded. */
public final class CudaProvider implements BackendProvider {

    private static final String DRIVER = "libcuda.so.1";
    private static final String LIBRARY = "JCudaDriver";

    /** Looked for once. */
    private static final class Found {
        static final String OBSTACLE = obstacle();
    }

    /** Why there is no GPU to be used; null if there is one. */
    private static String obstacle() {
        if (!Natives.exist(LIBRARY)) {
            return "JCuda has no libraries for " + System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        }
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(DRIVER, arena);
        } catch (IllegalArgumentException error) {
            return "there is no NVIDIA driver, whose " + DRIVER + " it needs";
        }
        try {
            Natives.load(LIBRARY, JCudaDriver.class);
            int[] count = new int[1];
            int result = JCudaDriver.cuInit(0);
            if (result == CUresult.CUDA_SUCCESS) {
                result = JCudaDriver.cuDeviceGetCount(count);
            }
            if (result != CUresult.CUDA_SUCCESS) {
                return "the NVIDIA driver says " + CUresult.stringFor(result);
            }
            return count[0] == 0 ? "the NVIDIA driver finds no GPU" : null;
        } catch (LinkageError error) {
            return "JCuda's library cannot be loaded: " + error.getMessage();
        }
    }

    @Override
    public String name() {
        return "cuda";
    }

    /** Used where it is asked for: small and sparse networks train faster on the CPU. */
    @Override
    public int preference() {
        return 50;
    }

    @Override
    public String description() {
        if (!isAvailable()) {
            return Found.OBSTACLE;
        }
        try (var device = new DriverDevice()) {
            return device.description();
        }
    }

    @Override
    public boolean isAvailable() {
        return Found.OBSTACLE == null;
    }

    @Override
    public Backend open(int threads) {
        if (!isAvailable()) {
            throw new BackendException("cuda: " + description());
        }
        return new CudaBackend(name(), new DriverDevice());
    }
}
