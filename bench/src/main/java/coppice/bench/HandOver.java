package coppice.bench;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;

/**
 * How long a line of memory takes from one core's cache to another's: what each hand-over of work between threads, and each line that one has
 * written and the other reads, costs at least. It is a matter of where the cores are, and on a virtual machine these move: on AMD's Zen 5 80 ns
 * where both share a last-level cache and 320 where not, and then two threads make a step of a small network no faster than one.
 */
public final class HandOver {

    /** There and back again. */
    private static final int TRIPS = 2_000;
    private static final int TRIALS = 9;

    /** Far from each other, so that they share no line, nor two that are fetched together. */
    private static final int THERE = 64;
    private static final int BACK = 128;

    private final AtomicIntegerArray places = new AtomicIntegerArray(192);

    private HandOver() {}

    public static void main(String[] arguments) {
        System.out.printf("%.0f%n", nanos());
    }

    /** Nanoseconds, the least of some trials, since other work only makes them more; takes a few milliseconds. 0 on one processor. */
    static double nanos() {
        if (Runtime.getRuntime().availableProcessors() == 1) {
            return 0;
        }
        return IntStream.range(0, TRIALS).mapToDouble(_ -> new HandOver().trial()).min().orElseThrow();
    }

    private double trial() {
        Thread other = Thread.ofPlatform().daemon().start(() -> {
            for (int i = 1; i <= TRIPS; i++) {
                await(THERE, i);
                places.set(BACK, i);
            }
        });
        // The first is not timed: until it is back the other thread may have to be started.
        trip(1);
        long start = System.nanoTime();
        for (int i = 2; i <= TRIPS; i++) {
            trip(i);
        }
        long nanos = System.nanoTime() - start;
        try {
            other.join();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return nanos / (2.0 * (TRIPS - 1));
    }

    private void trip(int i) {
        places.set(THERE, i);
        await(BACK, i);
    }

    private void await(int place, int value) {
        while (places.get(place) != value) {
            // A pause between two looks would be as long as what is measured.
        }
    }
}
