package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which tasks are shared, by times that are made up. */
class SharingTest {

    /** More than the replays between two rounds of trials, and the trials of a few tasks. */
    private static final int MANY = 40_000;

    private static final int[] PARTS = {2, 1, 2, 2, 3};

    /** How long a task takes. */
    private interface Time {
        long nanos(int task, boolean isAlone);
    }

    /** The tasks that are done alone long after trials. */
    private static String after(Sharing sharing, Time time) {
        String last = "";
        for (int replay = 0; replay < MANY; replay++) {
            long nanos = IntStream.range(0, PARTS.length).mapToLong(task -> time.nanos(task, sharing.isAlone(task))).sum();
            last = alone(sharing);
            sharing.took(nanos);
        }
        return last;
    }

    private static String alone(Sharing sharing) {
        return IntStream.range(0, PARTS.length).filter(sharing::isAlone).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    }

    @Test
    void sharesWhatIsFasterShared() {
        assertEquals("", after(new Sharing(PARTS), (task, isAlone) -> isAlone ? 2000 : 1000));
    }

    @Test
    void leavesToTheCallerWhatIsFasterAlone() {
        assertEquals("2 4", after(new Sharing(PARTS), (task, isAlone) -> isAlone == (task % 2 == 0 && task > 0) ? 1000 : 3000));
    }

    @Test
    void findsThatAllAloneIsFasterWhereNoneAloneIs() {
        var sharing = new Sharing(PARTS);
        for (int replay = 0; replay < MANY; replay++) {
            boolean all = alone(sharing).equals("0 2 3 4");
            sharing.took(all ? 1000 : alone(sharing).isEmpty() ? 2000 : 3000);
        }
        assertEquals("0 2 3 4", alone(sharing));
    }

    @Test
    void asksAgain() {
        var sharing = new Sharing(PARTS);
        assertEquals("0 2 3 4", after(sharing, (task, isAlone) -> isAlone ? 1000 : 2000));
        assertEquals("", after(sharing, (task, isAlone) -> isAlone ? 2000 : 1000));
    }

    @Test
    void isNotMovedByADifferenceWithinNoise() {
        assertEquals("", after(new Sharing(PARTS), (task, isAlone) -> isAlone ? 995 : 1000));
    }

    @Test
    void triesNothingWithLongSteps() {
        var sharing = new Sharing(PARTS);
        for (int replay = 0; replay < MANY; replay++) {
            assertEquals("", alone(sharing));
            sharing.took(5_000_000);
        }
    }

    @Test
    void triesNothingWhereNothingCanBeShared() {
        var sharing = new Sharing(new int[] {1, 1});
        for (int replay = 0; replay < MANY; replay++) {
            assertFalse(sharing.isAlone(0) || sharing.isAlone(1));
            sharing.took(1000);
        }
    }
}
