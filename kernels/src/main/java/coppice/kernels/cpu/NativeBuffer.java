package coppice.kernels.cpu;

import coppice.engine.BackendException;
import coppice.engine.Buffer;

/**
 * Floats at an address, until they are released. Seen as a matrix [rows, columns] they stand row after row, or in blocks: the rows of the
 * first few columns, then those of the next few, a vector of columns each. Images are stored in blocks, so that a vector of the batch
 * has its neighbours, up, down and in the next channel, near by.
 */
final class NativeBuffer implements Buffer {

    private final Memory owner;
    private final int length;
    /** 0 once released. */
    private long address;
    /** The columns of the matrix that stands in blocks; 0 if it stands row after row. */
    private int blockedColumns;

    NativeBuffer(Memory owner, long address, int length) {
        this.owner = owner;
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
        long known = address;
        if (known == 0) {
            throw new BackendException("cpu: " + this + " was released and must not be used any more");
        }
        if (owner.isClosed()) {
            throw new BackendException("cpu: " + this + " is gone, its backend was closed");
        }
        return known;
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
        long own = address;
        address = other.address;
        other.address = own;
    }

    boolean belongsTo(Memory memory) {
        return owner == memory;
    }

    /** The address, for the last time: 0 if it was released before. Called under the memory's lock. */
    long retire() {
        long known = address;
        address = 0;
        return known;
    }

    @Override
    public String toString() {
        return "a buffer of " + length + " floats";
    }
}
