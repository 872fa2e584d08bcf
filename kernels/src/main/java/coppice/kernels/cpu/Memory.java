package coppice.kernels.cpu;

import coppice.engine.BackendException;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

/**
 * The pool of native memory: blocks at multiples of 64 bytes, kept by size class and handed out again. A block's size is a multiple
 * of 16 floats with at most four leading bits, so that no more than an eighth is lost to rounding and buffers of nearly one size share
 * their blocks. Memory goes back to the system only when everything is closed.
 */
final class Memory implements AutoCloseable {

    private static final int ALIGNMENT = 64;

    /** One cache line. */
    private static final int SMALLEST = 16;

    /** Sizes between one power of two and the next. */
    private static final int STEPS = 8;

    /**
     * What a memory holds, in bytes.
     *
     * @param inUse     in buffers whose values are in memory and still needed: not released, or something is yet to be computed from them
     * @param peakInUse the largest {@code inUse} so far
     * @param held      taken from the system, in use or waiting for reuse
     */
    public record Use(long inUse, long peakInUse, long held) {}

    private final Workers workers;
    private final Arena arena = Arena.ofShared();
    private final long[][] free = new long[(Integer.SIZE + 1) * STEPS][];
    private final int[] freeCounts = new int[free.length];
    private long inUse;
    private long peakInUse;
    private long held;
    private long made;
    /** The work that is recorded, and the blocks that were taken for it; null where none is. */
    private Recorded recorded;
    private Blocks taken;
    private volatile boolean closed;

    /** Blocks of memory, each once. */
    static final class Blocks {

        private long[] addresses = new long[64];
        private int[] sizeClasses = new int[64];
        private int count;

        private void add(int sizeClass, long address) {
            for (int i = 0; i < count; i++) {
                if (addresses[i] == address) {
                    return;
                }
            }
            if (count == addresses.length) {
                addresses = Arrays.copyOf(addresses, 2 * count);
                sizeClasses = Arrays.copyOf(sizeClasses, 2 * count);
            }
            addresses[count] = address;
            sizeClasses[count++] = sizeClass;
        }
    }

    /** @param workers for kernels that the memory itself is in need of */
    Memory(Workers workers) {
        this.workers = workers;
    }

    /**
     * A buffer of unspecified contents; safe to read and write up to a multiple of 16 floats.
     *
     * @throws BackendException if the system has no more memory, or after {@link #close}
     */
    synchronized NativeBuffer allocate(int length) {
        if (length < 0) {
            throw new BackendException("cpu: a buffer must have at least 0 floats, got " + length);
        }
        return new NativeBuffer(this, made++, take(length), length);
    }

    private long take(int length) {
        if (closed) {
            throw new BackendException("cpu: cannot allocate " + length + " floats, the backend was closed");
        }
        long capacity = capacity(length);
        int sizeClass = sizeClass(capacity);
        long address = freeCounts[sizeClass] > 0 ? free[sizeClass][--freeCounts[sizeClass]] : obtain(capacity);
        if (taken != null) {
            taken.add(sizeClass, address);
        }
        inUse += capacity * Float.BYTES;
        peakInUse = Math.max(peakInUse, inUse);
        return address;
    }

    private long obtain(long capacity) {
        try {
            long address = arena.allocate(capacity * Float.BYTES, ALIGNMENT).address();
            held += capacity * Float.BYTES;
            return address;
        } catch (OutOfMemoryError error) {
            throw new BackendException("cpu: the system has no " + capacity * Float.BYTES + " bytes of native memory left; "
                    + use().held() + " are held here, " + use().inUse() + " of them in use");
        }
    }

    /**
     * Takes a buffer back, from any thread; nothing after {@link #close}.
     *
     * @throws BackendException if it was released before
     */
    synchronized void release(NativeBuffer buffer) {
        if (closed) {
            return;
        }
        if (buffer.isReleased()) {
            throw new BackendException("cpu: " + buffer + " was released twice");
        }
        buffer.retire();
        reclaim(buffer);
    }

    /** Takes back a released buffer from which nothing is to be computed any more, and which is not being computed itself. */
    private void reclaim(NativeBuffer buffer) {
        if (!buffer.isReleased() || !buffer.dependents().isEmpty() || buffer.isBeingComputed()) {
            return;
        }
        Deferred values = buffer.deferred();
        if (values != null) {
            buffer.defer(null);
            forget(buffer, values);
        } else {
            giveBack(buffer);
        }
    }

    private void giveBack(NativeBuffer buffer) {
        long capacity = capacity(buffer.length());
        int sizeClass = sizeClass(capacity);
        long[] blocks = free[sizeClass];
        int count = freeCounts[sizeClass]++;
        if (blocks == null || count == blocks.length) {
            free[sizeClass] = blocks = blocks == null ? new long[4] : Arrays.copyOf(blocks, 2 * count);
        }
        blocks[count] = buffer.moveTo(0);
        inUse -= capacity * Float.BYTES;
    }

    /**
     * The values of a buffer are as yet to be computed: it needs no memory. What they are computed from keeps its own, even when it is
     * released.
     *
     * @throws BackendException if the buffer was released
     */
    synchronized void defer(NativeBuffer buffer, Deferred values) {
        buffer.requireAlive();
        giveBack(buffer);
        buffer.defer(values);
        values.operands().forEach(operand -> operand.dependents().add(buffer));
    }

    /** Computes the values of a buffer, if they are deferred. */
    void settle(NativeBuffer buffer) {
        settle(buffer, Deferred::write);
    }

    /** How values are computed, to an address. */
    interface Way {
        void write(Deferred values, long to);
    }

    /**
     * Computes the values of a buffer in some way, if they are deferred. It may be released meanwhile. If the way fails, they are deferred
     * as before.
     *
     * @return false if they are not, or not any more
     */
    boolean settle(NativeBuffer buffer, Way way) {
        Deferred values;
        long address;
        synchronized (this) {
            values = buffer.deferred();
            if (values == null) {
                return false;
            }
            address = take(buffer.length());
            buffer.compute(address);
        }
        boolean written = false;
        try {
            way.write(values, address);
            written = true;
        } finally {
            computed(buffer, values, written);
        }
        return true;
    }

    private synchronized void computed(NativeBuffer buffer, Deferred values, boolean written) {
        buffer.computed();
        if (written) {
            forget(buffer, values);
        } else {
            giveBack(buffer);
            buffer.defer(values);
        }
        reclaim(buffer);
    }

    /** A buffer whose values are deferred, depend on those of another, and are as asked for; null if there is none. */
    synchronized NativeBuffer dependent(NativeBuffer buffer, Predicate<Deferred> asked) {
        for (NativeBuffer dependent : buffer.dependents()) {
            if (dependent.deferred() != null && asked.test(dependent.deferred())) {
                return dependent;
            }
        }
        return null;
    }

    /**
     * The values of a buffer are about to change: those that depend on them are computed, or given a copy of them where that is less.
     * Gradients of weights come first: those of images would be made in one go with them, unless they happened to be released before, and
     * other bits come of that.
     */
    void settleDependents(NativeBuffer buffer) {
        List<NativeBuffer> dependents = dependents(buffer);
        for (NativeBuffer dependent : dependents) {
            if (dependent.deferred() instanceof ConvolvedWeight) {
                settle(dependent);
            }
        }
        NativeBuffer copy = null;
        try {
            for (NativeBuffer dependent : dependents) {
                if (dependent.deferred() instanceof ConvolvedImages values && values.isOfWeight(buffer)) {
                    copy = copy == null ? copy(buffer) : copy;
                    depend(dependent, values, buffer, copy);
                } else {
                    settle(dependent);
                }
            }
        } finally {
            if (copy != null) {
                release(copy);
            }
        }
    }

    private synchronized List<NativeBuffer> dependents(NativeBuffer buffer) {
        return buffer.dependents().isEmpty() ? List.of() : List.copyOf(buffer.dependents());
    }

    private NativeBuffer copy(NativeBuffer buffer) {
        NativeBuffer copy = allocate(buffer.length());
        long from = buffer.address();
        long to = copy.address();
        workers.run(() -> Vectors.copy(from, to, (long) buffer.length()));
        return copy;
    }

    /** Has values depend on a copy instead, unless another thread has released them just now. */
    private synchronized void depend(NativeBuffer dependent, ConvolvedImages values, NativeBuffer operand, NativeBuffer copy) {
        if (dependent.deferred() != values) {
            return;
        }
        dependent.defer(values.withWeight(copy));
        operand.dependents().remove(dependent);
        copy.dependents().add(dependent);
    }

    /** A buffer is about to be written: values not yet computed never will be. */
    synchronized void discard(NativeBuffer buffer) {
        Deferred values = buffer.deferred();
        if (values != null) {
            buffer.moveTo(take(buffer.length()));
            buffer.defer(null);
            forget(buffer, values);
        }
    }

    /** What values were computed from is free of them. */
    private void forget(NativeBuffer buffer, Deferred values) {
        for (NativeBuffer operand : values.operands()) {
            operand.dependents().remove(buffer);
            reclaim(operand);
        }
    }

    /** The buffers that were made so far: the number of the next one. */
    synchronized long buffersMade() {
        return made;
    }

    /** Notes the blocks that are taken from now on. */
    synchronized void record(Recorded recorded) {
        if (this.recorded != null) {
            throw new IllegalStateException("cpu: work is recorded within work that is recorded");
        }
        this.recorded = recorded;
        taken = new Blocks();
    }

    /** @return the blocks that were taken since {@link #record} */
    synchronized Blocks endRecord() {
        Blocks all = taken;
        recorded = null;
        taken = null;
        return all;
    }

    /** A kernel is about to use a buffer. */
    void use(NativeBuffer buffer) {
        Recorded work = recorded;
        if (work != null) {
            work.use(buffer);
        }
    }

    /** What is done now is not for the work that is recorded. */
    void cannotRepeat() {
        Recorded work = recorded;
        if (work != null) {
            work.cannotRepeat();
        }
    }

    /** Whether a buffer has to stay where it is, since work is recorded that was given it. */
    boolean mustStay(NativeBuffer buffer) {
        Recorded work = recorded;
        return work != null && work.isGiven(buffer);
    }

    /** Whether blocks are in nobody's use. */
    synchronized boolean areFree(Blocks blocks) {
        for (int i = 0; i < blocks.count; i++) {
            if (!isFree(blocks.sizeClasses[i], blocks.addresses[i])) {
                return false;
            }
        }
        return !closed;
    }

    private boolean isFree(int sizeClass, long address) {
        for (int i = 0; i < freeCounts[sizeClass]; i++) {
            if (free[sizeClass][i] == address) {
                return true;
            }
        }
        return false;
    }

    synchronized Use use() {
        return new Use(inUse, peakInUse, held);
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            arena.close();
        }
    }

    /** The floats that a buffer of a length occupies. */
    static long capacity(int length) {
        long least = Math.max(length, SMALLEST);
        long step = Math.max(SMALLEST, Long.highestOneBit(least) / STEPS);
        return (least + step - 1) / step * step;
    }

    /** The number of a capacity's class: capacities of different classes differ. */
    private static int sizeClass(long capacity) {
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(capacity);
        return power * STEPS + (int) ((capacity * STEPS >> power) - STEPS);
    }
}
