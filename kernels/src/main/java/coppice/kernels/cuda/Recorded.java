package coppice.kernels.cuda;

import coppice.engine.Backend.Recording;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The parts of some work, launches most of them, in their order. They know addresses and nothing of buffers, so doing them again does the work
 * again, as long as the buffers that it was given are there and the memory that it took for itself is free: it stays in the pool, for others to
 * use in between. {@link ReplayingDevice} knows launches as those of a graph.
 */
final class Recorded implements Recording {

    private final Device device;
    private final DeviceMemory memory;
    /** Buffers with a lower number are not the work's own. */
    private final long firstOwn;
    private final List<Work> parts = new ArrayList<>();
    private final Set<DeviceBuffer> given = new HashSet<>();
    private final Set<DeviceMemory.Block> taken = new HashSet<>();
    private boolean repeatable = true;

    /** Does the work, and notes it. One work is recorded at a time. */
    static Recorded of(Runnable work, NotingDevice device, DeviceMemory memory) {
        var recorded = new Recorded(device, memory);
        memory.record(recorded);
        device.record(recorded);
        try {
            work.run();
        } finally {
            device.record(null);
            memory.endRecord();
        }
        return recorded;
    }

    private Recorded(Device device, DeviceMemory memory) {
        this.device = device;
        this.memory = memory;
        this.firstOwn = memory.buffersMade();
    }

    void add(Work part) {
        parts.add(part);
    }

    /** A kernel is about to use a buffer. */
    void use(DeviceBuffer buffer) {
        if (buffer.number() < firstOwn) {
            given.add(buffer);
        }
    }

    /** Memory is taken for a buffer of the work. */
    void take(DeviceMemory.Block block) {
        taken.add(block);
    }

    /** Something is done that its parts do not repeat. */
    void cannotRepeat() {
        repeatable = false;
    }

    @Override
    public boolean replay() {
        if (!repeatable || !memory.areFree(taken) || given.stream().anyMatch(DeviceBuffer::isReleased)) {
            return false;
        }
        parts.forEach(part -> part.on(device));
        return true;
    }
}
