package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.INT;

import coppice.engine.Mask;
import coppice.engine.Window;
import java.util.Arrays;
import java.util.List;

/**
 * The survivors of a convolution's weight in the order in which its result is made: for each slab of the source and each of the sweeps over
 * it, those of the first channel of the result, those of the next, and so on; with where each looks in the panel.
 */
final class Survivors implements AutoCloseable {

    private final Memory memory;
    private final List<Sweep> sweeps;
    private final int slabs;
    private final int results;
    private final int count;
    /** Those that some sweep looks with: all, unless images are smaller than a stride. */
    private int used;
    /** For each slab and sweep, where the survivors of each channel of the result start. */
    private final int[][] starts;
    /** For each survivor, its place among the values of the mask. */
    private final int[] places;
    private final NativeBuffer looks;
    private final NativeBuffer weights;

    private Survivors(Memory memory, Mask mask, List<Sweep> sweeps) {
        this.memory = memory;
        this.sweeps = sweeps;
        this.slabs = sweeps.getFirst().slabs();
        this.results = sweeps.getFirst().results();
        this.count = mask.count();
        this.starts = new int[slabs * sweeps.size()][results + 1];
        this.places = new int[count];
        this.looks = memory.allocate(count);
        this.weights = memory.allocate(count);
    }

    /** By output, for a sweep of the face OUTPUT. */
    static Survivors byOutput(Memory memory, Mask mask, Sweep sweep, Window window) {
        var survivors = new Survivors(memory, mask, List.of(sweep));
        int[] starts = mask.rows().starts();
        int[] columns = mask.rows().columns();
        int[] next = Arrays.copyOf(starts, starts.length - 1);
        int[] looks = new int[mask.shape().size(1) * window.size()];
        for (int column = 0; column < looks.length; column++) {
            looks[column] = sweep.look(column / window.size() % sweep.slabChannels(), column % window.size());
        }
        int made = 0;
        for (int slab = 0; slab < survivors.slabs; slab++) {
            long end = (slab + 1L) * sweep.slabChannels() * window.size();
            survivors.starts[slab][0] = made;
            for (int output = 0; output < survivors.results; output++) {
                for (; next[output] < starts[output + 1] && columns[next[output]] < end; next[output]++) {
                    survivors.set(made++, looks[columns[next[output]]], next[output]);
                }
                survivors.starts[slab][output + 1] = made;
            }
        }
        survivors.used = made;
        return survivors;
    }

    /** By input, for the sweeps of the face INPUT. */
    static Survivors byInput(Memory memory, Mask mask, List<Sweep> sweeps, Window window) {
        var survivors = new Survivors(memory, mask, sweeps);
        Mask.Columns index = mask.columns();
        int[] next = Arrays.copyOf(index.starts(), index.starts().length - 1);
        int slabChannels = sweeps.getFirst().slabChannels();
        int made = 0;
        for (int slab = 0; slab < survivors.slabs; slab++) {
            long end = (slab + 1L) * slabChannels;
            for (int i = 0; i < sweeps.size(); i++) {
                Sweep sweep = sweeps.get(i);
                int[] starts = survivors.starts[slab * sweeps.size() + i];
                starts[0] = made;
                for (int input = 0; input < survivors.results; input++) {
                    for (int tap = 0; tap < sweep.taps(); tap++) {
                        int column = input * window.size() + sweep.tap(tap, window.x().size());
                        int look = sweep.look(0, tap);
                        for (; next[column] < index.starts()[column + 1] && index.rows()[next[column]] < end; next[column]++) {
                            survivors.set(made++, look + sweep.channelBytes() * (index.rows()[next[column]] - slab * slabChannels),
                                    index.values()[next[column]]);
                        }
                    }
                    starts[input + 1] = made;
                }
            }
        }
        survivors.used = made;
        return survivors;
    }

    private void set(int i, int look, int place) {
        ALL.set(INT, looks.address() + 4L * i, look);
        places[i] = place;
    }

    List<Sweep> sweeps() {
        return sweeps;
    }

    int slabs() {
        return slabs;
    }

    int count() {
        return count;
    }

    /** Where the survivors of each channel of the result start, of a slab and a sweep. */
    int[] starts(int slab, int sweep) {
        return starts[slab * sweeps.size() + sweep];
    }

    /** An int for each survivor: bytes from a pixel's place in the panel. */
    long looks() {
        return looks.address();
    }

    /** A float for each survivor, if they were {@link #read}. */
    long weights() {
        return weights.address();
    }

    /** The survivors before each channel of the result, of all slabs and sweeps: for shares of equal work. */
    int[] totals() {
        int[] totals = new int[results + 1];
        for (int[] each : starts) {
            for (int i = 0; i <= results; i++) {
                totals[i] += each[i] - each[0];
            }
        }
        return totals;
    }

    /** Collects their weights. @param w the values of the mask */
    void read(long w) {
        for (int i = 0; i < used; i++) {
            Vectors.set(weights.address() + 4L * i, Vectors.get(w + 4L * places[i]));
        }
    }

    /** Puts values where those of the mask belong; 0 for survivors that no sweep looks with. */
    void write(long values, long w) {
        Vectors.clear(w, count);
        for (int i = 0; i < used; i++) {
            Vectors.set(w + 4L * places[i], Vectors.get(values + 4L * i));
        }
    }

    @Override
    public void close() {
        memory.release(weights);
        memory.release(looks);
    }
}
