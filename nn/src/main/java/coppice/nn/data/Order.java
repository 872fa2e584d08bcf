package coppice.nn.data;

import coppice.engine.Seed;

/**
 * Which images each iteration of a run sees. Epoch {@code e} goes through the view in the order of
 * {@code seed.in(e).permutation(n)}, in batches of one size; the images left over at its end, fewer than a batch, sit that
 * epoch out. Iteration {@code t} is batch {@code t mod iterationsPerEpoch} of epoch {@code t / iterationsPerEpoch}: nothing
 * advances, so a run resumed at {@code t} sees what it would have seen.
 *
 * <p>The last epoch asked for is remembered; asking iterations in order costs one permutation per epoch. Not for use by
 * several threads at once.
 */
public final class Order {

    private final Seed seed;
    private final View view;
    private final int batchSize;
    private final int iterationsPerEpoch;
    private long epoch = -1;
    private final int[] permutation;

    /** @param batchSize 1 to the size of the view */
    public Order(Seed seed, View view, int batchSize) {
        if (batchSize < 1 || batchSize > view.size()) {
            throw new IllegalArgumentException("order of " + view.data().name() + ": batch size must be 1 to the "
                    + view.size() + " images there are, got " + batchSize);
        }
        this.seed = seed;
        this.view = view;
        this.batchSize = batchSize;
        this.iterationsPerEpoch = view.size() / batchSize;
        this.permutation = new int[view.size()];
    }

    public int batchSize() {
        return batchSize;
    }

    /** Whole batches in an epoch. */
    public int iterationsPerEpoch() {
        return iterationsPerEpoch;
    }

    /** The epoch that an iteration belongs to, both counted from 0. */
    public long epoch(long iteration) {
        if (iteration < 0) {
            throw new IllegalArgumentException("order of " + view.data().name() + ": needs an iteration of at least 0, got "
                    + iteration);
        }
        return iteration / iterationsPerEpoch;
    }

    /**
     * The images of one iteration, as positions in the view's dataset, what {@link Batches} takes.
     *
     * @param iteration counted from 0 over the whole run
     * @param indices receives {@code batchSize} positions
     */
    public void fill(long iteration, int[] indices) {
        if (iteration < 0 || indices.length < batchSize) {
            throw new IllegalArgumentException("order of " + view.data().name()
                    + ": needs an iteration of at least 0 and room for " + batchSize + " indices, got iteration "
                    + iteration + " and room for " + indices.length);
        }
        load(iteration / iterationsPerEpoch);
        int first = (int) (iteration % iterationsPerEpoch) * batchSize;
        for (int i = 0; i < batchSize; i++) {
            indices[i] = view.indices()[permutation[first + i]];
        }
    }

    /** {@link #fill} into a new array. */
    public int[] indices(long iteration) {
        int[] indices = new int[batchSize];
        fill(iteration, indices);
        return indices;
    }

    private void load(long wanted) {
        if (wanted != epoch) {
            seed.in(wanted).permutation(permutation);
            epoch = wanted;
        }
    }
}
