package coppice.imp.report;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import coppice.imp.store.Branch;
import coppice.imp.store.Results;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The levels of one branch, densest first. */
record BranchSummary(String branch, List<LevelSummary> levels) {

    /** All branches that have results. */
    static List<BranchSummary> of(Results results) {
        return Arrays.stream(Branch.values()).map(branch -> of(branch, results)).filter(branch -> !branch.levels.isEmpty()).toList();
    }

    private static BranchSummary of(Branch branch, Results results) {
        var byLevel = results.rows().stream().filter(row -> row.branch() == branch)
                .collect(groupingBy(Results.Row::level, TreeMap::new, toList()));
        return new BranchSummary(branch.label(), byLevel.values().stream().map(LevelSummary::of).toList());
    }

    Optional<LevelSummary> level(int level) {
        return levels.stream().filter(summary -> summary.level() == level).findFirst();
    }
}
