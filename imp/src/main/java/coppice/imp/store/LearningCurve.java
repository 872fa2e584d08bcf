package coppice.imp.store;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The table metrics.csv of one training run: one row per evaluation, in the order of iterations. */
public record LearningCurve(List<Row> rows) {

    private static final String HEADER = "iteration,training_loss,validation_loss,validation_accuracy,test_accuracy";

    /**
     * What was measured after {@code iteration} steps. Losses of a diverging run may be NaN or infinite.
     *
     * @param trainingLoss mean over the steps since the previous row; NaN where there were none
     * @param validationAccuracy a fraction
     * @param testAccuracy a fraction; measured only where the validation loss reaches a new minimum, and at the end
     */
    public record Row(long iteration, double trainingLoss, double validationLoss, double validationAccuracy,
                      OptionalDouble testAccuracy) {

        private String line() {
            return iteration + "," + trainingLoss + ',' + validationLoss + ',' + validationAccuracy + ','
                    + (testAccuracy.isPresent() ? testAccuracy.getAsDouble() : "") + '\n';
        }
    }

    public LearningCurve {
        rows = List.copyOf(rows);
    }

    /**
     * Reads the whole table.
     *
     * @throws StoreException naming file, line and column, if anything in it is not as {@link #write} leaves it
     */
    public static LearningCurve read(Path file) {
        return new LearningCurve(Csv.read(file, HEADER, rowReader()));
    }

    /** As {@link #read}, of a table that stands within {@code file}. */
    public static LearningCurve parse(Path file, String text) {
        return new LearningCurve(Csv.parse(file, text, HEADER, rowReader()));
    }

    private static Function<Csv.Row, Row> rowReader() {
        var last = new long[] {-1};
        return cells -> {
            long iteration = cells.integer("iteration", last[0] + 1);
            last[0] = iteration;
            return new Row(iteration, cells.number("training_loss"), cells.number("validation_loss"),
                    cells.fraction("validation_accuracy"), cells.fractionOrNothing("test_accuracy"));
        };
    }

    /**
     * Writes the whole table as an {@link AtomicFile}.
     *
     * @throws StoreException if it cannot be written
     */
    public void write(Path file) {
        new AtomicFile(file).write(text());
    }

    /** The first row of least validation loss: where early stopping would have stopped. */
    public Row earlyStop() {
        Row least = rows.getFirst();
        for (Row row : rows) {
            least = row.validationLoss < least.validationLoss ? row : least;
        }
        return least;
    }

    /** SHA-256 of the table as text, in hexadecimal. */
    public String digest() {
        return Sha256.of(text()).hex();
    }

    /** The table as text, as {@link #write} writes it. */
    public String text() {
        var text = new StringBuilder(HEADER).append('\n');
        rows.forEach(row -> text.append(row.line()));
        return text.toString();
    }
}
