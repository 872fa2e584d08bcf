package coppice.kernels.cuda;

import coppice.engine.BackendException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A device without a GPU: memory of the machine, and the kernels in a library of {@link Emulation}, each thread a fiber. What a kernel
 * writes beside an allocation is found when that is freed.
 */
final class EmulatedDevice implements GraphDevice {

    private static final long ALIGNMENT = 256;
    private static final byte UNTOUCHED = 0x5A;

    /** Static, as the library is. */
    private static final Object ONE_AT_A_TIME = new Object();

    private final Arena arena = Arena.ofShared();
    private final Map<Long, Allocation> allocations = new HashMap<>();
    private final Arguments arguments = new Arguments(arena);
    private final MethodHandle launch;
    private final int order;
    private final long limit;
    private long used;

    private record Allocation(Arena arena, MemorySegment whole, long bytes) {}

    /**
     * A device with so many bytes of memory.
     *
     * @param library of kernels
     * @param order   in which threads run: 1 from the first, 2 from the last, any other number a drawn order of its own
     */
    EmulatedDevice(Path library, int order, long limit) {
        this.order = order;
        this.limit = limit;
        this.launch = Linker.nativeLinker().downcallHandle(
                SymbolLookup.libraryLookup(library, arena).find("coppice_launch").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.ADDRESS.withTargetLayout(MemoryLayout.sequenceLayout(1 << 10, ValueLayout.JAVA_BYTE)),
                        ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    }

    @Override
    public String name() {
        return "emulation";
    }

    @Override
    public String description() {
        return "an emulation on the CPU";
    }

    @Override
    public long allocate(long bytes) {
        if (bytes > limit - used) {
            return 0;
        }
        Arena own = Arena.ofShared();
        MemorySegment whole = own.allocate(bytes + 2 * ALIGNMENT, ALIGNMENT);
        whole.fill(UNTOUCHED);
        long address = whole.address() + ALIGNMENT;
        allocations.put(address, new Allocation(own, whole, bytes));
        used += bytes;
        return address;
    }

    @Override
    public void free(long address) {
        Allocation allocation = allocations.remove(address);
        if (allocation == null) {
            throw new BackendException("nothing was allocated at " + address);
        }
        used -= allocation.bytes;
        try {
            requireUntouched(allocation.whole.asSlice(0, ALIGNMENT));
            requireUntouched(allocation.whole.asSlice(ALIGNMENT + allocation.bytes));
        } finally {
            allocation.arena.close();
        }
    }

    private static void requireUntouched(MemorySegment margin) {
        for (long i = 0; i < margin.byteSize(); i++) {
            if (margin.get(ValueLayout.JAVA_BYTE, i) != UNTOUCHED) {
                throw new BackendException("a kernel wrote beside an allocation");
            }
        }
    }

    @Override
    public long freeBytes() {
        return limit - used;
    }

    @Override
    public void upload(MemorySegment from, long to) {
        MemorySegment.ofAddress(to).reinterpret(from.byteSize()).copyFrom(from);
    }

    @Override
    public Runnable beside(Runnable work) {
        return work;
    }

    @Override
    public void download(long from, MemorySegment to) {
        to.copyFrom(MemorySegment.ofAddress(from).reinterpret(to.byteSize()));
    }

    @Override
    public void launch(Launch its) {
        MemorySegment failure;
        synchronized (ONE_AT_A_TIME) {
            try (Arena call = Arena.ofConfined()) {
                failure = (MemorySegment) launch.invokeExact(call.allocateFrom(its.kernel()), its.grid().x(), its.grid().y(), its.grid().z(),
                        Grid.THREADS, arguments.of(its.arguments()), order);
            } catch (Throwable error) {
                throw new IllegalStateException(error);
            }
        }
        if (failure.address() != 0) {
            throw new BackendException("cuda: " + its.file() + ": " + its.kernel() + ": " + failure.getString(0));
        }
    }

    @Override
    public Graph graph(List<Launch> launches) {
        var latest = new ArrayList<>(launches);
        return new Graph() {

            @Override
            public void change(int index, Launch launch) {
                latest.set(index, launch);
            }

            @Override
            public void run() {
                latest.forEach(EmulatedDevice.this::launch);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void finish() {}

    @Override
    public void close() {
        for (long address : allocations.keySet().toArray(Long[]::new)) {
            free(address);
        }
        arena.close();
    }
}
