package coppice.imp;

import coppice.imp.store.AtomicFile;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.Safetensors;
import coppice.imp.store.SnapshotFile;
import coppice.imp.store.StoreException;
import coppice.imp.store.Timing;
import coppice.nn.Snapshot;
import coppice.nn.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The files of one training. {@code mask} and {@code start} are written first, {@code end} last: a training is complete when all
 * of them are there, undamaged, and it started from what it would start from now. Anything less is done again, aloud. Where another
 * start is written, an end or a checkpoint that came from the one before is removed first, so that none ever stands beside a start
 * that is not its own.
 */
final class TrainingFiles {

    /** What a complete training left. @param testLoss at the end */
    record Finished(LearningCurve curve, Snapshot weights, double testLoss, double seconds) {}

    /** Where an interrupted training stands. @param lossSum of the training losses since the last row of the curve */
    record Checkpoint(Trainer.State state, LearningCurve curve, double lossSum, long lossCount, double seconds) {}

    private final LevelFolder folder;
    private final Masks masks;
    private final Trainer.State start;

    TrainingFiles(LevelFolder folder, Masks masks, Trainer.State start) {
        this.folder = folder;
        this.masks = masks;
        this.start = start;
    }

    /** The complete training, if there is one. */
    Optional<Finished> finished(Progress progress) {
        if (!Files.exists(folder.end())) {
            return Optional.empty();
        }
        try {
            if (!isSameStart()) {
                progress.note(folder.path() + " began from other weights or another mask; it is done again");
                return Optional.empty();
            }
            Safetensors end = Safetensors.read(folder.end());
            LearningCurve curve = LearningCurve.read(folder.metrics());
            if (!curve.digest().equals(StateFile.metadata(folder.end(), end, "metrics_sha256"))) {
                throw new StoreException(folder.metrics(), "was changed after its training ended",
                        "its SHA-256 is not the one that " + folder.end().getFileName() + " holds");
            }
            var finished = new Finished(curve, SnapshotFile.read(folder.end(), end, "", start.weights()),
                    Double.parseDouble(StateFile.metadata(folder.end(), end, "test_loss")), Timing.read(folder.timing()).trainSeconds());
            remove(folder.checkpoint());                  // left behind if the run was killed right after the end was written
            return Optional.of(finished);
        } catch (StoreException damaged) {
            progress.note(damaged.getMessage() + " – it is done again");
            return Optional.empty();
        }
    }

    /** Makes the folder ready for training. @return where the training was interrupted, if it was, and can go on */
    Optional<Checkpoint> begin(Progress progress) {
        Optional<Checkpoint> interrupted = checkpoint(progress);
        if (interrupted.isEmpty()) {
            remove(folder.end());
            remove(folder.checkpoint());
            maskFile().write(folder.mask());
            startFile().write(folder.start());
        }
        return interrupted;
    }

    private boolean isSameStart() {
        return Safetensors.read(folder.start()).equals(startFile()) && Safetensors.read(folder.mask()).equals(maskFile());
    }

    private Safetensors startFile() {
        return new Safetensors(SnapshotFile.entries("", start.weights()), Map.of());
    }

    private Safetensors maskFile() {
        return SnapshotFile.masks(masks.byWeight());
    }

    void writeEnd(Finished finished) {
        finished.curve().write(folder.metrics());
        new Timing(finished.seconds()).write(folder.timing());
        new Safetensors(SnapshotFile.entries("", finished.weights()), Map.of(
                "test_loss", Double.toString(finished.testLoss()),
                "metrics_sha256", finished.curve().digest())).write(folder.end());
        remove(folder.checkpoint());
    }

    /** The interrupted training, if there is one that began from the same start. */
    private Optional<Checkpoint> checkpoint(Progress progress) {
        if (!Files.exists(folder.checkpoint())) {
            return Optional.empty();
        }
        try {
            if (!isSameStart()) {
                progress.note(folder.checkpoint() + " belongs to a training from other weights or another mask; this training starts over");
                return Optional.empty();
            }
            var file = new StateFile(folder.checkpoint());
            Safetensors content = Safetensors.read(folder.checkpoint());
            return Optional.of(new Checkpoint(
                    file.state(content, start),
                    LearningCurve.parse(folder.checkpoint(), file.metadata(content, "curve")),
                    Double.parseDouble(file.metadata(content, "loss_sum")),
                    Long.parseLong(file.metadata(content, "loss_count")),
                    Double.parseDouble(file.metadata(content, "train_seconds"))));
        } catch (StoreException damaged) {
            progress.note(damaged.getMessage() + " – this training starts over");
            return Optional.empty();
        }
    }

    void writeCheckpoint(Checkpoint checkpoint) {
        new StateFile(folder.checkpoint()).write(checkpoint.state, Map.of(
                "curve", checkpoint.curve.text(),
                "loss_sum", Double.toString(checkpoint.lossSum),
                "loss_count", Long.toString(checkpoint.lossCount),
                "train_seconds", Double.toString(checkpoint.seconds)));
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new StoreException(file, "cannot be removed (" + e.getMessage() + ")", "check the permissions of its folder", e);
        }
    }
}
