package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which tasks are shared, by times that are made up. */
class SharingTest {

    /** More than the replays between two rounds of trials, and the trials of a few tasks. */
    private static final int MANY = 40_000;

    private static final List<Integer> PARTS = List.of(2, 1, 2, 2, 3);

    /** Those of several parts. */
    private static final String ALL = "0 2 3 4";

    /** How long a task takes. */
    private interface Time {
        long nanos(int task, boolean isAlone);
    }

    private long now = 1;

    /** The tasks that are done alone long after trials. */
    private String after(Sharing sharing, Time time) {
        return after(sharing, () -> IntStream.range(0, PARTS.size()).mapToLong(task -> time.nanos(task, sharing.isAlone(task))).sum());
    }

    private String after(Sharing sharing, LongSupplier time) {
        for (int replay = 0; replay < MANY; replay++) {
            sharing.begin(now);
            now += time.getAsLong();
        }
        return alone(sharing);
    }

    private static String alone(Sharing sharing) {
        return IntStream.range(0, PARTS.size()).filter(sharing::isAlone).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    @Test
    void sharesWhatIsFasterShared() {
        assertEquals("", after(new Sharing(PARTS), (task, isAlone) -> isAlone ? 2000 : 1000));
    }

    @Test
    void leavesToTheCallerWhatIsFasterAlone() {
        var sharing = new Sharing(PARTS);
        assertEquals("2 4", after(sharing, (task, isAlone) -> isAlone == (task % 2 == 0 && task > 0) ? 1000 : 3000));
    }

    @Test
    void findsThatAllAloneIsFasterWhereNoneAloneIs() {
        var sharing = new Sharing(PARTS);
        assertEquals(ALL, after(sharing, () -> alone(sharing).equals(ALL) ? 1000 : alone(sharing).isEmpty() ? 2000 : 3000));
    }

    @Test
    void asksAgain() {
        var sharing = new Sharing(PARTS);
        assertEquals(ALL, after(sharing, (task, isAlone) -> isAlone ? 1000 : 2000));
        assertEquals("", after(sharing, (task, isAlone) -> isAlone ? 2000 : 1000));
    }

    @Test
    void isNotMovedByADifferenceWithinNoise() {
        assertEquals("", after(new Sharing(PARTS), (task, isAlone) -> isAlone ? 995 : 1000));
    }

    @Test
    void judgesWhatHasSettled() {
        var sharing = new Sharing(PARTS);
        var before = new String[] {""};
        String alone = after(sharing, () -> {
            String now = alone(sharing);
            long change = now.equals(before[0]) ? 0 : 100_000;              // what the other way left in another cache
            before[0] = now;
            return change + (now.equals(ALL) ? 1000 : 2000);
        });
        assertEquals(ALL, alone);
    }

    @Test
    void asksSoonWhereTheSameIsRecordedAnew() {
        var sharing = new Sharing(PARTS);
        assertEquals("", after(sharing, (task, isAlone) -> isAlone ? 2000 : 1000));
        int asked = firstTrial(sharing);
        sharing.recordedAnew();
        int sooner = firstTrial(sharing);
        assertTrue(asked > 1_000 && sooner < 1_000, asked + " and " + sooner + " replays");
    }

    /** Replays until some task is tried the other way; and then until none is, for long. */
    private int firstTrial(Sharing sharing) {
        int first = 0;
        for (int replay = 1, still = 0; still < 4_000; replay++) {
            sharing.begin(now);
            now += alone(sharing).isEmpty() ? 1000 : 2000;
            still = alone(sharing).isEmpty() && first > 0 ? still + 1 : 0;
            first = first == 0 && !alone(sharing).isEmpty() ? replay : first;
        }
        return first;
    }

    @Test
    void triesNothingWithLongSteps() {
        var sharing = new Sharing(PARTS);
        after(sharing, () -> {
            assertEquals("", alone(sharing));
            return 5_000_000;
        });
    }

    @Test
    void triesNothingWhereNothingCanBeShared() {
        var sharing = new Sharing(List.of(1, 1, 1, 1, 1));
        after(sharing, () -> {
            assertEquals("", alone(sharing));
            return 1000;
        });
    }
}
