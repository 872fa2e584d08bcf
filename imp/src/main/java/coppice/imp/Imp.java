package coppice.imp;

import coppice.engine.Seed;
import coppice.imp.settings.Spec;
import coppice.imp.store.Branch;
import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import coppice.nn.Trainer;
import java.util.ArrayList;
import java.util.List;

/**
 * Iterative magnitude pruning with rewinding (Frankle and Carbin, "The lottery ticket hypothesis", 2019, section 2; with rewinding
 * to a step k, Frankle et al., "Stabilizing the lottery ticket hypothesis", 2019, algorithm 1), and its controls at each level.
 */
final class Imp {

    private final Experiment experiment;
    private final RunFolder folder;
    private final Progress progress;
    private final StopFlag stop;
    private final List<Results.Row> rows = new ArrayList<>();

    Imp(Experiment experiment, RunFolder folder, Progress progress, StopFlag stop) {
        this.experiment = experiment;
        this.folder = folder;
        this.progress = progress;
        this.stop = stop;
    }

    /** Does everything that is not done yet. */
    void run() {
        for (int replicate = 1; replicate <= experiment.spec().replicates(); replicate++) {
            run(replicate);
        }
    }

    private void run(int replicate) {
        var pruning = new MagnitudePruning(experiment.spec().pruning());
        Trainer.State rewindPoint = trainToRewindPoint(replicate);
        Masks masks = Masks.NONE;
        for (int level = 0; level <= experiment.spec().pruning().levels(); level++) {
            Outcome ticket = train(new Stage(replicate, level, Branch.TICKET), masks, rewind(rewindPoint, level, masks));
            if (level > 0) {
                trainControls(replicate, level, masks, rewindPoint);
            }
            masks = pruning.prune(experiment.model(), ticket.end());
        }
    }

    /** Trains the dense network to step k of the first level. */
    private Trainer.State trainToRewindPoint(int replicate) {
        Trainer.State initial = experiment.initial(experiment.seed(replicate));
        var dense = new Stage(replicate, 0, Branch.TICKET);
        try (Trainer trainer = experiment.trainer(dense, initial)) {
            while (trainer.iteration() < experiment.rewindStep()) {
                if (stop.isRaised()) {
                    throw new StoppedException(dense, trainer.iteration());
                }
                experiment.step(trainer, dense);
            }
            return trainer.state();
        }
    }

    /** The survivors at the rewind point. The dense network simply goes on; a ticket's moments are a setting. */
    private Trainer.State rewind(Trainer.State rewindPoint, int level, Masks masks) {
        Trainer.State survivors = masks.restrict(rewindPoint);
        boolean restart = level > 0 && experiment.spec().pruning().moments() == Spec.Moments.RESTART;
        return restart ? experiment.restarted(survivors) : survivors;
    }

    private void trainControls(int replicate, int level, Masks ticket, Trainer.State rewindPoint) {
        Seed seed = experiment.seed(replicate);
        if (experiment.has(Branch.RANDOM_REINIT)) {
            Trainer.State fresh = experiment.initial(seed.in("random-reinit").in(level));
            train(new Stage(replicate, level, Branch.RANDOM_REINIT), ticket, ticket.restrict(fresh));
        }
        if (experiment.has(Branch.RANDOM_MASK)) {
            Masks random = RandomMasks.like(ticket, seed.in("random-mask").in(level));
            train(new Stage(replicate, level, Branch.RANDOM_MASK), random, rewind(rewindPoint, level, random));
        }
    }

    private Outcome train(Stage stage, Masks masks, Trainer.State start) {
        var training = new Training(experiment, stage, masks, start,
                folder.level(stage.replicate(), stage.level(), stage.branch()), progress);
        Outcome outcome = training.run(stop);
        rows.add(outcome.row());
        new Results(rows).write(folder.results());
        return outcome;
    }
}
