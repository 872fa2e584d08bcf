package coppice.imp.report;

import static java.util.stream.Collectors.toMap;

import coppice.imp.store.Branch;
import coppice.imp.store.LearningCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The learning curves of one branch at one level, averaged over replicates at the iterations all of them have.
 *
 * @param testAccuracy of the network that early stopping would keep if training ended there: that of least validation loss so far
 */
record Curves(String branch, int level, double density, int replicates, List<Long> iterations, List<Double> trainingLoss,
              List<Double> validationLoss, List<Double> validationAccuracy, List<Double> testAccuracy) {

    /** More points than this cannot be told apart on the page. */
    private static final int MOST_POINTS = 100;

    /** One evaluation of one replicate. */
    private record Point(long iteration, double trainingLoss, double validationLoss, double validationAccuracy, double testAccuracy) {
    }

    /** The means of {@code replicates}, of which there is at least one. */
    static Curves mean(Branch branch, int level, double density, List<LearningCurve> replicates) {
        List<Map<Long, Point>> points = replicates.stream()
                .map(curve -> points(curve).stream().collect(toMap(Point::iteration, point -> point))).toList();
        var common = new TreeSet<>(points.getFirst().keySet());
        points.forEach(replicate -> common.retainAll(replicate.keySet()));
        List<Point> means = thinned(common.stream()
                .map(iteration -> mean(points.stream().map(replicate -> replicate.get(iteration)).toList())).toList());
        return new Curves(branch.label(), level, density, replicates.size(), means.stream().map(Point::iteration).toList(),
                means.stream().map(Point::trainingLoss).toList(), means.stream().map(Point::validationLoss).toList(),
                means.stream().map(Point::validationAccuracy).toList(), means.stream().map(Point::testAccuracy).toList());
    }

    private static Point mean(List<Point> replicates) {
        return new Point(replicates.getFirst().iteration,
                Range.of(replicates, Point::trainingLoss).mean(), Range.of(replicates, Point::validationLoss).mean(),
                Range.of(replicates, Point::validationAccuracy).mean(), Range.of(replicates, Point::testAccuracy).mean());
    }

    private static List<Point> points(LearningCurve curve) {
        var points = new ArrayList<Point>();
        double least = Double.POSITIVE_INFINITY;
        double testAccuracy = Double.NaN;
        for (LearningCurve.Row row : curve.rows()) {
            if (row.validationLoss() < least) {
                least = row.validationLoss();
                testAccuracy = row.testAccuracy().orElse(testAccuracy);
            }
            points.add(new Point(row.iteration(), row.trainingLoss(), row.validationLoss(), row.validationAccuracy(), testAccuracy));
        }
        return points;
    }

    /** The last point of each of at most {@link #MOST_POINTS} blocks; its training loss is the mean of its block. */
    private static List<Point> thinned(List<Point> points) {
        int block = Math.ceilDiv(points.size(), MOST_POINTS);
        var thinned = new ArrayList<Point>();
        for (int end = points.size(); end > 0; end -= block) {
            List<Point> merged = points.subList(Math.max(0, end - block), end);
            Point last = merged.getLast();
            double trainingLoss = merged.stream().mapToDouble(Point::trainingLoss).filter(loss -> !Double.isNaN(loss))
                    .average().orElse(Double.NaN);
            thinned.addFirst(new Point(last.iteration, trainingLoss, last.validationLoss, last.validationAccuracy, last.testAccuracy));
        }
        return thinned;
    }
}
