package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PrefetchTest {

    private static final Seed SEED = Seed.of(4);
    private static final Augmentation CROP = Augmentation.cropAndFlip(2);

    private final Dataset data = new Draws(SEED).dataset(Shape.of(3, 6, 6), 5, 50);

    private Order order() {
        return new Order(SEED.in("order"), View.all(data), 9);
    }

    private Batches batches() {
        return new Batches(data, Normalisation.imageNet(), 0.1f);
    }

    @Test
    void bringsWhatTheStepWouldHaveMadeItself() {
        Order order = order();
        Batches batches = batches();
        float[] x = new float[108 * 9];
        float[] targets = new float[5 * 9];
        Set<float[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int first : new int[] {0, 13}) {
            try (Prefetch prefetch = new Prefetch(order(), batches(), CROP, SEED, first, 25)) {
                for (long t = first; t < 25; t++) {
                    batches.fill(order.indices(t), 0, 9, CROP, SEED, order.epoch(t), x, targets);
                    Prefetch.Batch batch = prefetch.next();
                    assertEquals(t, batch.iteration());
                    assertArrayEquals(x, batch.x());
                    assertArrayEquals(targets, batch.targets());
                    arrays.add(batch.x());
                }
                assertEquals("prefetch of draws: ends before iteration 25",
                        assertThrows(NoSuchElementException.class, prefetch::next).getMessage());
            }
        }
        assertEquals(6, arrays.size(), "three arrays for each of the two, used again and again");
    }

    @Test
    void aFailureReachesTheStepThatNeedsTheBatch() {
        Dataset other = new Draws(SEED).dataset(Shape.of(3, 6, 6), 5, 20);
        try (Prefetch prefetch = new Prefetch(order(), new Batches(other, Normalisation.imageNet()), CROP, SEED, 0, 99)) {
            for (int again = 0; again < 2; again++) {
                String message = assertThrows(IllegalStateException.class, () -> {
                    while (true) {
                        prefetch.next();
                    }
                }).getMessage();
                assertTrue(message.matches("prefetch of draws: iteration \\d+ could not be prepared"
                        + " \\(java.lang.IllegalArgumentException: batches of draws: index \\d is \\d\\d, expected 0 to 19\\)"),
                        message);
            }
        }
    }

    @Test
    void closingEndsTheThread() {
        Thread thread;
        Prefetch prefetch = new Prefetch(order(), batches(), CROP, SEED, 0, Long.MAX_VALUE);
        try (prefetch) {
            prefetch.next();
            thread = Thread.getAllStackTraces().keySet().stream()
                    .filter(running -> running.getName().equals("prefetch of draws")).findFirst().orElseThrow();
            assertTrue(thread.isDaemon());
        }
        assertFalse(thread.isAlive());
        assertEquals("prefetch of draws: is closed",
                assertThrows(IllegalStateException.class, prefetch::next).getMessage());
        prefetch.close();
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertEquals("prefetch of draws: iterations must be from 0 or more to no less, got 5 to 4",
                assertThrows(IllegalArgumentException.class,
                        () -> new Prefetch(order(), batches(), CROP, SEED, 5, 4)).getMessage());
    }
}
