package coppice.kernels.cpu;

import java.util.stream.IntStream;

/**
 * Which tasks of a replayed step are shared among the threads, and which are done by the caller alone, part after part, to the same bits. What handing
 * a small task over costs is known to nobody beforehand: a line of memory goes from one core to another in 50 ns or in 300, as the system places
 * the threads, and what one made is read by the other. So short steps try it: all alone, all shared, then one task after the other the other way,
 * in turn with the way they go by now. What is faster stays, and is asked again after a while.
 */
final class Sharing {

    /** Turns of a trial: a replay the way they go by now, and one the other way. */
    private static final int TURNS = 32;

    /** Turns in which the other way must be better, and by how much: noise alone seldom makes as many of them. */
    private static final int WINS = 24;
    private static final double GAIN = 0.99;

    /** Replays between two rounds of trials, and before the first one. */
    private static final int REST = 32_768;
    private static final int FIRST_REST = 512;

    /** Nanoseconds from which on a step is so long that handing its tasks over does not matter. */
    private static final long LONG = 2_000_000;

    /** The first trials are of all tasks. */
    private static final int ALL_ALONE = 0;
    private static final int ALL_SHARED = 1;
    private static final int SINGLE = 2;

    private final int[] parts;
    /** The tasks of several parts. */
    private final int[] tasks;
    private final boolean[] alone;
    /** What is tried; as many as there are while nothing is. */
    private int trial;
    /** Replays of this trial: each second one is done the other way. */
    private int replays;
    private int wins;
    /** Nanoseconds of the last replay the way they go by now. */
    private long last;
    private int rest = FIRST_REST;

    /** @param parts of each task */
    Sharing(int[] parts) {
        this.parts = parts;
        tasks = IntStream.range(0, parts.length).filter(task -> parts[task] > 1).toArray();
        alone = new boolean[parts.length];
        trial = trials();
    }

    private int trials() {
        return tasks.length == 0 ? 0 : SINGLE + tasks.length;
    }

    private boolean isTrying() {
        return trial < trials();
    }

    /** Whether the caller does a task alone in the next replay. */
    boolean isAlone(int task) {
        return isTrying() && replays % 2 == 1 ? otherWay(task) : alone[task];
    }

    private boolean otherWay(int task) {
        return switch (trial) {
            case ALL_ALONE -> parts[task] > 1;
            case ALL_SHARED -> false;
            default -> alone[task] != (task == tasks[trial - SINGLE]);
        };
    }

    /** A replay took so long. */
    void took(long nanos) {
        if (!isTrying()) {
            rested(nanos);
        } else if (replays % 2 == 0) {
            last = nanos;
            replays++;
        } else {
            wins += nanos < GAIN * last ? 1 : 0;
            replays++;
            if (replays == 2 * TURNS) {
                decide();
            }
        }
    }

    private void rested(long nanos) {
        if (--rest <= 0) {
            rest = REST;
            if (nanos < LONG) {
                begin(0);
            }
        }
    }

    private void decide() {
        if (wins >= WINS) {
            for (int task : tasks) {
                alone[task] = otherWay(task);
            }
        }
        begin(trial + 1);
    }

    private void begin(int next) {
        trial = next;
        replays = 0;
        wins = 0;
    }
}
