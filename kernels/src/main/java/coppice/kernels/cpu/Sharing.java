package coppice.kernels.cpu;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Which tasks of a replayed step are shared among the threads, and which are done by the caller alone, to the same bits. What handing
 * a small task over costs is known to nobody beforehand: a line of memory goes from one core to another in 50 ns or in 300, as the system places
 * the threads, and what one made is read by the other. So short steps try it: all alone, all shared, then one task after the other the other way.
 * What is faster stays, and is asked again after a while.
 *
 * <p>A trial goes some steps the way they go by now, some the other way, and so on. The first of them find in caches what the other way left
 * there, and are not judged. The same step recorded for two batches in turn has one such plan: two would disturb each other.
 */
final class Sharing {

    /** Replays one way before some the other way, and how many of them are not judged. */
    private static final int RUN = 6;
    private static final int UNSETTLED = 2;

    /** Rounds of a trial: a run the way they go by now, and one the other way. */
    private static final int ROUNDS = 16;

    /** Rounds in which the other way must be better, and by how much: noise alone seldom makes as many of them. */
    private static final int WINS = 13;
    private static final double GAIN = 0.99;

    /** Replays between two sets of trials; before the first one; and from the last one to that of a new recording at least. */
    private static final int REST = 32_768;
    private static final int FIRST_REST = 512;
    private static final int LEAST_REST = 2048;

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
    /** When the last replay began; 0 before the first. */
    private long began;
    /** What is tried; as many as there are while nothing is. */
    private int trial;
    /** Replays of this trial, and the rounds that the other way won and lost. */
    private int replays;
    private int wins;
    private int losses;
    /** Nanoseconds of the fastest replays of this round. */
    private long fastest;
    private long fastestOther;
    private int rest = FIRST_REST;

    /** @param parts of each task */
    Sharing(List<Integer> parts) {
        this.parts = parts.stream().mapToInt(Integer::intValue).toArray();
        tasks = IntStream.range(0, this.parts.length).filter(task -> this.parts[task] > 1).toArray();
        alone = new boolean[this.parts.length];
        trial = trials();
    }

    private int trials() {
        return tasks.length == 0 ? 0 : SINGLE + tasks.length;
    }

    private boolean isTrying() {
        return trial < trials();
    }

    private boolean isOtherTurn() {
        return isTrying() && replays / RUN % 2 == 1;
    }

    /** Whether the caller does a task alone in this replay. */
    boolean isAlone(int task) {
        return isOtherTurn() ? otherWay(task) : alone[task];
    }

    private boolean otherWay(int task) {
        return switch (trial) {
            case ALL_ALONE -> parts[task] > 1;
            case ALL_SHARED -> false;
            default -> alone[task] != (task == tasks[trial - SINGLE]);
        };
    }

    /** The same step has been recorded anew: its masks may be others. */
    void recordedAnew() {
        if (!isTrying() && rest <= REST - LEAST_REST) {
            rest = Math.min(rest, FIRST_REST);
        }
    }

    /** A replay begins. The one before, with all that came after it, took until now. @param now nanoseconds, not 0 */
    void begin(long now) {
        if (began != 0) {
            took(now - began);
        }
        began = now;
    }

    private void took(long nanos) {
        if (!isTrying()) {
            rested(nanos);
            return;
        }
        if (replays % RUN >= UNSETTLED) {
            if (isOtherTurn()) {
                fastestOther = Math.min(fastestOther, nanos);
            } else {
                fastest = Math.min(fastest, nanos);
            }
        }
        replays++;
        if (replays % (2 * RUN) == 0) {
            endRound();
        }
    }

    private void rested(long nanos) {
        if (--rest <= 0) {
            boolean isShort = nanos < LONG;             // or perhaps only this one was not, in which something was evaluated
            rest = isShort ? REST : FIRST_REST;
            if (isShort) {
                tryOut(0);
            }
        }
    }

    private void endRound() {
        if (fastestOther < GAIN * fastest) {
            wins++;
        } else {
            losses++;
        }
        beginRound();
        if (wins == WINS) {
            for (int task : tasks) {
                alone[task] = otherWay(task);
            }
        }
        if (wins == WINS || losses > ROUNDS - WINS) {
            tryOut(trial + 1);
        }
    }

    private void tryOut(int next) {
        trial = next;
        replays = 0;
        wins = 0;
        losses = 0;
        beginRound();
    }

    private void beginRound() {
        fastest = Long.MAX_VALUE;
        fastestOther = Long.MAX_VALUE;
    }
}
