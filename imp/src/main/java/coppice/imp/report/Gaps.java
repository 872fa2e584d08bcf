package coppice.imp.report;

import coppice.imp.store.Branch;
import coppice.imp.store.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What an unfinished run lacks. A finished run has every replicate of every level of every branch; how many those are, the
 * settings {@code replicates}, {@code levels} (the number of times it prunes) and {@code controls} say, and no fewer than the
 * results show.
 */
record Gaps(int present, int expected, List<String> missing) {

    static Gaps of(Results results, Settings settings) {
        var rows = results.rows();
        int replicates = Math.max(settings.integer("replicates").orElse(1), rows.stream().mapToInt(Results.Row::replicate).max().orElse(1));
        int levels = Math.max(settings.integer("levels").orElse(0), rows.stream().mapToInt(Results.Row::level).max().orElse(0));
        var missing = new ArrayList<String>();
        int expected = 0;
        for (Branch branch : Branch.values()) {
            int first = branch == Branch.TICKET ? 0 : 1;
            if (!settings.mention("controls", branch.label()) && branch != Branch.TICKET
                    && rows.stream().noneMatch(row -> row.branch() == branch)) {
                continue;
            }
            for (int replicate = 1; replicate <= replicates; replicate++) {
                int[] absent = absent(results, branch, replicate, first, levels);
                expected += levels - first + 1;
                if (absent.length > 0) {
                    missing.add(branch.label() + ", replicate " + replicate + ": level" + (absent.length > 1 ? "s " : " ") + ranges(absent));
                }
            }
        }
        return new Gaps(rows.size(), expected, missing);
    }

    private static int[] absent(Results results, Branch branch, int replicate, int first, int last) {
        return IntStream.rangeClosed(first, last).filter(level -> results.rows().stream()
                .noneMatch(row -> row.branch() == branch && row.replicate() == replicate && row.level() == level)).toArray();
    }

    /** {@code 1, 4–7} for 1, 4, 5, 6, 7. */
    private static String ranges(int[] levels) {
        var ranges = new ArrayList<String>();
        for (int from = 0, to; from < levels.length; from = to) {
            to = from + 1;
            while (to < levels.length && levels[to] == levels[to - 1] + 1) {
                to++;
            }
            ranges.add(to - from == 1 ? "" + levels[from] : levels[from] + "–" + levels[to - 1]);
        }
        return String.join(", ", ranges);
    }
}
