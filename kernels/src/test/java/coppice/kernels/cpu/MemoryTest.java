package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.BackendException;
import coppice.engine.Seed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MemoryTest {

    private static final Seed SEED = Seed.of(21).in("memory");

    @Test
    void handsReleasedMemoryOutAgain() {
        try (var memory = new Memory(new Workers(1))) {
            NativeBuffer first = memory.allocate(1000);
            long address = first.address();
            memory.release(first);
            assertEquals(address, memory.allocate(997).address(), "a buffer of the same class");
            assertNotEquals(address, memory.allocate(1000).address(), "while the block is in use");
        }
    }

    @Test
    void countsWhatIsInUseAndHeld() {
        try (var memory = new Memory(new Workers(1))) {
            NativeBuffer small = memory.allocate(1);
            NativeBuffer large = memory.allocate(1024);
            assertEquals(new Memory.Use(64 + 4096, 64 + 4096, 64 + 4096), memory.use());
            memory.release(large);
            assertEquals(new Memory.Use(64, 64 + 4096, 64 + 4096), memory.use());
            memory.release(memory.allocate(1000));
            memory.release(small);
            assertEquals(new Memory.Use(0, 64 + 4096, 64 + 4096), memory.use(), "1000 floats share a class with 1024");
        }
    }

    @Test
    void blocksAreAlignedAndWasteLittle() {
        try (var memory = new Memory(new Workers(1))) {
            for (int i = 0; i < 500; i++) {
                int length = SEED.below(i, 1 << SEED.below(1000 + i, 20) + 1);
                assertEquals(0, memory.allocate(length).address() % 64, "alignment of " + length);
                long capacity = Memory.capacity(length);
                assertTrue(capacity >= length && capacity % 16 == 0, "capacity " + capacity + " of " + length);
                assertTrue(capacity <= Math.max(length + 16, length * 1.125 + 1), "capacity " + capacity + " of " + length);
            }
        }
    }

    /** Two blocks of one class are equally long: otherwise a reused block could be too short. */
    @Test
    void reusedBlocksNeverOverlap() {
        try (var memory = new Memory(new Workers(1))) {
            List<NativeBuffer> live = new ArrayList<>();
            for (int i = 0; i < 3000; i++) {
                if (live.size() > 20) {
                    memory.release(live.remove(SEED.in("which").below(i, live.size())));
                }
                live.add(memory.allocate(SEED.in("length").below(i, 5000)));
            }
            var lines = new HashSet<Long>();
            for (NativeBuffer buffer : live) {
                for (long at = 0; at < Math.max(1, buffer.length()); at += 16) {
                    assertTrue(lines.add((buffer.address() + 4 * at) / 64), "a line of two buffers");
                }
            }
        }
    }

    @Test
    void takesReleasesFromManyThreads() throws InterruptedException {
        try (var memory = new Memory(new Workers(1))) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < 10_000; i++) {
                        memory.release(memory.allocate(100 + i % 3));
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(0, memory.use().inUse());
            assertTrue(memory.use().held() <= 4 * 4 * 128, "no more than one block for each thread, held " + memory.use().held());
        }
    }

    @Test
    void refusesUseAfterRelease() {
        try (var memory = new Memory(new Workers(1))) {
            NativeBuffer buffer = memory.allocate(5);
            memory.release(buffer);
            assertEquals("cpu: a buffer of 5 floats was released and must not be used any more",
                    assertThrows(BackendException.class, buffer::address).getMessage());
            assertEquals("cpu: a buffer of 5 floats was released twice",
                    assertThrows(BackendException.class, () -> memory.release(buffer)).getMessage());
        }
    }

    @Test
    void refusesUseAfterClose() {
        var memory = new Memory(new Workers(1));
        NativeBuffer buffer = memory.allocate(5);
        memory.close();
        memory.close();
        assertEquals("cpu: a buffer of 5 floats is gone, its backend was closed",
                assertThrows(BackendException.class, buffer::address).getMessage());
        assertEquals("cpu: cannot allocate 7 floats, the backend was closed",
                assertThrows(BackendException.class, () -> memory.allocate(7)).getMessage());
        memory.release(buffer);
    }

    /** Values that take some doing. */
    private static Deferred values(NativeBuffer operand, Consumer<Long> write) {
        return new Deferred(List.of(operand)) {
            @Override
            void write(long to) {
                write.accept(to);
            }
        };
    }

    @Test
    void isNotGivenAwayWhileItIsComputed() {
        try (var memory = new Memory(new Workers(1))) {
            NativeBuffer operand = memory.allocate(1000);
            NativeBuffer result = memory.allocate(1000);
            memory.defer(result, values(operand, to -> {
                memory.release(operand);
                memory.release(result);
                NativeBuffer other = memory.allocate(1000);
                assertNotEquals(to, other.address(), "memory that is written to");
                assertNotEquals(operand.place(), other.address(), "memory that is read");
                memory.release(other);
            }));
            memory.settle(result);
            assertEquals(0, memory.use().inUse());
        }
    }

    @Test
    void isDeferredAsBeforeWhenItCouldNotBeComputed() {
        try (var memory = new Memory(new Workers(1))) {
            NativeBuffer operand = memory.allocate(1000);
            NativeBuffer result = memory.allocate(1000);
            var attempts = new AtomicInteger();
            memory.defer(result, values(operand, to -> {
                if (attempts.incrementAndGet() == 1) {
                    throw new IllegalStateException("once");
                }
                Vectors.set(to, 7);
            }));
            memory.release(operand);
            long before = memory.use().inUse();
            assertThrows(IllegalStateException.class, result::address);
            assertEquals(before, memory.use().inUse(), "nothing but the operand");
            assertEquals(7, Vectors.get(result.address()));
            assertEquals(before, memory.use().inUse(), "nothing but the result");
        }
    }

    @Test
    void refusesToDeferWhatWasReleased() {
        try (var memory = new Memory(new Workers(1))) {
            NativeBuffer operand = memory.allocate(1000);
            NativeBuffer result = memory.allocate(1000);
            memory.release(result);
            assertThrows(BackendException.class, () -> memory.defer(result, values(operand, to -> {})));
        }
    }
}
