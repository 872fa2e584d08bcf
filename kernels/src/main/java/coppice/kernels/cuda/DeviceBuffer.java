package coppice.kernels.cuda;

import coppice.engine.BackendException;
import coppice.engine.Buffer;

/** Floats, or ints, in the memory of a device, until they are released. */
final class DeviceBuffer implements Buffer, AutoCloseable {

    private final DeviceMemory owner;
    private final long number;
    private final int length;
    private final long address;
    private boolean released;

    /** @param number how many its owner made before */
    DeviceBuffer(DeviceMemory owner, long number, long address, int length) {
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
     * Where the first element stands on the device; 0 if there is none.
     *
     * @throws BackendException if the buffer was released or its backend closed
     */
    long address() {
        if (released) {
            throw new BackendException("cuda: " + this + " was released and must not be used any more");
        }
        if (owner.isClosed()) {
            throw new BackendException("cuda: " + this + " is gone, its backend was closed");
        }
        return address;
    }

    long number() {
        return number;
    }

    boolean belongsTo(DeviceMemory memory) {
        return owner == memory;
    }

    // The memory alone changes this, under its lock.

    boolean isReleased() {
        return released;
    }

    void retire() {
        released = true;
    }

    /** Releases it: for what a kernel needs for itself. */
    @Override
    public void close() {
        owner.release(this);
    }

    @Override
    public String toString() {
        return "a buffer of " + length + " floats";
    }
}
