package coppice.engine.contract;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.contract.RandomProgram.Cell;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A {@link RandomProgram} that runs: its backend, its buffers, and what it has looked at. */
final class ProgramRun {

    /** Variances whose sum with an ε of 1 is the square of a power of two. */
    private static final float[] VARIANCES = {0, 3, 15};

    final Backend backend;
    /** By the numbers of their cells. */
    private final Map<Integer, Buffer> buffers = new HashMap<>();
    private final List<float[]> seen = new ArrayList<>();

    ProgramRun(Backend backend) {
        this.backend = backend;
    }

    Buffer at(Cell cell) {
        return buffers.get(cell.number());
    }

    /** For a result: the cell's own, or a new one. */
    Buffer to(Cell cell) {
        return buffers.computeIfAbsent(cell.number(), number -> backend.allocate(cell.shape().size()));
    }

    /** Whole numbers up to the cell's bound. */
    void draw(Cell cell, Random random) {
        float[] values = new float[cell.shape().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(2 * (int) cell.bound() + 1) - (int) cell.bound();
        }
        backend.write(to(cell), values, values.length);
    }

    /** Means and variances. */
    void drawMoments(Cell cell, Random random) {
        int channels = cell.shape().size(1);
        float[] values = new float[2 * channels];
        for (int i = 0; i < channels; i++) {
            values[i] = random.nextInt(5) - 2;
            values[channels + i] = VARIANCES[random.nextInt(VARIANCES.length)];
        }
        backend.write(to(cell), values, values.length);
    }

    void look(Cell cell) {
        float[] values = new float[cell.shape().size()];
        backend.read(at(cell), values, values.length);
        for (int i = 0; i < values.length; i++) {
            values[i] += 0f;                            // either zero as the positive one
        }
        seen.add(values);
    }

    void release(Cell cell) {
        backend.release(buffers.remove(cell.number()));
    }

    /** What was looked at, one after the other; nothing is to be run any more. */
    List<float[]> end() {
        buffers.values().forEach(backend::release);
        return seen;
    }
}
