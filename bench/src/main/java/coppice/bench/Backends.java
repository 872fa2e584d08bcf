package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Seed;
import coppice.imp.MachineCrossovers;

/** The backend that is measured, and numbers for it. */
public final class Backends {

    private Backends() {}

    /** One that chooses its kernels as in a run, by what was measured of this machine. */
    static Backend measured(int threads) {
        return BackendProvider.best().open(threads, new MachineCrossovers(MachineCrossovers.usualTable(), System.err::println));
    }

    /** Numbers in [-0.5, 0.5), the same for the same name. */
    public static float[] drawn(String name, int count) {
        Seed seed = Seed.of(1).in(name);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) seed.uniform(i) - 0.5f;
        }
        return values;
    }

    /** A buffer of them. */
    static Buffer drawn(Backend backend, String name, int count) {
        Buffer buffer = backend.allocate(count);
        backend.write(buffer, drawn(name, count), count);
        return buffer;
    }
}
