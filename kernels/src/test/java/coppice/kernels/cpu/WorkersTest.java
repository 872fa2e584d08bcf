package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkersTest {

    private static final int PIECES = 3;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void runsEachPartOnceInEachTask(int threads) {
        try (var workers = new Workers(threads)) {
            var runs = new AtomicIntegerArray(threads);
            for (int task = 0; task < 20_000; task++) {
                workers.run(1 + task % threads, (part, parts) -> runs.incrementAndGet(part));
            }
            int[] expected = new int[threads];
            for (int task = 0; task < 20_000; task++) {
                for (int part = 0; part < 1 + task % threads; part++) {
                    expected[part]++;
                }
            }
            assertArrayEquals(expected, toArray(runs));
        }
    }

    private static int[] toArray(AtomicIntegerArray counts) {
        int[] array = new int[counts.length()];
        Arrays.setAll(array, counts::get);
        return array;
    }

    @Test
    void wakesThreadsThatHaveGoneToSleep() throws InterruptedException {
        try (var workers = new Workers(3)) {
            for (int task = 0; task < 5; task++) {
                Thread.sleep(5);
                int[] results = new int[3];
                workers.run(3, (part, parts) -> results[part] = part + 1);
                assertArrayEquals(new int[] {1, 2, 3}, results);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void throwsWhatAPartThrows(int failing) {
        try (var workers = new Workers(3)) {
            var failure = new IllegalStateException("part " + failing);
            for (int task = 0; task < 100; task++) {
                var runs = new AtomicIntegerArray(3);
                assertSame(failure, assertThrows(IllegalStateException.class, () -> workers.run(3, (part, parts) -> {
                    runs.incrementAndGet(part);
                    if (part == failing) {
                        throw failure;
                    }
                })));
                assertArrayEquals(new int[] {1, 1, 1}, toArray(runs), "the other parts end");
            }
            int[] results = new int[3];
            workers.run(3, (part, parts) -> results[part] = 1);
            assertArrayEquals(new int[] {1, 1, 1}, results, "and the next task runs");
        }
    }

    @Test
    void refusesATaskWithinATask() {
        try (var workers = new Workers(2)) {
            var refused = assertThrows(IllegalStateException.class,
                    () -> workers.run(2, (part, parts) -> workers.run(2, (inner, all) -> {})));
            assertEquals("cpu: a kernel was called while another one was running", refused.getMessage());
            int[] results = new int[2];
            workers.run(2, (part, parts) -> results[part] = 1);
            assertArrayEquals(new int[] {1, 1}, results, "and the next task runs");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void doesEachPieceThatIsOfferedOnceBesideTasks(int threads) {
        try (var workers = new Workers(threads)) {
            var done = new int[1];                              // pieces come one after the other
            var runs = new AtomicIntegerArray(threads);
            for (int time = 0; time < 5_000; time++) {
                Runnable wait = workers.offer(() -> ++done[0] % PIECES != 0);
                workers.run(threads, (part, parts) -> runs.incrementAndGet(part));
                wait.run();
                assertEquals((time + 1) * PIECES, done[0]);
            }
            int[] expected = new int[threads];
            Arrays.fill(expected, 5_000);
            assertArrayEquals(expected, toArray(runs));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void throwsWhatIsOfferedThrows(int threads) {
        try (var workers = new Workers(threads)) {
            var failure = new IllegalStateException("offered");
            var pieces = new AtomicInteger();
            Runnable wait = workers.offer(() -> {
                if (pieces.incrementAndGet() == PIECES) {
                    throw failure;
                }
                return true;
            });
            assertSame(failure, assertThrows(IllegalStateException.class, wait::run));
            assertEquals(PIECES, pieces.get(), "no piece after it");
            int[] results = new int[threads];
            workers.run(threads, (part, parts) -> results[part] = 1);
            assertEquals(threads, Arrays.stream(results).sum(), "and the next task runs");
        }
    }

    @Test
    void makesOnePartOfAMergeableTaskWhereItIsDoneAlone() {
        try (var workers = new Workers(3)) {
            var runs = new AtomicIntegerArray(4);
            Workers.Mergeable mergeable = (part, parts) -> runs.incrementAndGet(parts);
            workers.alone(3, mergeable);
            assertArrayEquals(new int[] {0, 1, 0, 0}, toArray(runs));
            workers.rerun(3, mergeable);
            assertArrayEquals(new int[] {0, 1, 0, 3}, toArray(runs));
            workers.alone(3, mergeable::run);
            assertArrayEquals(new int[] {0, 1, 0, 6}, toArray(runs), "in its parts, since it is not said to be mergeable");
        }
    }

    @Test
    void cutsWorkIntoPartsThatAreWorthAThread() {
        try (var workers = new Workers(3)) {
            assertEquals(1, workers.parts(0, 100));
            assertEquals(1, workers.parts(199, 100));
            assertEquals(2, workers.parts(200, 100));
            assertEquals(3, workers.parts(1_000_000_000_000L, 100));
        }
        assertEquals(0, Workers.start(100, 16, 0, 3));
        assertEquals(32, Workers.start(100, 16, 1, 3));
        assertEquals(64, Workers.start(100, 16, 2, 3));
        assertEquals(100, Workers.start(100, 16, 3, 3));
    }
}
