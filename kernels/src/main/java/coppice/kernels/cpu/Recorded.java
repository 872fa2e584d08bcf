package coppice.kernels.cpu;

import coppice.engine.Backend.Recording;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tasks of some work, in the order in which they were run. A task knows the addresses that it reads and writes and nothing of buffers, so
 * running them again does the work again, as long as buffers stand where they stood and the memory that the work took for itself is free:
 * it stays in the pool, for others to use in between. A replay makes no objects, if the tasks make none.
 */
final class Recorded implements Recording {

    private final Workers workers;
    private final Memory memory;
    private final Thread thread = Thread.currentThread();
    /** Buffers with a lower number are not the work's own. */
    private final long firstOwn;
    private final List<Noted> tasks = new ArrayList<>();
    private final Map<NativeBuffer, Given> given = new IdentityHashMap<>();
    private Noted[] all;
    private Sharing sharing;
    private Given[] buffers;
    private Memory.Blocks taken;
    private boolean repeatable = true;

    private record Noted(int parts, Workers.Task task) {}

    /** A buffer that is not the work's own, as it was before, and how its values stood afterwards. */
    private static final class Given {

        private final NativeBuffer buffer;
        private final long address;
        private final int columnsBefore;
        private int columnsAfter;

        Given(NativeBuffer buffer) {
            this.buffer = buffer;
            this.address = buffer.place();
            this.columnsBefore = buffer.blockedColumns();
        }

        /** Whether it is where it was, and nothing else is to be computed from it. */
        boolean isInPlace() {
            return !buffer.isReleased() && buffer.deferred() == null && buffer.place() == address && buffer.dependents().isEmpty();
        }

        boolean isAsBefore() {
            return isInPlace() && buffer.blockedColumns() == columnsBefore;
        }
    }

    /** Does the work, and notes it. One work is recorded at a time. */
    static Recorded of(Runnable work, Workers workers, Memory memory) {
        var recorded = new Recorded(workers, memory);
        memory.record(recorded);
        workers.record(recorded);
        try {
            work.run();
        } finally {
            workers.record(null);
            recorded.taken = memory.endRecord();
        }
        recorded.end();
        return recorded;
    }

    private Recorded(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
        this.firstOwn = memory.buffersMade();
    }

    void add(int parts, Workers.Task task) {
        tasks.add(new Noted(parts, task));
    }

    /** A kernel is about to use a buffer. */
    void use(NativeBuffer buffer) {
        if (isGiven(buffer) && !given.containsKey(buffer)) {
            var before = new Given(buffer);
            given.put(buffer, before);
            repeatable &= before.isInPlace();
        }
    }

    /** Whether a buffer is used by the work and not its own. */
    boolean isGiven(NativeBuffer buffer) {
        return buffer.number() < firstOwn && Thread.currentThread() == thread;
    }

    /** Something is done that tasks do not repeat, unless it is done beside the work. */
    void cannotRepeat() {
        repeatable &= Thread.currentThread() != thread;
    }

    private void end() {
        for (Given each : given.values()) {
            each.columnsAfter = each.buffer.blockedColumns();
            repeatable &= each.isInPlace();
        }
        if (repeatable) {
            all = tasks.toArray(Noted[]::new);
            buffers = given.values().toArray(Given[]::new);
            sharing = workers.sharing(tasks.stream().map(Noted::parts).toList());
        }
        tasks.clear();
        given.clear();
    }

    @Override
    public boolean replay() {
        if (!repeatable || !memory.areFree(taken)) {
            return false;
        }
        for (Given each : buffers) {
            if (!each.isAsBefore()) {
                return false;
            }
        }
        sharing.begin(System.nanoTime());
        for (int i = 0; i < all.length; i++) {
            if (sharing.isAlone(i)) {
                workers.alone(all[i].parts, all[i].task);
            } else {
                workers.rerun(all[i].parts, all[i].task);
            }
        }
        for (Given each : buffers) {
            each.buffer.standsInBlocks(each.columnsAfter);
        }
        return true;
    }
}
