package coppice.kernels.cpu;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;
import java.util.Arrays;
import java.util.List;

/**
 * The survivors of a convolution's weight in the order in which its result is made: for each slab of the source and each of the sweeps over
 * it, those of the first channel of the result, those of the next, and so on; with where each looks in the panel. Made once for a mask.
 *
 * <p>Those of a channel of the result stand by blocks of channels of the source, so few of these that a tile can be made from the first-level
 * cache.
 */
final class Survivors {

    /**
     * Bytes of a block that a tile of the result looks at: for a first-level cache of 48 kB. Multiplying what comes from the second-level cache a
     * core makes 62 Gflop/s at most; so 128 → 128 on 8×8 takes 9.7 ms on one thread at 40 % instead of 12.7, 5.1 at 20 % instead of 7.4, 3.1 at 10 %
     * instead of 4.0.
     */
    private static final int NEAR = 40 * 1024;

    /** Survivors of a block and a channel of the result for which it pays to put a tile's sums aside and take them up again. */
    private static final int MANY = 11;

    /**
     * Survivors of a channel of the result up to which looking at images in place was measured to be faster than blocks of a panel: one thread, 64 → 64
     * on 16×16 2.8 ms instead of 3.6 with 58 of them, 5.6 instead of 6.0 with 115; 128 → 128 on 8×8 1.5 instead of 1.7 with 58, 3.2 either way with 115.
     */
    private static final int FAR = 100;

    private final List<Sweep> sweeps;
    private final int slabs;
    private final int results;
    /** Channels of the source in a block, and blocks in a slab. */
    private final int blockChannels;
    private final int blocks;
    /** Those that some sweep looks with: all, unless images are smaller than a stride. */
    private int used;
    /** For each slab and sweep, where the survivors of each channel of the result, of each block, start. */
    private final int[][] starts;
    /** The survivors before each channel of the result, of all slabs and sweeps. */
    private final int[] totals;
    /** For each channel of the result, the first survivor that does not look to the left, and the first that looks to the right, if {@link #bySides}. */
    private final int[] centres;
    private final int[] rights;
    /** For each survivor, its place among the values of the mask. */
    private final int[] places;
    /** For each survivor, bytes from a pixel's place in the panel; in images that are looked at in place, with {@link Edges}. */
    private final int[] looks;

    /**
     * An order, for images of a size.
     *
     * @param face    OUTPUT, or INPUT
     * @param inPlace whether images are to be looked at in place where that can be, {@link Sweep#canBeInPlace}, and pays
     */
    record Order(Face face, Window window, Images images, Images output, boolean inPlace) implements Mask.Derivation<Survivors> {

        /** Where images cannot be looked at in place, or it does not pay, these are the ones of panels. */
        @Override
        public Survivors of(Mask mask) {
            List<Sweep> panels = Sweep.of(face, window, images, output);
            Sweep first = panels.getFirst();
            boolean canBeInPlace = panels.size() == 1 && first.canBeInPlace();
            if (inPlace && !(canBeInPlace && mask.count() < (long) FAR * first.results())) {
                return mask.derived(new Order(face, window, images, output, false));
            }
            return new Survivors(mask, this, panels, canBeInPlace);
        }
    }

    private Survivors(Mask mask, Order order, List<Sweep> panels, boolean canBeInPlace) {
        Sweep first = panels.getFirst();
        this.slabs = first.slabs();
        this.results = first.results();
        this.sweeps = order.inPlace ? List.of(first.inPlace()) : panels;
        this.blockChannels = order.inPlace ? first.slabChannels() : blockChannels(mask.count());
        this.blocks = Math.ceilDiv(first.slabChannels(), blockChannels);
        boolean bySides = canBeInPlace && blocks == 1;
        this.starts = new int[slabs * sweeps.size()][results * blocks + 1];
        this.totals = new int[results + 1];
        this.centres = new int[bySides ? results : 0];
        this.rights = new int[centres.length];
        this.places = new int[mask.count()];
        this.looks = new int[mask.count()];
        if (order.face == Face.OUTPUT) {
            byOutput(mask.rows(), mask.shape().size(1) * order.window.size(), order.window);
        } else {
            byInput(mask.columns(), order.window);
        }
        if (bySides) {
            bySides(mask, order);
        }
        for (int[] each : starts) {
            for (int i = 0; i <= results; i++) {
                totals[i] += each[i * blocks] - each[0];
            }
        }
    }

    /**
     * So many blocks that what a tile looks at is {@link #NEAR}, or, if those had too few survivors, {@link #MANY} of them to a channel of the result.
     * One if it would then be more than twice as much: 64 → 64 on 16×16 at 5 % takes 2.4 ms on one thread, in three blocks 2.7.
     */
    private int blockChannels(int survivors) {
        Sweep sweep = sweeps.getFirst();
        int channels = sweep.slabChannels();
        int near = Math.toIntExact(Math.ceilDiv((long) channels * sweep.tileBytes(), NEAR));
        long many = survivors / ((long) MANY * results * slabs * sweeps.size());
        return many < Math.ceilDiv(near, 2) ? channels : Math.ceilDiv(channels, Math.clamp(many, 1, Math.min(near, channels)));
    }

    private void byOutput(Mask.Rows rows, int columns, Window window) {
        Sweep sweep = sweeps.getFirst();
        int[] next = Arrays.copyOf(rows.starts(), results);
        int[] lookOf = new int[columns];
        for (int column = 0; column < columns; column++) {
            lookOf[column] = sweep.look(column / window.size() % sweep.slabChannels(), column % window.size());
        }
        for (int slab = 0; slab < slabs; slab++) {
            starts[slab][0] = used;
            for (int output = 0; output < results; output++) {
                for (int block = 0; block < blocks; block++) {
                    long end = (long) endChannel(slab, block) * window.size();
                    for (; next[output] < rows.starts()[output + 1] && rows.columns()[next[output]] < end; next[output]++) {
                        add(lookOf[rows.columns()[next[output]]], next[output]);
                    }
                    starts[slab][output * blocks + block + 1] = used;
                }
            }
        }
    }

    private void byInput(Mask.Columns columns, Window window) {
        int[] next = Arrays.copyOf(columns.starts(), columns.starts().length - 1);
        int slabChannels = sweeps.getFirst().slabChannels();
        for (int slab = 0; slab < slabs; slab++) {
            for (int i = 0; i < sweeps.size(); i++) {
                Sweep sweep = sweeps.get(i);
                int[] starts = starts(slab, i);
                starts[0] = used;
                for (int input = 0; input < results; input++) {
                    for (int block = 0; block < blocks; block++) {
                        int end = endChannel(slab, block);
                        for (int tap = 0; tap < sweep.taps(); tap++) {
                            int column = input * window.size() + sweep.tap(tap, window.x().size());
                            int look = sweep.look(0, tap);
                            for (; next[column] < columns.starts()[column + 1] && columns.rows()[next[column]] < end; next[column]++) {
                                add(look + sweep.channelBytes() * (columns.rows()[next[column]] - slab * slabChannels),
                                        columns.values()[next[column]]);
                            }
                        }
                        starts[input * blocks + block + 1] = used;
                    }
                }
            }
        }
    }

    /**
     * Puts those of each channel of the result that look to the left before the others, and those that look to the right behind them: for images that
     * are looked at in place, and for panels of one block, which then make the same bits; those of several add up in another order.
     */
    private void bySides(Mask mask, Order order) {
        Window.Axis across = order.window.x();
        int[] looksBefore = looks.clone();
        int[] placesBefore = places.clone();
        int[] starts = starts(0, 0);
        for (int channel = 0; channel < results; channel++) {
            int next = starts[channel];
            for (int side = -1; side <= 1; side++) {
                if (side == 0) {
                    centres[channel] = next;
                } else if (side == 1) {
                    rights[channel] = next;
                }
                for (int i = starts[channel]; i < starts[channel + 1]; i++) {
                    int right = across.input(0, mask.position(placesBefore[i]) % across.size());
                    if (Integer.signum(order.face == Face.INPUT ? -right : right) == side) {
                        looks[next] = looksBefore[i];
                        places[next++] = placesBefore[i];
                    }
                }
            }
        }
    }

    /** The first channel of the source after a block of a slab. */
    private int endChannel(int slab, int block) {
        int slabChannels = sweeps.getFirst().slabChannels();
        return slab * slabChannels + Math.min(slabChannels, (block + 1) * blockChannels);
    }

    private void add(int look, int place) {
        looks[used] = look;
        places[used++] = place;
    }

    List<Sweep> sweeps() {
        return sweeps;
    }

    int slabs() {
        return slabs;
    }

    /** Blocks of channels of the source, in each slab. */
    int blocks() {
        return blocks;
    }

    int count() {
        return places.length;
    }

    /** Where survivors start, of a slab and a sweep: those of channel c of the result and block b from number {@code c · blocks + b} to the next. */
    int[] starts(int slab, int sweep) {
        return starts[slab * sweeps.size() + sweep];
    }

    /** Of a channel of the result, the first survivor that does not look to the left, of images that are looked at in place. */
    int centre(int channel) {
        return centres[channel];
    }

    /** The first that looks to the right, likewise. */
    int right(int channel) {
        return rights[channel];
    }

    /** The survivors before each channel of the result, of all slabs and sweeps: for shares of equal work. */
    int[] totals() {
        return totals;
    }

    /** Writes an int for each survivor: bytes from a pixel's place, in images that are looked at in place with {@link Edges}. */
    void writeLooks(long to) {
        Vectors.copy(looks, to, used);
    }

    /** Collects weights in this order. @param w the values of the mask */
    void read(long w, long weights) {
        for (int i = 0; i < used; i++) {
            Vectors.set(weights + 4L * i, Vectors.get(w + 4L * places[i]));
        }
    }

    /** Puts values where those of the mask belong; 0 for survivors that no sweep looks with. */
    void write(long values, long w) {
        Vectors.clear(w, count());
        for (int i = 0; i < used; i++) {
            Vectors.set(w + 4L * places[i], Vectors.get(values + 4L * i));
        }
    }
}
