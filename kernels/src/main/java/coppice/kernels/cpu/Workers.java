package coppice.kernels.cpu;

import java.util.concurrent.locks.LockSupport;

/**
 * The threads that kernels run on: the caller and some daemons that wait for it, spinning. A hand-off to a spinning thread takes
 * 0.1 µs, to a parked one or an executor 5 µs and more, which is as long as a whole layer of a sparse network.
 *
 * <p>Work comes in parts. A part is a range of the result that is computed the same way whoever computes it.
 */
final class Workers implements AutoCloseable {

    /** How long a worker spins before it parks: longer than the pause between two kernels of a training step. */
    private static final long SPIN_NANOS = 300_000;

    /** Spins between two looks at the clock. */
    private static final int SPINS = 64;

    /** Work to be done in parts. */
    interface Task {
        void run(int part, int parts);
    }

    private final Worker[] workers;
    private Task task;
    private int parts;
    private volatile int sequence;
    private volatile boolean closed;

    /** @param threads the caller's included, at least 1 */
    Workers(int threads) {
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].thread.start();
        }
    }

    /** The number of threads, the caller's included. */
    int threads() {
        return workers.length + 1;
    }

    /** Into how many parts to split some work: one for each thread, but none smaller than {@code grain}. */
    int parts(long work, long grain) {
        return (int) Math.clamp(work / grain, 1, threads());
    }

    /** Where part {@code part} of {@code parts} starts in a range of {@code size}, rounded down to a multiple of {@code unit}. */
    static int start(int size, int unit, int part, int parts) {
        return part == parts ? size : (int) ((long) size * part / parts / unit) * unit;
    }

    /**
     * Runs all parts of a task, the first on this thread, and returns when all are done. What a part throws is thrown here.
     *
     * @param parts at most {@link #threads}
     */
    void run(int parts, Task task) {
        if (parts == 1) {
            task.run(0, 1);
            return;
        }
        this.task = task;
        this.parts = parts;
        int current = sequence + 1;
        sequence = current;
        for (Worker worker : workers) {
            worker.wake();
        }
        Throwable failure = null;
        try {
            task.run(0, parts);
        } catch (Throwable thrown) {
            failure = thrown;
        }
        for (Worker worker : workers) {
            failure = worker.await(current, failure);
        }
        this.task = null;
        if (failure != null) {
            throw Workers.<RuntimeException>unchecked(failure);
        }
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** Ends the threads; they must be idle. */
    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker.thread);
        }
    }

    private final class Worker implements Runnable {

        private final int part;
        private final Thread thread;
        private volatile boolean parked;
        private volatile int done;
        private Throwable failure;

        Worker(int part) {
            this.part = part;
            this.thread = Thread.ofPlatform().daemon().name("coppice-cpu-" + part).unstarted(this);
        }

        @Override
        public void run() {
            int seen = 0;
            while (waitBeyond(seen)) {
                seen = sequence;
                try {
                    if (part < parts) {
                        task.run(part, parts);
                    }
                } catch (Throwable thrown) {
                    failure = thrown;
                }
                done = seen;
            }
        }

        /** Waits for a task after number {@code seen}; false if there will be none. */
        private boolean waitBeyond(int seen) {
            long since = System.nanoTime();
            for (int spins = 1; sequence == seen && !closed; spins++) {
                Thread.onSpinWait();
                if (spins % SPINS == 0 && System.nanoTime() - since > SPIN_NANOS) {
                    parked = true;
                    if (sequence == seen && !closed) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
            return !closed;
        }

        private void wake() {
            if (parked) {
                LockSupport.unpark(thread);
            }
        }

        /** Waits until task {@code current} is done; returns the first failure of all. */
        private Throwable await(int current, Throwable earlier) {
            for (int spins = 1; done != current; spins++) {
                // The worker may wait for this very core.
                if (spins % (SPINS * SPINS) == 0) {
                    Thread.yield();
                } else {
                    Thread.onSpinWait();
                }
            }
            Throwable thrown = failure;
            failure = null;
            if (earlier == null) {
                return thrown;
            }
            if (thrown != null && thrown != earlier) {
                earlier.addSuppressed(thrown);
            }
            return earlier;
        }
    }
}
