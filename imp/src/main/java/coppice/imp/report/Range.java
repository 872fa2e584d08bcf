package coppice.imp.report;

import java.util.Collection;
import java.util.function.ToDoubleFunction;

/** The mean of some replicates with the least and the greatest of them. */
record Range(double mean, double least, double greatest) {

    static <T> Range of(Collection<T> replicates, ToDoubleFunction<T> value) {
        var statistics = replicates.stream().mapToDouble(value).summaryStatistics();
        return new Range(statistics.getAverage(), statistics.getMin(), statistics.getMax());
    }

    boolean isAbove(Range other) {
        return least > other.greatest;
    }

    boolean overlaps(Range other) {
        return !isAbove(other) && !other.isAbove(this);
    }
}
