package coppice.kernels.cpu;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.BackendProvider;
import coppice.engine.Crossovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds out whether this virtual machine has vectors. It names no class of the Vector API itself, so that it can be loaded, and say
 * what is missing, where there are none.
 */
public final class CpuProvider implements BackendProvider {

    private static final String MODULE = "jdk.incubator.vector";

    private static final String BOUNDS_CHECKS = "jdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK";

    private static final int WIDEST_BYTES = 64;

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int preference() {
        return 100;
    }

    @Override
    public String description() {
        if (!isAvailable()) {
            return "the Vector API is missing: start Java with --add-modules " + MODULE;
        }
        int threads = Runtime.getRuntime().availableProcessors();
        return "Vector API, " + 8 * Vectors.BYTES + "-bit, " + threads + (threads == 1 ? " thread" : " threads") + " available" + advice();
    }

    /** The flags that kernels lack here, each worth a factor. */
    private static String advice() {
        String advice = "";
        if (!"0".equals(System.getProperty(BOUNDS_CHECKS))) {
            advice += "; faster with -D" + BOUNDS_CHECKS + "=0";
        }
        if (Vectors.BYTES < WIDEST_BYTES && System.getProperty(Vectors.WIDTH_PROPERTY) == null && hasAvx512()) {
            advice += "; the CPU has 512-bit vectors, to use them start Java with -XX:UseAVX=3";
        }
        return advice;
    }

    /** Java leaves AVX-512 unused on the first CPUs that had it, where it lowered the clock. */
    private static boolean hasAvx512() {
        try {
            return Files.readString(Path.of("/proc/cpuinfo")).contains(" avx512f ");
        } catch (IOException error) {
            return false;
        }
    }

    @Override
    public boolean isAvailable() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
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
        if (threads < 1) {
            throw new BackendException("cpu: threads must be at least 1, got " + threads);
        }
        if (!isAvailable()) {
            throw new BackendException("cpu: " + description());
        }
        return new CpuBackend(threads, crossovers);
    }
}
