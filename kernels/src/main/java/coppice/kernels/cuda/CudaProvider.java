package coppice.kernels.cuda;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.BackendProvider;
import coppice.engine.Crossovers;
import coppice.engine.Precision;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Finds out whether there is a GPU and a driver for it. Without them nothing of JCuda is loaded. */
public final class CudaProvider implements BackendProvider {

    private static final String DRIVER = "libcuda.so.1";
    private static final String LIBRARY = "JCudaDriver";

    /** The system property that, if it is {@code off} and not {@code on}, has each kernel launched by itself, always. */
    private static final String GRAPHS = "coppice.cuda.graphs";

    /** The first driver version that has what JCuda calls for graphs; loading is lazy, so a call that an older one lacks ends the process. */
    private static final int FIRST_WITH_GRAPHS = 12_000;

    /** Looked for once. @param gpu null if there is an obstacle */
    private record Search(Gpu gpu, String obstacle) {

        static final Search RESULT = search();

        private static Search search() {
            try {
                String obstacle = obstacleToUse();
                if (obstacle != null) {
                    return new Search(null, obstacle);
                }
                var gpu = new Gpu();
                return gpu.capability() >= Gpu.LEAST ? new Search(gpu, null)
                        : new Search(null, gpu.name() + " is too old: its compute capability is below " + Gpu.LEAST / 10.0);
            } catch (LinkageError | UncheckedIOException error) {
                return new Search(null, "JCuda's library cannot be loaded: " + error.getMessage());
            } catch (BackendException error) {
                return new Search(null, "the GPU cannot be used: " + error.getMessage());
            }
        }
    }

    /** Why there is no GPU to be used; null if there is one. */
    private static String obstacleToUse() {
        if (!Natives.exist(LIBRARY)) {
            return "JCuda has no libraries for " + System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        }
        try (Arena arena = Arena.ofConfined()) {
            SymbolLookup.libraryLookup(DRIVER, arena);
        } catch (IllegalArgumentException error) {
            return "there is no NVIDIA driver, whose " + DRIVER + " it needs";
        }
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
            return Search.RESULT.obstacle;
        }
        return Search.RESULT.gpu.description() + "; kernels of our own" + (usesGraphs() ? " in CUDA graphs" : ", launched one by one")
                + ", " + Cublas.description(Search.RESULT.gpu) + ", " + Cusparse.description(Search.RESULT.gpu);
    }

    @Override
    public boolean isAvailable() {
        return Search.RESULT.obstacle == null;
    }

    @Override
    public boolean hasChoices() {
        return true;
    }

    @Override
    public Backend open(int threads) {
        return open(threads, null);
    }

    @Override
    public Backend open(int threads, Crossovers crossovers) {
        return open(threads, crossovers, Precision.FP32);
    }

    @Override
    public Backend open(int threads, Crossovers crossovers, Precision precision) {
        if (!isAvailable()) {
            throw new BackendException("cuda: " + description());
        }
        Gpu gpu = Search.RESULT.gpu;
        if (precision == Precision.TF32 && gpu.capability() < Gpu.LEAST_WITH_TF32) {
            throw new BackendException("precision: tf32 needs a compute capability of " + Gpu.LEAST_WITH_TF32 / 10.0 + ": " + gpu.description());
        }
        if (precision == Precision.TF32 && Cublas.obstacle(gpu) != null) {
            throw new BackendException("precision: tf32 needs cuBLAS: " + Cublas.obstacle(gpu));
        }
        boolean usesGraphs = usesGraphs();
        var device = new DriverDevice(gpu, precision);
        return new CudaBackend(name(), usesGraphs ? new ReplayingDevice(device) : device, crossovers);
    }

    private static boolean usesGraphs() {
        return isOn(System.getProperty(GRAPHS, "on")) && Search.RESULT.gpu.driverVersion() >= FIRST_WITH_GRAPHS;
    }

    private static boolean isOn(String graphs) {
        return switch (graphs) {
            case "on" -> true;
            case "off" -> false;
            default -> throw new BackendException(GRAPHS + ": must be on or off, got " + graphs);
        };
    }
}
