package coppice.imp.cli;

import coppice.imp.store.Branch;
import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** A run's results for reading: means over replicates, a line for each level and branch. */
final class ResultTable {

    private record Key(int level, Branch branch) {}

    private final TreeMap<Key, List<Results.Row>> groups =
            new TreeMap<>(Comparator.comparingInt(Key::level).thenComparing(Key::branch));

    ResultTable(RunFolder run) {
        for (Results.Row row : Results.read(run.results()).rows()) {
            groups.merge(new Key(row.level(), row.branch()), List.of(row),
                    (some, one) -> Stream.concat(some.stream(), one.stream()).toList());
        }
    }

    void print(PrintWriter out) {
        out.println("level  branch          weights left     early stop   accuracy there        accuracy at end    seconds");
        groups.forEach((key, rows) -> out.println(String.format(Locale.ROOT, "%5d  %-13s %9.2f %% %13.0f   %s %s %10.2f",
                key.level, key.branch.label(), 100 * mean(rows, Results.Row::density), mean(rows, Results.Row::earlyStopIteration),
                accuracy(rows, Results.Row::accuracyAtEarlyStop), accuracy(rows, Results.Row::accuracyAtEnd),
                mean(rows, Results.Row::trainSeconds))));
        if (groups.values().stream().anyMatch(rows -> rows.size() > 1)) {
            out.println("Means over replicates; ± is the distance to the farthest one.");
        }
        out.flush();
    }

    private static double mean(List<Results.Row> rows, ToDoubleFunction<Results.Row> value) {
        return rows.stream().mapToDouble(value).average().orElseThrow();
    }

    /** Mean and the distance to the farthest replicate, in percent. */
    private static String accuracy(List<Results.Row> rows, ToDoubleFunction<Results.Row> value) {
        double mean = mean(rows, value);
        double farthest = rows.stream().mapToDouble(row -> Math.abs(value.applyAsDouble(row) - mean)).max().orElseThrow();
        return String.format(Locale.ROOT, "%7.2f ± %4.2f %%    ", 100 * mean, 100 * farthest);
    }
}
