package coppice.imp;

import coppice.imp.store.LearningCurve;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.Results;
import coppice.nn.Evaluation;
import coppice.nn.Trainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One training from a rewound start to the end, with measurements on the way. It skips itself if its files are complete, and goes
 * on from its checkpoint if it was interrupted; either way it ends with the same bits.
 */
final class Training {

    private final Experiment experiment;
    private final Stage stage;
    private final Masks masks;
    private final Trainer.State start;
    private final TrainingFiles files;
    private final Progress progress;

    private final List<LearningCurve.Row> curve = new ArrayList<>();
    private double lossSum;
    private long lossCount;
    private double leastValidationLoss = Double.POSITIVE_INFINITY;
    private double seconds;

    Training(Experiment experiment, Stage stage, Masks masks, Trainer.State start, LevelFolder folder, Progress progress) {
        this.experiment = experiment;
        this.stage = stage;
        this.masks = masks;
        this.start = start;
        this.files = new TrainingFiles(folder, masks, start);
        this.progress = progress;
    }

    /**
     * Trains, or finds it done.
     *
     * @throws StoppedException  if the flag was raised; a checkpoint was written
     * @throws DivergedException if the loss is no longer a number
     */
    Outcome run(StopFlag stop) {
        Optional<TrainingFiles.Finished> before = files.finished(progress);
        if (before.isPresent()) {
            Outcome outcome = outcome(before.get());
            progress.finished(stage, outcome, true);
            return outcome;
        }
        TrainingFiles.Finished end = train(files.begin(progress), stop);
        files.writeEnd(end);
        Outcome outcome = outcome(end);
        progress.finished(stage, outcome, false);
        return outcome;
    }

    private TrainingFiles.Finished train(Optional<TrainingFiles.Checkpoint> checkpoint, StopFlag stop) {
        checkpoint.ifPresent(this::resume);
        try (Trainer trainer = experiment.trainer(stage, checkpoint.map(TrainingFiles.Checkpoint::state).orElse(start))) {
            progress.started(stage, masks.density(experiment.model()), trainer.iteration(), experiment.steps());
            if (curve.isEmpty()) {
                measure(trainer);
            }
            long saved = System.nanoTime();
            while (trainer.iteration() < experiment.steps()) {
                if (stop.isRaised()) {
                    files.writeCheckpoint(checkpoint(trainer));
                    throw new StoppedException(stage, trainer.iteration());
                }
                step(trainer);
                if (trainer.iteration() % experiment.evaluateEvery() == 0 || trainer.iteration() == experiment.steps()) {
                    measure(trainer);
                }
                if (System.nanoTime() - saved >= experiment.checkpointEvery().toNanos()) {
                    files.writeCheckpoint(checkpoint(trainer));
                    saved = System.nanoTime();
                }
            }
            return new TrainingFiles.Finished(new LearningCurve(curve), trainer.weights().snapshot(),
                    experiment.test().of(trainer.weights()).loss(), seconds);
        }
    }

    private void step(Trainer trainer) {
        long began = System.nanoTime();
        lossSum += experiment.step(trainer, stage);
        seconds += (System.nanoTime() - began) * 1e-9;
        lossCount++;
        progress.stepped(stage, trainer.iteration());
    }

    /** Adds a row to the learning curve; test accuracy only where early stopping might choose, and at the end. */
    private void measure(Trainer trainer) {
        Evaluation.Score score = experiment.validate(trainer, stage);
        boolean least = score.loss() < leastValidationLoss;
        boolean last = trainer.iteration() == experiment.steps();
        var row = new LearningCurve.Row(trainer.iteration(), lossSum / lossCount, score.loss(), score.accuracy(),
                least || last ? OptionalDouble.of(experiment.test().of(trainer.weights()).accuracy()) : OptionalDouble.empty());
        leastValidationLoss = least ? score.loss() : leastValidationLoss;
        lossSum = 0;
        lossCount = 0;
        curve.add(row);
        progress.measured(stage, row);
    }

    private TrainingFiles.Checkpoint checkpoint(Trainer trainer) {
        return new TrainingFiles.Checkpoint(trainer.state(), new LearningCurve(curve), lossSum, lossCount, seconds);
    }

    private void resume(TrainingFiles.Checkpoint checkpoint) {
        curve.addAll(checkpoint.curve().rows());
        lossSum = checkpoint.lossSum();
        lossCount = checkpoint.lossCount();
        seconds = checkpoint.seconds();
        leastValidationLoss = curve.stream().mapToDouble(LearningCurve.Row::validationLoss).min().orElse(Double.POSITIVE_INFINITY);
    }

    private Outcome outcome(TrainingFiles.Finished end) {
        LearningCurve.Row early = end.curve().earlyStop();
        LearningCurve.Row last = end.curve().rows().getLast();
        return new Outcome(new Results.Row(stage.branch(), stage.replicate(), stage.level(), masks.density(experiment.model()),
                masks.weightsLeft(experiment.model()), early.iteration(), early.testAccuracy().orElseThrow(),
                last.testAccuracy().orElseThrow(), end.testLoss(), end.seconds(), experiment.stepFlops(masks)), end.weights());
    }
}
