package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.BackendProvider;
import coppice.imp.settings.Spec;
import coppice.imp.store.Branch;
import coppice.imp.store.LearningCurve;
import coppice.nn.Snapshot;
import coppice.nn.Trainer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rewinding to a step after the first, against the algorithm written down once more. */
final class RewindTest {

    private static final String[] MOMENTUM = {"training.optimiser=sgd", "training.momentum=0.9", "training.learning-rate=0.05",
        "training.weight-decay=1e-3", "pruning.rewind=3it"};

    @TempDir
    private Path runs;

    private TinyRun run(String... more) {
        String[] all = Arrays.copyOf(MOMENTUM, MOMENTUM.length + more.length);
        System.arraycopy(more, 0, all, MOMENTUM.length, more.length);
        return new TinyRun(runs, all);
    }

    @ParameterizedTest
    @EnumSource
    void levelsGoOnFromTheRewindPointWithTheMomentsThatAreAskedFor(Spec.Moments moments) {
        TinyRun run = run("pruning.moments=" + moments.name().toLowerCase());
        run.execute();
        Spec spec = run.spec();
        try (var experiment = new Experiment(spec, DataSource.load(spec.data()), () -> BackendProvider.named("reference").open(1),
                Duration.ofSeconds(20))) {
            Trainer.State rewindPoint = train(experiment, 0, experiment.initial(experiment.seed(1)), 3);
            Snapshot end = train(experiment, 0, rewindPoint, 10).weights();
            assertSame(rewindPoint.weights(), run.level(0).start());
            assertSame(end, run.level(0).end());
            for (int level = 1; level <= 2; level++) {
                Masks masks = experiment.prune(end);
                Trainer.State ticket = masks.restrict(rewindPoint);
                if (moments == Spec.Moments.RESTART) {
                    ticket = new Trainer.State(3, 0, ticket.weights(), ticket.moments().zeros());
                }
                assertSame(ticket.weights(), run.level(level).start());
                end = train(experiment, level, ticket, 10).weights();
                assertSame(end, run.level(level).end());
            }
        }
    }

    private static Trainer.State train(Experiment experiment, int level, Trainer.State from, long to) {
        try (Trainer trainer = experiment.trainer(new Stage(1, level, Branch.TICKET), from)) {
            while (trainer.iteration() < to) {
                trainer.step();
            }
            return trainer.state();
        }
    }

    private static void assertSame(Snapshot expected, Path file) {
        expected.values().forEach((name, value) -> assertArrayEquals(value.values(), TinyRun.values(file, name), file + " " + name));
    }

    /** The dense network passes the rewind point without noticing it. */
    @Test
    void theDenseNetworkSimplyGoesOn() {
        TinyRun rewound = run();
        TinyRun plain = run("pruning.rewind=0it");
        rewound.execute();
        plain.execute();
        assertArrayEquals(TinyRun.values(plain.level(0).end(), "fc1.weight"), TinyRun.values(rewound.level(0).end(), "fc1.weight"));
        assertEquals(3, LearningCurve.read(rewound.level(1).metrics()).rows().getFirst().iteration());
    }

    @Test
    void theMomentsThatAreRestoredMakeADifference() {
        TinyRun restart = run("pruning.moments=restart");
        TinyRun restore = run("pruning.moments=restore");
        restart.execute();
        restore.execute();
        assertTrue(!Arrays.equals(TinyRun.values(restart.level(1).end(), "fc1.weight"), TinyRun.values(restore.level(1).end(), "fc1.weight")));
    }
}
