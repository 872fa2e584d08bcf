package coppice.imp.report;

import coppice.imp.store.Results;
import java.util.List;

/**
 * The replicates of one branch at one level.
 *
 * @param density the share of prunable weights left
 * @param accuracyAtEnd as a fraction, like {@code accuracyAtEarlyStop}
 */
record LevelSummary(int level, double density, long weightsLeft, List<Integer> replicates, Range earlyStopIteration,
                    Range accuracyAtEarlyStop, Range accuracyAtEnd, Range lossAtEnd, Range trainSeconds, double stepFlops) {

    static LevelSummary of(List<Results.Row> rows) {
        Results.Row any = rows.getFirst();
        return new LevelSummary(any.level(),
                Range.of(rows, Results.Row::density).mean(),
                Math.round(Range.of(rows, Results.Row::weightsLeft).mean()),
                rows.stream().map(Results.Row::replicate).sorted().toList(),
                Range.of(rows, Results.Row::earlyStopIteration),
                Range.of(rows, Results.Row::accuracyAtEarlyStop),
                Range.of(rows, Results.Row::accuracyAtEnd),
                Range.of(rows, Results.Row::lossAtEnd),
                Range.of(rows, Results.Row::trainSeconds),
                Range.of(rows, Results.Row::stepFlops).mean());
    }
}
