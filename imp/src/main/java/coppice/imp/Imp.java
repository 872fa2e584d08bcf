package coppice.imp;

import coppice.engine.Seed;
import coppice.imp.settings.Spec;
import coppice.imp.store.Branch;
import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import coppice.imp.store.StoreException;
import coppice.nn.Trainer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Iterative magnitude pruning with rewinding (Frankle and Carbin, "The lottery ticket hypothesis", 2019, section 2; with rewinding
 * to a step k, Frankle et al., "Stabilizing the lottery ticket hypothesis", 2019, algorithm 1), and its controls at each level.
 *
 * <p>Within a replicate one level needs the one before it. Replicates, and the controls of a level once its mask is known, are
 * independent of each other and go through the lanes side by side.
 */
final class Imp {

    private static final Comparator<Results.Row> ORDER =
            Comparator.comparingInt(Results.Row::replicate).thenComparing(Results.Row::level).thenComparing(Results.Row::branch);

    private final Spec spec;
    private final RunFolder folder;
    private final Progress progress;
    private final StopFlag stop;
    private final Lanes lanes;
    private final List<Results.Row> rows = new ArrayList<>();

    /** @param experiments one for each lane, all of the same settings and data */
    Imp(Spec spec, List<Experiment> experiments, RunFolder folder, Progress progress, StopFlag stop) {
        this.spec = spec;
        this.folder = folder;
        this.progress = progress;
        this.stop = stop;
        this.lanes = new Lanes(experiments, stop);
    }

    /** Does everything that is not done yet. */
    void run() {
        readResults();
        for (int replicate = 1; replicate <= spec.replicates(); replicate++) {
            int number = replicate;
            lanes.add(experiment -> findTickets(experiment, number));
        }
        lanes.run();
    }

    /** What an earlier start of the program found out stays in the table until it is confirmed or done again. */
    private void readResults() {
        if (Files.exists(folder.results())) {
            try {
                rows.addAll(Results.read(folder.results()).rows());
            } catch (StoreException damaged) {
                progress.note(damaged.getMessage() + " – it is written again");
            }
        }
    }

    private void findTickets(Experiment experiment, int replicate) {
        Trainer.State rewindPoint = trainToRewindPoint(experiment, replicate);
        Masks masks = Masks.NONE;
        for (int level = 0; level <= spec.pruning().levels(); level++) {
            addControls(replicate, level, masks, rewindPoint);
            Outcome ticket = train(experiment, new Stage(replicate, level, Branch.TICKET), masks,
                    rewind(experiment, rewindPoint, level, masks));
            if (level < spec.pruning().levels()) {
                masks = experiment.prune(ticket.end());
            }
        }
    }

    /** Trains the dense network to step k of the first level, or finds that done. */
    private Trainer.State trainToRewindPoint(Experiment experiment, int replicate) {
        Trainer.State initial = experiment.initial(experiment.seed(replicate));
        if (experiment.rewindStep() == 0) {
            return initial;
        }
        Stage dense = new Stage(replicate, 0, Branch.TICKET);
        var file = new StateFile(folder.rewindPoint(replicate));
        Trainer.State before = file.read(initial, progress).orElse(initial);
        if (before.iteration() == experiment.rewindStep()) {
            return before;
        }
        try (Trainer trainer = experiment.trainer(dense, before)) {
            progress.started(dense, 1, trainer.iteration(), experiment.steps());
            long saved = System.nanoTime();
            while (trainer.iteration() < experiment.rewindStep()) {
                experiment.step(trainer, dense);
                progress.stepped(dense, trainer.iteration());
                if (stop.isRaised() || System.nanoTime() - saved >= experiment.checkpointEvery().toNanos()) {
                    file.write(trainer.state(), Map.of());
                    saved = System.nanoTime();
                }
                if (stop.isRaised()) {
                    throw new StoppedException(dense, trainer.iteration());
                }
            }
            Trainer.State state = trainer.state();
            file.write(state, Map.of());
            return state;
        }
    }

    /** The survivors at the rewind point. The dense network simply goes on; a ticket's moments are a setting. */
    private Trainer.State rewind(Experiment experiment, Trainer.State rewindPoint, int level, Masks masks) {
        Trainer.State survivors = masks.restrict(rewindPoint);
        boolean restart = level > 0 && spec.pruning().moments() == Spec.Moments.RESTART;
        return restart ? experiment.restarted(survivors) : survivors;
    }

    private void addControls(int replicate, int level, Masks ticket, Trainer.State rewindPoint) {
        if (level > 0 && spec.controls().contains(Branch.RANDOM_REINIT)) {
            lanes.add(experiment -> {
                Seed fresh = experiment.seed(replicate).in("random-reinit").in(level);
                train(experiment, new Stage(replicate, level, Branch.RANDOM_REINIT), ticket, ticket.restrict(experiment.initial(fresh)));
            });
        }
        if (level > 0 && spec.controls().contains(Branch.RANDOM_MASK)) {
            lanes.add(experiment -> {
                Masks random = RandomMasks.like(ticket, experiment.seed(replicate).in("random-mask").in(level));
                train(experiment, new Stage(replicate, level, Branch.RANDOM_MASK), random,
                        rewind(experiment, rewindPoint, level, random));
            });
        }
    }

    private Outcome train(Experiment experiment, Stage stage, Masks masks, Trainer.State start) {
        var training = new Training(experiment, stage, masks, start,
                folder.level(stage.replicate(), stage.level(), stage.branch()), progress);
        Outcome outcome = training.run(stop);
        add(outcome.row());
        return outcome;
    }

    private synchronized void add(Results.Row row) {
        rows.removeIf(other -> ORDER.compare(other, row) == 0);
        rows.add(row);
        rows.sort(ORDER);
        new Results(rows).write(folder.results());
    }
}
