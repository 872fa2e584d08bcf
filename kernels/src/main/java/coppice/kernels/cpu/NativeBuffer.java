package coppice.kernels.cpu;

import coppice.engine.BackendException;
import coppice.engine.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Floats at an address, until they are released. Seen as a matrix [rows, columns] they stand row after row, or in blocks: the rows of the
 * first few columns, then those of the next few, a vector of columns each. Images are stored in blocks, so that a vector of the batch
 * has its neighbours, up, down and in the next channel, near by.
 *
 * <p>The values are in memory; or deferred, without any memory; or just being computed. A released buffer is of no use to its owner, but
 * keeps its values as long as deferred ones are to be computed from them, and its memory as long as a kernel is writing to it.
 */
final class NativeBuffer implements Buffer {

    private final Memory owner;
    private final long number;
    private final int length;
    /** 0 where there is no memory: the values are deferred, or of no one any more. */
    private long address;
    private boolean released;
    private boolean beingComputed;
    /** How to compute the values, where they are not in memory. */
    private Deferred deferred;
    /** Buffers whose deferred values are computed from these. */
    private final List<NativeBuffer> dependents = new ArrayList<>(0);
    /** The columns of the matrix that stands in blocks; 0 if it stands row after row. */
    private int blockedColumns;

    /** @param number how many its owner made before */
    NativeBuffer(Memory owner, long number, long address, int length) {
        this.owner = owner;
        this.number = number;
        this.address = address;
        this.length = length;
    }

    @Override
    public int length() {
        return length;
    }

    /**
     * Where the first float stands, at a multiple of 64.
     *
     * @throws BackendException if the buffer was released or its backend closed
     */
    long address() {
        requireAlive();
        if (owner.isClosed()) {
            throw new BackendException("cpu: " + this + " is gone, its backend was closed");
        }
        if (deferred != null) {
            owner.settle(this);
        }
        return address;
    }

    long number() {
        return number;
    }

    /** @throws BackendException if the buffer was released */
    void requireAlive() {
        if (released) {
            throw new BackendException("cpu: " + this + " was released and must not be used any more");
        }
    }

    /** Images for a kernel that can compute them on the way; they may have been released meanwhile, by all but it. */
    Source source() {
        return deferred instanceof Source values ? values : new Source.Stored(address);
    }

    /** Where the first float stands, for values that depend on it; it may have been released meanwhile, by all but them. */
    long place() {
        return address;
    }

    /** How to compute the values; null if they are in memory. */
    Deferred deferred() {
        return deferred;
    }

    // The memory alone changes what follows, under its lock.

    /** @param values how to compute the values, or null */
    void defer(Deferred values) {
        deferred = values;
    }

    List<NativeBuffer> dependents() {
        return dependents;
    }

    boolean isBeingComputed() {
        return beingComputed;
    }

    /** The values that were deferred are about to be written. @param to where */
    void compute(long to) {
        address = to;
        deferred = null;
        beingComputed = true;
    }

    void computed() {
        beingComputed = false;
    }

    boolean isReleased() {
        return released;
    }

    void retire() {
        released = true;
    }

    /** @return where it was; 0 if it had no memory */
    long moveTo(long other) {
        long own = address;
        address = other;
        return own;
    }

    /** The columns of the matrix that stands in blocks; 0 if it stands row after row. */
    int blockedColumns() {
        return blockedColumns;
    }

    /** Says how the values stand that are written, or about to be. */
    void standsInBlocks(int columns) {
        blockedColumns = columns;
    }

    /** Takes the memory of another buffer of this length, and gives it its own. */
    void exchange(NativeBuffer other) {
        address = other.moveTo(address);
    }

    boolean belongsTo(Memory memory) {
        return owner == memory;
    }

    @Override
    public String toString() {
        return "a buffer of " + length + " floats";
    }
}
