package coppice.imp.store;

import java.nio.file.Path;
import java.util.List;

/**
 * The file timing.csv of one training: the only file of a training that differs between two runs of the same settings.
 *
 * @param trainSeconds wall-clock seconds of the training steps, without measurements and checkpoints
 */
public record Timing(double trainSeconds) {

    private static final String HEADER = "train_seconds";

    /** @throws StoreException naming file, line and column, if it is not as {@link #write} leaves it */
    public static Timing read(Path file) {
        List<Timing> rows = Csv.read(file, HEADER, cells -> new Timing(cells.number(HEADER)));
        if (rows.size() != 1) {
            throw new StoreException(file, "must hold one row, has " + rows.size(), "remove the folder; the training is then done again");
        }
        return rows.getFirst();
    }

    /** @throws StoreException if it cannot be written */
    public void write(Path file) {
        new AtomicFile(file).write(HEADER + '\n' + trainSeconds + '\n');
    }
}
