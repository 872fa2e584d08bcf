package coppice.kernels.cpu;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.BackendProvider;

/**
 * Finds out whether this virtual machine has vectors. It names no class of the Vector API itself, so that it can be loaded, and say
 * what is missing, where there are none.
 */
public final class CpuProvider implements BackendProvider {

    private static final String MODULE = "jdk.incubator.vector";

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
        int threads = Runtime.getRuntime().availableProcessors();
        return isAvailable()
                ? "Vector API, " + 8 * Lanes.BYTES + "-bit, " + threads + (threads == 1 ? " thread" : " threads") + " available"
                : "the Vector API is missing: start Java with --add-modules " + MODULE;
    }

    @Override
    public boolean isAvailable() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }

    @Override
    public Backend open(int threads) {
        if (threads < 1) {
            throw new BackendException("cpu: threads must be at least 1, got " + threads);
        }
        if (!isAvailable()) {
            throw new BackendException("cpu: " + description());
        }
        return new CpuBackend(threads);
    }
}
