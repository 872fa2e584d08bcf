package coppice.nn.data;

import coppice.engine.Seed;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Prepares batches ahead of the training step, on a thread of its own. What a batch holds depends on its iteration alone, never
 * on how far ahead it was prepared, so a run with it sees the same bits as a run without, resumed or not.
 *
 * <p>Three pairs of arrays go round: one is with the step, two are prepared or being prepared. {@link #next} and
 * {@link #close} are for one thread; the {@link Order} and the {@link Batches} belong to the prefetch until it is closed.
 */
public final class Prefetch implements AutoCloseable {

    private static final int RING = 3;

    /**
     * One prepared batch, to be read until the next {@link #next}, which gives its arrays back.
     *
     * @param x {@code [features, batchSize]}
     * @param targets {@code [classes, batchSize]}
     */
    public record Batch(long iteration, float[] x, float[] targets) {}

    private final Order order;
    private final Batches batches;
    private final Augmentation augmentation;
    private final Seed seed;
    private final long end;
    private final BlockingQueue<Batch> free = new ArrayBlockingQueue<>(RING);
    private final BlockingQueue<Batch> ready = new ArrayBlockingQueue<>(RING + 1); // room for the end mark of a failure
    private final Thread thread;
    private volatile Throwable failure;
    private boolean closed;
    private long iteration;
    private Batch lent;

    /**
     * Begins at once to prepare the iterations {@code first} to {@code end − 1}.
     *
     * @param seed of the augmentation, what {@link Batches#fill(int[], int, int, Augmentation, Seed, long, float[], float[])}
     *     takes
     */
    public Prefetch(Order order, Batches batches, Augmentation augmentation, Seed seed, long first, long end) {
        if (first < 0 || end < first) {
            throw new IllegalArgumentException("prefetch of " + batches.data().name()
                    + ": iterations must be from 0 or more to no less, got " + first + " to " + end);
        }
        this.order = order;
        this.batches = batches;
        this.augmentation = augmentation;
        this.seed = seed;
        this.end = end;
        this.iteration = first;
        int features = batches.data().example().size();
        for (int i = 0; i < Math.min(RING, end - first); i++) {
            free.add(new Batch(-1, new float[Math.multiplyExact(features, order.batchSize())],
                    new float[Math.multiplyExact(batches.data().classes(), order.batchSize())]));
        }
        this.thread = Thread.ofPlatform().daemon().name("prefetch of " + batches.data().name())
                .start(() -> prepare(first));
    }

    /**
     * The next batch, waiting for it if need be.
     *
     * @throws DataException if preparing it failed for the sake of a file
     * @throws IllegalStateException if preparing it failed otherwise, or after {@link #close}
     * @throws NoSuchElementException after the last iteration
     */
    public Batch next() {
        if (closed) {
            throw new IllegalStateException(this + ": is closed");
        }
        if (iteration == end) {
            throw new NoSuchElementException(this + ": ends before iteration " + end);
        }
        if (lent != null) {
            free.add(lent);
            lent = null;
        }
        Batch batch;
        try {
            batch = ready.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(this + ": interrupted while waiting for iteration " + iteration, e);
        }
        if (batch.x() == null) {
            ready.add(batch);
            switch (failure) {
                case DataException e -> throw new DataException(e.getMessage(), e);
                default -> throw new IllegalStateException(this + ": iteration " + iteration + " could not be prepared ("
                        + failure + ")", failure);
            }
        }
        lent = batch;
        iteration++;
        return batch;
    }

    private void prepare(long first) {
        int[] indices = new int[order.batchSize()];
        try {
            for (long t = first; t < end; t++) {
                Batch room = free.take();
                order.fill(t, indices);
                batches.fill(indices, 0, indices.length, augmentation, seed, order.epoch(t), room.x(), room.targets());
                ready.put(new Batch(t, room.x(), room.targets()));
            }
        } catch (InterruptedException e) {
            // closed
        } catch (Throwable e) {
            failure = e;
            ready.add(new Batch(-1, null, null));
        }
    }

    /** Stops the thread and waits for it to end, so that the order and the batches are free again. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "prefetch of " + batches.data().name();
    }
}
