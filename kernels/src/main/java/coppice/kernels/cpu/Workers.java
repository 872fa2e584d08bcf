package coppice.kernels.cpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The threads that kernels run on: the caller and some daemons that wait for it, spinning. A hand-off to a spinning thread takes
 * 0.1 µs, to a parked one or an executor 5 µs and more, which is as long as a whole layer of a sparse network.
 *
 * <p>Work comes in parts. A part is a range of the result that is computed the same way whoever computes it, so threads take
 * the next part when they are free: the caller does not wait for a thread that the system has not woken yet, but does its part.
 */
final class Workers implements AutoCloseable {

    /** How long a worker spins before it parks: longer than the pause between two kernels of a training step. */
    private static final long SPIN_NANOS = 300_000;

    /** Spins between two looks at the clock, or before the caller lets a worker have its core. */
    private static final int SPINS = 64;

    private static final VarHandle UNTAKEN;
    private static final VarHandle FINISHED;

    static {
        try {
            UNTAKEN = MethodHandles.lookup().findVarHandle(Workers.class, "untaken", long.class);
            FINISHED = MethodHandles.lookup().findVarHandle(Workers.class, "finished", int.class);
        } catch (ReflectiveOperationException error) {
            throw new ExceptionInInitializerError(error);
        }
    }

    /** Work to be done in parts. */
    interface Task {
        void run(int part, int parts);
    }

    /**
     * A task with the same result in any number of parts. One thread does it as one: what each part makes for itself, as a copy of x, is then made once.
     */
    interface Mergeable extends Task {}

    /** Work beside the tasks, each piece done by the thread that takes it; one work after the other. */
    private static final class Offer implements Runnable {

        private static final int DONE = 0;
        private static final int OFFERED = 1;
        private static final int TAKEN = 2;

        private final AtomicInteger state = new AtomicInteger(DONE);
        private BooleanSupplier piece;
        private Throwable thrown;

        void make(BooleanSupplier piece) {
            if (state.get() != DONE) {
                throw new IllegalStateException("cpu: work beside kernels was given before the last was waited for");
            }
            this.piece = piece;
            state.set(OFFERED);
        }

        boolean isTaken() {
            return state.get() != OFFERED;
        }

        /** Does a piece if nobody is at one. @return false if somebody is, or all is done */
        boolean take() {
            if (isTaken() || !state.compareAndSet(OFFERED, TAKEN)) {
                return false;
            }
            boolean isMore = false;
            try {
                isMore = piece.getAsBoolean();
            } catch (Throwable failure) {
                thrown = failure;
            }
            state.set(isMore ? OFFERED : DONE);
            return true;
        }

        /** Does what is left, or waits until it is done. */
        @Override
        public void run() {
            for (int spins = 1; state.get() != DONE; spins++) {
                if (!take()) {
                    pause(spins);
                }
            }
            Throwable failure = thrown;
            if (failure != null) {
                thrown = null;
                throw Workers.<RuntimeException>unchecked(failure);
            }
        }
    }

    private final Worker[] workers;
    private final Offer offer = new Offer();
    private final Map<List<Integer>, Sharing> sharings = new HashMap<>();
    /** What is run is noted in it; null where nothing is to be. */
    private Recorded recorded;
    /** Written, as {@code parts}, while no part is being run; a thread reads it after it has taken a part. */
    private Task task;
    private int parts;
    /** The number of the task (32 bits), and of the parts to be taken the one after the last (16) and the first (16), all in one. */
    private volatile long untaken;
    private volatile int finished;
    private volatile Throwable failure;
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
        return Math.clamp(work / grain, 1, threads());
    }

    /** Where part {@code part} of {@code parts} starts in a range of {@code size}, rounded down to a multiple of {@code unit}. */
    static int start(int size, int unit, int part, int parts) {
        return part == parts ? size : (int) ((long) size * part / parts / unit) * unit;
    }

    /**
     * Runs all parts of a task and returns when all are done. What a part throws is thrown here, after the others have ended.
     *
     * @param parts at most {@link #threads}
     * @throws IllegalStateException if another task was running, of another thread or around this one, as far as that was seen
     */
    void run(int parts, Task task) {
        Recorded noting = recorded;
        if (noting == null) {
            rerun(parts, task);
            return;
        }
        noting.add(parts, task);
        recorded = null;                            // what a task runs itself is part of it
        try {
            rerun(parts, task);
        } finally {
            recorded = noting;
        }
    }

    /** Runs in this thread what is too little to be shared. Whatever kernels do to memory is done in tasks, since these can be recorded. */
    void run(Runnable task) {
        run(1, (part, parts) -> task.run());
    }

    /** Notes tasks from now on, as they are run. @param recorded null for none */
    void record(Recorded recorded) {
        this.recorded = recorded;
    }

    /** Which of recorded tasks to share: one plan for all recordings of as many parts. */
    Sharing sharing(List<Integer> parts) {
        Sharing sharing = sharings.computeIfAbsent(parts, Sharing::new);
        sharing.recordedAnew();
        return sharing;
    }

    /** All of a task in this thread, one part after the other, or as one; not to be noted. */
    void alone(int parts, Task task) {
        int count = task instanceof Mergeable ? 1 : parts;
        for (int part = 0; part < count; part++) {
            task.run(part, count);
        }
    }

    /** As {@link #run(int, Task)}, but not to be noted. */
    void rerun(int parts, Task task) {
        if (parts == 1) {
            alone(parts, task);
            return;
        }
        if (this.task != null) {
            throw new IllegalStateException("cpu: a kernel was called while another one was running");
        }
        this.task = task;
        this.parts = parts;
        finished = 0;
        untaken = (number(untaken) + 1) << 32 | (long) parts << 16;
        for (Worker worker : workers) {
            worker.wake();
        }
        while (runPart(true)) {
            // Until there is no part left to take.
        }
        for (int spins = 1; finished != parts; spins++) {
            pause(spins);
        }
        this.task = null;
        Throwable thrown = failure;
        if (thrown != null) {
            failure = null;
            throw Workers.<RuntimeException>unchecked(thrown);
        }
    }

    private static void pause(int spins) {
        if (spins % SPINS == 0) {
            Thread.yield();
        } else {
            Thread.onSpinWait();
        }
    }

    /**
     * Leaves work to workers that find no part of a task to take; the caller goes on.
     *
     * @param piece does the next piece of it; false after the last
     * @return does what is left, and returns when all is done; throws what a piece throws
     */
    Runnable offer(BooleanSupplier piece) {
        offer.make(piece);
        if (workers.length > 0) {
            workers[0].wake();
        }
        return offer;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }

    private static long number(long untaken) {
        return untaken >>> 32;
    }

    private static int first(long untaken) {
        return (int) (untaken & 0xFFFF);
    }

    private static int end(long untaken) {
        return (int) (untaken >>> 16 & 0xFFFF);
    }

    /**
     * Takes one part of the current task and runs it; false if there is none left.
     *
     * @param first whether the first, as the caller does, or the last that is left: so that two threads have the same parts of each task, and
     *     in their caches what these have in common
     */
    private boolean runPart(boolean first) {
        long current = untaken;
        if (first(current) == end(current)) {
            return false;
        }
        if (UNTAKEN.compareAndSet(this, current, first ? current + 1 : current - (1 << 16))) {
            try {
                task.run(first ? first(current) : end(current) - 1, parts);
            } catch (Throwable thrown) {
                fail(thrown);
            }
            FINISHED.getAndAdd(this, 1);
        }
        return true;
    }

    /** Keeps the first failure of a task, and the others with it. */
    private synchronized void fail(Throwable thrown) {
        if (failure == null) {
            failure = thrown;
        } else if (failure != thrown) {
            failure.addSuppressed(thrown);
        }
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

        private final Thread thread;
        private volatile boolean parked;

        Worker(int number) {
            thread = Thread.ofPlatform().daemon().name("coppice-cpu-" + number).unstarted(this);
        }

        @Override
        public void run() {
            while (!closed) {
                if (!runPart(false) && !offer.take()) {
                    await();
                }
            }
        }

        private boolean isIdle() {
            long current = untaken;
            return first(current) == end(current) && offer.isTaken() && !closed;
        }

        /** Waits until there is something to do, or until the end. */
        private void await() {
            long since = System.nanoTime();
            for (int spins = 1; isIdle(); spins++) {
                Thread.onSpinWait();
                if (spins % SPINS == 0 && System.nanoTime() - since > SPIN_NANOS) {
                    parked = true;
                    if (isIdle()) {
                        LockSupport.park(this);
                    }
                    parked = false;
                }
            }
        }

        private void wake() {
            if (parked) {
                LockSupport.unpark(thread);
            }
        }
    }
}
