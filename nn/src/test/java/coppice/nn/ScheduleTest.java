package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ScheduleTest {

    private static final Span NONE = new Span(0, 0);

    @Test
    void warmsUpLinearlyFromZero() {
        var schedule = new Schedule(0.3, new Span(0, 20), new Schedule.Shape.Constant());
        for (int step = 0; step < 20; step++) {
            assertEquals(0.3 * step / 20, schedule.rate(step, 7), 1e-15, "step " + step);
        }
        assertEquals(0.3, schedule.rate(20, 7));
        assertEquals(0.3, schedule.rate(1000, 7));
    }

    @Test
    void warmUpMayBeGivenInEpochs() {
        var schedule = new Schedule(1, new Span(2, 1), new Schedule.Shape.Constant());
        assertEquals(14.0 / 15, schedule.rate(14, 7), 1e-15);
        assertEquals(1, schedule.rate(15, 7));
    }

    @Test
    void isConstantWithoutAWarmUp() {
        var schedule = new Schedule(0.1, NONE, new Schedule.Shape.Constant());
        assertEquals(0.1, schedule.rate(0, 10));
        assertEquals(0.1, schedule.rate(99, 10));
    }

    @Test
    void dropsAtEachMilestone() {
        var schedule = new Schedule(0.1, NONE, new Schedule.Shape.Milestones(List.of(new Span(80, 0), new Span(120, 0)), 0.1));
        assertEquals(0.1, schedule.rate(80 * 390 - 1, 390));
        assertEquals(0.01, schedule.rate(80 * 390, 390), 1e-15);
        assertEquals(0.01, schedule.rate(120 * 390 - 1, 390), 1e-15);
        assertEquals(0.001, schedule.rate(120 * 390, 390), 1e-15);
    }

    @Test
    void fallsAlongHalfACosine() {
        var schedule = new Schedule(0.2, NONE, new Schedule.Shape.Cosine(new Span(0, 100)));
        assertEquals(0.2, schedule.rate(0, 1));
        assertEquals(0.2 * (1 + Math.sqrt(0.5)) / 2, schedule.rate(25, 1), 1e-15);
        assertEquals(0.1, schedule.rate(50, 1), 1e-15);
        assertEquals(0, schedule.rate(100, 1), 1e-15);
        assertEquals(0, schedule.rate(150, 1), 1e-15);
    }

    @Test
    void refusesRatesAndFactorsOutOfRange() {
        refused("learning-rate: must be above 0 and finite, got 0.0", () -> new Schedule(0, NONE, new Schedule.Shape.Constant()));
        refused("learning-rate: must be above 0 and finite, got NaN", () -> new Schedule(Double.NaN, NONE, new Schedule.Shape.Constant()));
        refused("learning-rate: must be above 0 and finite, got Infinity",
                () -> new Schedule(Double.POSITIVE_INFINITY, NONE, new Schedule.Shape.Constant()));
        refused("factor: must be above 0 and at most 1, got 0.0", () -> new Schedule.Shape.Milestones(List.of(), 0));
    }

    private static void refused(String message, Runnable schedule) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, schedule::run).getMessage());
    }
}
