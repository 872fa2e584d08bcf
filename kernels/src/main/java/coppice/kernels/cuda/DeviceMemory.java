package coppice.kernels.cuda;

import coppice.engine.BackendException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The pool of a device's memory. A training step asks for the same sizes again and again, so what is released waits for the next buffer of
 * its size, and a steady step allocates nothing. Since the device does one thing after the other, memory may be given to a new buffer while
 * kernels that use the old one are still to run.
 */
final class DeviceMemory implements AutoCloseable {

    private static final long SMALL = 512;
    private static final long LARGE = 1 << 20;

    /** Milliseconds for what is collected to be released. */
    private static final long PATIENCE = 100;

    private final Device device;
    private final Map<Long, ArrayDeque<Long>> waiting = new HashMap<>();
    private long bytesInUse;
    private long bytesHeld;
    private long made;
    /** The work that is recorded; null where none is. */
    private Recorded recorded;
    private boolean closed;

    /** Some memory of the device. */
    record Block(long bytes, long address) {}

    DeviceMemory(Device device) {
        this.device = device;
    }

    /** @throws BackendException if there is no room, even if all that waits for reuse is given back */
    synchronized DeviceBuffer allocate(int length) {
        if (closed) {
            throw new BackendException("cuda: the backend was closed");
        }
        long bytes = rounded((long) length * Float.BYTES);
        long address = bytes == 0 ? 0 : room(bytes);
        bytesInUse += bytes;
        if (recorded != null && bytes > 0) {
            recorded.take(new Block(bytes, address));
        }
        return new DeviceBuffer(this, made++, address, length);
    }

    private long room(long bytes) {
        ArrayDeque<Long> same = waiting.get(bytes);
        if (same != null && !same.isEmpty()) {
            return same.pop();
        }
        long address = device.allocate(bytes);
        if (address == 0) {
            giveBack();
            address = device.allocate(bytes);
        }
        if (address == 0) {
            collectGarbage();
            giveBack();
            address = device.allocate(bytes);
        }
        if (address == 0) {
            throw new BackendException("cuda: there is no room for " + megabytes(bytes) + " on the device: " + megabytes(bytesInUse)
                    + " are in use and " + megabytes(device.freeBytes()) + " free");
        }
        bytesHeld += bytes;
        return address;
    }

    /** Tensors that nobody has any more are released when Java collects them, for which it has no reason while its own memory suffices. */
    private void collectGarbage() {
        System.gc();
        try {
            wait(PATIENCE);                  // so that they can be released meanwhile, by another thread
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives back to the device what waits for reuse. */
    private void giveBack() {
        device.finish();
        waiting.forEach((bytes, addresses) -> {
            addresses.forEach(device::free);
            bytesHeld -= bytes * addresses.size();
        });
        waiting.clear();
    }

    /** A few sizes stand for many, so that they fit again. */
    private static long rounded(long bytes) {
        long unit = bytes < LARGE ? SMALL : LARGE / 8;
        return Math.ceilDiv(bytes, unit) * unit;
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }

    synchronized void release(DeviceBuffer buffer) {
        if (closed) {
            return;
        }
        if (buffer.isReleased()) {
            throw new BackendException("cuda: " + buffer + " was released before");
        }
        long bytes = rounded((long) buffer.length() * Float.BYTES);
        if (bytes > 0) {
            waiting.computeIfAbsent(bytes, _ -> new ArrayDeque<>()).push(buffer.address());
        }
        bytesInUse -= bytes;
        buffer.retire();
    }

    /** The buffers that were made so far: the number of the next one. */
    synchronized long buffersMade() {
        return made;
    }

    /** Tells recorded work of the memory that is taken from now on, and of buffers that are used. */
    synchronized void record(Recorded recorded) {
        if (this.recorded != null) {
            throw new IllegalStateException("cuda: work is recorded within work that is recorded");
        }
        this.recorded = recorded;
    }

    synchronized void endRecord() {
        recorded = null;
    }

    /** A kernel is about to use a buffer. */
    synchronized void use(DeviceBuffer buffer) {
        if (recorded != null) {
            recorded.use(buffer);
        }
    }

    /** What is done now is not for the work that is recorded. */
    synchronized void cannotRepeat() {
        if (recorded != null) {
            recorded.cannotRepeat();
        }
    }

    /** Whether blocks wait for reuse, all of them. */
    synchronized boolean areFree(Set<Block> blocks) {
        for (Block block : blocks) {
            ArrayDeque<Long> same = waiting.get(block.bytes);
            if (same == null || !same.contains(block.address)) {
                return false;
            }
        }
        return !closed;
    }

    synchronized long bytesInUse() {
        return bytesInUse;
    }

    /** The bytes taken from the device: in use, or waiting for reuse. */
    synchronized long bytesHeld() {
        return bytesHeld;
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** All buffers are gone; the device frees what it has given. */
    @Override
    public synchronized void close() {
        closed = true;
        waiting.clear();
    }
}
