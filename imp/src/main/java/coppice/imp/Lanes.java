package coppice.imp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * Trainings side by side. Each lane is a thread with an experiment of its own, and takes the next task when it is done with one;
 * a task may add tasks. Which lane does what, and when, changes no result.
 */
final class Lanes {

    private final List<Experiment> experiments;
    private final StopFlag stop;
    private final Queue<Consumer<Experiment>> waiting = new ArrayDeque<>();
    private int working;
    private Throwable failure;

    /** @param stop raised when a task fails, so that the others stop at a point from which they can go on */
    Lanes(List<Experiment> experiments, StopFlag stop) {
        this.experiments = experiments;
        this.stop = stop;
    }

    /** Adds a task; of a run that is to stop, no new one is begun. */
    synchronized void add(Consumer<Experiment> task) {
        waiting.add(task);
        notifyAll();
    }

    /** Returns when all tasks are done, those added meanwhile included; throws what the first that failed threw. */
    void run() {
        List<Thread> threads = new ArrayList<>();
        for (Experiment experiment : experiments) {
            threads.add(Thread.ofPlatform().name("coppice-lane-" + (threads.size() + 1)).start(() -> work(experiment)));
        }
        threads.forEach(Lanes::join);
        switch (failure) {
            case null -> { }
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            default -> throw new IllegalStateException("tasks throw no checked exceptions", failure);
        }
    }

    private void work(Experiment experiment) {
        for (Consumer<Experiment> task = next(); task != null; task = next()) {
            try {
                task.accept(experiment);
            } catch (Throwable e) {
                fail(e);
            } finally {
                done();
            }
        }
    }

    /** The next task, waiting while others may still add one; null when there will be none. */
    private synchronized Consumer<Experiment> next() {
        while (waiting.isEmpty() && working > 0 && failure == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IllegalStateException("lanes are not interrupted", e);
            }
        }
        if (waiting.isEmpty() || failure != null) {
            return null;
        }
        working++;
        return waiting.remove();
    }

    private synchronized void done() {
        working--;
        notifyAll();
    }

    private synchronized void fail(Throwable e) {
        if (failure == null) {
            failure = e;
        }
        stop.raise();
    }

    private static void join(Thread thread) {
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
}
