package coppice.imp.store;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;

/** The table results.csv of a run: one row per training run, by replicate, level and branch. */
public record Results(List<Row> rows) {

    private static final String HEADER = "branch,replicate,level,density,weights_left,early_stop_iteration,"
            + "accuracy_at_early_stop,accuracy_at_end,loss_at_end,train_seconds,step_flops";

    /**
     * What one training run came to. Early stop is the iteration of least validation loss; accuracies are fractions of the test
     * set.
     *
     * @param replicate from 1
     * @param level from 0; level 0 of the ticket is the dense network
     * @param density the share of prunable weights left, in (0, 1]
     * @param weightsLeft the number of prunable weights left
     * @param lossAtEnd test loss; NaN or infinite if training diverged
     * @param trainSeconds wall-clock seconds of training
     * @param stepFlops floating-point operations of one training step
     */
    public record Row(Branch branch, int replicate, int level, double density, long weightsLeft, long earlyStopIteration,
                      double accuracyAtEarlyStop, double accuracyAtEnd, double lossAtEnd, double trainSeconds, long stepFlops) {

        private String line() {
            return branch.label() + ',' + replicate + ',' + level + ',' + density + ',' + weightsLeft + ',' + earlyStopIteration + ','
                    + accuracyAtEarlyStop + ',' + accuracyAtEnd + ',' + lossAtEnd + ',' + trainSeconds + ',' + stepFlops + '\n';
        }
    }

    public Results {
        rows = List.copyOf(rows);
    }

    /**
     * Reads the whole table.
     *
     * @throws StoreException naming file, line and column, if anything in it is not as {@link #write} leaves it
     */
    public static Results read(Path file) {
        record Key(Branch branch, int replicate, int level) {
        }
        var seen = new HashSet<Key>();
        return new Results(Csv.read(file, HEADER, cells -> {
            Row row = row(cells);
            if (!seen.add(new Key(row.branch, row.replicate, row.level))) {
                throw cells.error("level", "replicate " + row.replicate + ", level " + row.level + " of " + row.branch.label()
                        + " stands in an earlier line already");
            }
            return row;
        }));
    }

    private static Row row(Csv.Row cells) {
        Branch branch;
        try {
            branch = Branch.of(cells.text("branch"));
        } catch (IllegalArgumentException e) {
            throw cells.error("branch", e.getMessage());
        }
        double density = cells.fraction("density");
        if (density == 0) {
            throw cells.error("density", "expected a fraction above 0, got '" + cells.text("density") + "'");
        }
        double seconds = cells.number("train_seconds");
        if (!(seconds >= 0 && seconds < Double.POSITIVE_INFINITY)) {
            throw cells.error("train_seconds", "expected seconds of at least 0, got '" + cells.text("train_seconds") + "'");
        }
        return new Row(branch, cells.count("replicate", 1), cells.count("level", 0), density,
                cells.integer("weights_left", 0), cells.integer("early_stop_iteration", 0),
                cells.fraction("accuracy_at_early_stop"), cells.fraction("accuracy_at_end"), cells.number("loss_at_end"),
                seconds, cells.integer("step_flops", 0));
    }

    /**
     * Writes the whole table as an {@link AtomicFile}.
     *
     * @throws StoreException if it cannot be written
     */
    public void write(Path file) {
        new AtomicFile(file).write(text());
    }

    /** The table as text, as {@link #write} writes it. */
    public String text() {
        var text = new StringBuilder(HEADER).append('\n');
        rows.forEach(row -> text.append(row.line()));
        return text.toString();
    }
}
