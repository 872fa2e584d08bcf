package coppice.imp.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.imp.store.Branch;
import coppice.imp.store.LearningCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class CurvesTest {

    private static LearningCurve.Row row(long iteration, double loss, double validationLoss, double accuracy, double test) {
        return new LearningCurve.Row(iteration, loss, validationLoss, accuracy,
                Double.isNaN(test) ? OptionalDouble.empty() : OptionalDouble.of(test));
    }

    @Test
    void replicatesAreAveragedWhereAllHaveValues() {
        var first = new LearningCurve(List.of(row(0, Double.NaN, 2, 0.1, 0.1), row(100, 1, 1, 0.5, 0.4), row(200, 0.5, 0.5, 0.7, 0.6)));
        var second = new LearningCurve(List.of(row(0, Double.NaN, 4, 0.3, 0.3), row(100, 3, 2, 0.7, 0.8)));
        Curves mean = Curves.mean(Branch.TICKET, 0, 1, List.of(first, second));
        assertEquals(List.of(0L, 100L), mean.iterations());
        assertEquals(List.of(Double.NaN, 2.0), mean.trainingLoss());
        assertEquals(List.of(3.0, 1.5), mean.validationLoss());
        assertEquals(2, mean.replicates());
        assertEquals(0.6, mean.testAccuracy().getLast(), 1e-12);
    }

    @Test
    void testAccuracyIsThatOfTheLeastValidationLossSoFar() {
        var curve = new LearningCurve(List.of(row(0, 1, 2, 0.1, 0.1), row(100, 1, 1, 0.5, 0.6), row(200, 1, 1.5, 0.7, Double.NaN),
                row(300, 1, 1.2, 0.7, 0.9)));
        assertEquals(List.of(0.1, 0.6, 0.6, 0.6), Curves.mean(Branch.TICKET, 0, 1, List.of(curve)).testAccuracy());
    }

    @Test
    void longCurvesAreThinnedToTheirLastPoint() {
        var rows = new ArrayList<LearningCurve.Row>();
        for (int i = 0; i <= 500; i++) {
            rows.add(row(i, i, i, 0.5, Double.NaN));
        }
        Curves thinned = Curves.mean(Branch.TICKET, 0, 1, List.of(new LearningCurve(rows)));
        assertEquals(84, thinned.iterations().size(), "blocks of six");
        assertEquals(500, thinned.iterations().getLast());
        assertEquals(497.5, thinned.trainingLoss().getLast(), "the mean of 495 to 500");
        assertEquals(500, thinned.validationLoss().getLast());
    }
}
