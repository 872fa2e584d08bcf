package coppice.kernels.cpu;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.Seed;

/** Buffers of drawn numbers, the same for the same name. */
final class Drawn {

    private Drawn() {}

    /** Numbers in [-0.5, 0.5). */
    static Buffer drawn(Backend backend, String name, int count) {
        Seed seed = Seed.of(3).in(name);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) seed.uniform(i) - 0.5f;
        }
        Buffer buffer = backend.allocate(count);
        backend.write(buffer, values, count);
        return buffer;
    }

    /** The numbers in a buffer. */
    static float[] values(Backend backend, Buffer buffer) {
        float[] values = new float[buffer.length()];
        backend.read(buffer, values, values.length);
        return values;
    }
}
