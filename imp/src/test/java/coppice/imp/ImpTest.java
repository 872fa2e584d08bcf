package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.BackendProvider;
import coppice.imp.settings.SpecReader;
import coppice.imp.store.Branch;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.Results;
import coppice.imp.store.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the files of a finished run say about how it came about: two replicates of a LeNet with both controls. */
@TestInstance(Lifecycle.PER_CLASS)
final class ImpTest {

    private static final int LEVELS = 2;
    private static final int REPLICATES = 2;
    private static final long STEPS = 10;
    private static final List<String> WEIGHTS = List.of("fc1.weight", "fc2.weight", "fc3.weight");
    private static final List<String> BIASES = List.of("fc1.bias", "fc2.bias", "fc3.bias");

    private TinyRun run;
    private List<Results.Row> rows;

    @BeforeAll
    void runOnce(@TempDir Path runs) {
        run = new TinyRun(runs, "model=lenet-300-100", "pruning.layer-rates.fc3.weight=0.1", "controls=[random-reinit, random-mask]",
                "replicates=2");
        run.execute();
        rows = Results.read(run.folder().results()).rows();
    }

    private LevelFolder level(int replicate, int level, Branch branch) {
        return run.folder().level(replicate, level, branch);
    }

    private static int[] positions(LevelFolder level, String weight) {
        return Safetensors.read(level.mask()).ints(weight).values();
    }

    private static float[] at(float[] values, int[] positions) {
        float[] picked = new float[positions.length];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = values[positions[i]];
        }
        return picked;
    }

    @Test
    void everyLevelStartsFromTheSurvivorsOfTheFirstStartBitForBit() {
        for (int replicate = 1; replicate <= REPLICATES; replicate++) {
            LevelFolder dense = level(replicate, 0, Branch.TICKET);
            for (int level = 1; level <= LEVELS; level++) {
                for (Branch branch : List.of(Branch.TICKET, Branch.RANDOM_MASK)) {
                    LevelFolder folder = level(replicate, level, branch);
                    for (String weight : WEIGHTS) {
                        assertArrayEquals(at(TinyRun.values(dense.start(), weight), positions(folder, weight)),
                                TinyRun.values(folder.start(), weight), folder.path() + " " + weight);
                    }
                    for (String bias : BIASES) {
                        assertArrayEquals(TinyRun.values(dense.start(), bias), TinyRun.values(folder.start(), bias));
                    }
                }
            }
        }
    }

    @Test
    void eachLevelPrunesItsShareOfTheLeastWeightsThatTheOneBeforeEndedWith() {
        for (String weight : WEIGHTS) {
            double rate = weight.equals("fc3.weight") ? 0.1 : 0.2;
            float[] dense = TinyRun.values(level(1, 0, Branch.TICKET).end(), weight);
            int[] before = IntStream.range(0, dense.length).toArray();
            for (int level = 1; level <= LEVELS; level++) {
                float[] end = TinyRun.values(level(1, level - 1, Branch.TICKET).end(), weight);
                int[] kept = positions(level(1, level, Branch.TICKET), weight);
                assertEquals(before.length - Math.round(rate * before.length), kept.length, weight);
                Set<Integer> survivors = Arrays.stream(kept).boxed().collect(Collectors.toCollection(TreeSet::new));
                double largestPruned = 0;
                double smallestKept = Double.POSITIVE_INFINITY;
                for (int i = 0; i < before.length; i++) {
                    if (survivors.remove(before[i])) {
                        smallestKept = Math.min(smallestKept, Math.abs(end[i]));
                    } else {
                        largestPruned = Math.max(largestPruned, Math.abs(end[i]));
                    }
                }
                assertTrue(survivors.isEmpty(), weight + ": positions that were pruned before came back: " + survivors);
                assertTrue(largestPruned <= smallestKept, weight + ": " + largestPruned + " went, " + smallestKept + " stayed");
                before = kept;
            }
        }
    }

    @Test
    void theRandomMaskHasTheTicketsNumbersAtOtherPositions() {
        for (String weight : WEIGHTS) {
            int[] first = positions(level(1, 1, Branch.RANDOM_MASK), weight);
            int[] ticket = positions(level(1, 1, Branch.TICKET), weight);
            assertEquals(ticket.length, first.length);
            assertTrue(!Arrays.equals(ticket, first));
            // Drawn anew at each level: the second is no part of the first.
            Set<Integer> of = Arrays.stream(first).boxed().collect(Collectors.toSet());
            assertTrue(Arrays.stream(positions(level(1, 2, Branch.RANDOM_MASK), weight)).anyMatch(position -> !of.contains(position)));
        }
    }

    @Test
    void theReinitialisedControlHasTheTicketsMaskAndFreshWeights() {
        for (int level = 1; level <= LEVELS; level++) {
            LevelFolder ticket = level(1, level, Branch.TICKET);
            LevelFolder control = level(1, level, Branch.RANDOM_REINIT);
            assertEquals(Safetensors.read(ticket.mask()), Safetensors.read(control.mask()));
            for (String weight : WEIGHTS) {
                float[] fresh = TinyRun.values(control.start(), weight);
                float[] rewound = TinyRun.values(ticket.start(), weight);
                int equal = 0;
                for (int i = 0; i < fresh.length; i++) {
                    equal += fresh[i] == rewound[i] ? 1 : 0;
                }
                assertTrue(equal < 1e-3 * fresh.length, weight + ": " + equal + " of " + fresh.length + " weights are the ticket's");
            }
        }
        assertNotEquals(TinyRun.values(level(1, 1, Branch.RANDOM_REINIT).start(), "fc3.weight")[0],
                TinyRun.values(level(1, 2, Branch.RANDOM_REINIT).start(), "fc3.weight")[0]);
    }

    @Test
    void replicatesStartFromWeightsOfTheirOwn() {
        assertTrue(!Arrays.equals(TinyRun.values(level(1, 0, Branch.TICKET).start(), "fc1.weight"),
                TinyRun.values(level(2, 0, Branch.TICKET).start(), "fc1.weight")));
    }

    @Test
    void filesHoldSurvivorsOnly() throws IOException {
        for (Results.Row row : rows) {
            LevelFolder folder = level(row.replicate(), row.level(), row.branch());
            assertEquals(4 * (row.weightsLeft() + 410), TinyRun.dataBytes(folder.start()));
            assertEquals(4 * (row.weightsLeft() + 410), TinyRun.dataBytes(folder.end()));
            assertEquals(row.level() == 0 ? 0 : 4 * row.weightsLeft(), TinyRun.dataBytes(folder.mask()));
        }
    }

    @Test
    void resultsHaveARowForEachTrainingInOrder() {
        List<String> expected = new ArrayList<>();
        for (int replicate = 1; replicate <= REPLICATES; replicate++) {
            expected.add("ticket " + replicate + " 0");
            for (int level = 1; level <= LEVELS; level++) {
                for (String branch : List.of("ticket", "random-reinit", "random-mask")) {
                    expected.add(branch + " " + replicate + " " + level);
                }
            }
        }
        assertEquals(expected, rows.stream().map(row -> row.branch().label() + " " + row.replicate() + " " + row.level()).toList());
        assertEquals(rows.size(), run.spec().trainings());
    }

    @Test
    void resultsCountWhatIsLeftAndWhatAStepTakes() {
        for (Results.Row row : rows) {
            long[] left = {235_200, 30_000, 1000};
            for (int level = 0; level < row.level(); level++) {
                left[0] -= Math.round(0.2 * left[0]);
                left[1] -= Math.round(0.2 * left[1]);
                left[2] -= Math.round(0.1 * left[2]);
            }
            assertEquals(left[0] + left[1] + left[2], row.weightsLeft());
            assertEquals(row.weightsLeft() / 266_200.0, row.density());
            assertEquals(2 * 12 * (2 * left[0] + 3 * left[1] + 3 * left[2]), row.stepFlops());
        }
    }

    @Test
    void curvesMeasureAtTheStartEveryFewStepsAndAtTheEnd() {
        for (Results.Row row : rows) {
            LearningCurve curve = LearningCurve.read(level(row.replicate(), row.level(), row.branch()).metrics());
            assertEquals(List.of(0L, 4L, 8L, STEPS), curve.rows().stream().map(LearningCurve.Row::iteration).toList());
            double least = Double.POSITIVE_INFINITY;
            for (LearningCurve.Row measured : curve.rows()) {
                boolean needed = measured.validationLoss() < least || measured.iteration() == STEPS;
                assertEquals(needed, measured.testAccuracy().isPresent(), "test accuracy at iteration " + measured.iteration());
                least = Math.min(least, measured.validationLoss());
            }
        }
    }

    /** Early stop is the iteration of least validation loss, the first of equals. */
    @Test
    void resultsAreThoseOfTheCurve() {
        for (Results.Row row : rows) {
            List<LearningCurve.Row> curve = LearningCurve.read(level(row.replicate(), row.level(), row.branch()).metrics()).rows();
            double least = curve.stream().mapToDouble(LearningCurve.Row::validationLoss).min().orElseThrow();
            LearningCurve.Row early = curve.stream().filter(measured -> measured.validationLoss() == least).findFirst().orElseThrow();
            assertEquals(early.iteration(), row.earlyStopIteration());
            assertEquals(early.testAccuracy().orElseThrow(), row.accuracyAtEarlyStop());
            assertEquals(curve.getLast().testAccuracy().orElseThrow(), row.accuracyAtEnd());
        }
    }

    @Test
    void twoRunsAreTheSameBits(@TempDir Path others) {
        var other = new TinyRun(others, run.overrides());
        other.execute();
        assertEquals(run.digests(), other.digests());
    }

    /** On the backend that would be used for work. Threads first take a training each, then share the kernels of one. */
    @ParameterizedTest
    @ValueSource(strings = {"replicates=2", "replicates=1"})
    void anyNumberOfThreadsGivesTheSameBits(String replicates, @TempDir Path one, @TempDir Path two, @TempDir Path three) {
        String backend = BackendProvider.all().stream().filter(BackendProvider::isAvailable).map(BackendProvider::name)
                .filter(name -> !name.equals("cuda")).findFirst().orElseThrow();
        var spec = SpecReader.read("strokes", Stream.of(TinyRun.SETTINGS, List.of("model=lenet-300-100", replicates,
                replicates.endsWith("2") ? "controls=[random-mask]" : "controls=[]")).flatMap(List::stream).toList()).on(backend);
        var digests = new ArrayList<Object>();
        for (var runs : List.of(one, two, three)) {
            Run of = Run.of(spec, runs, digests.size() + 1, Duration.ofSeconds(20));
            of.execute(Progress.SILENT, new StopFlag());
            digests.add(TinyRun.digests(of.folder().path()));
        }
        assertEquals(digests.get(0), digests.get(1));
        assertEquals(digests.get(0), digests.get(2));
    }

    @Test
    void leavesTheseFilesAndNoOthers() {
        Set<String> expected = new TreeSet<>(List.of(".lock", "spec.yaml", "data.sha256", "results.csv"));
        for (Results.Row row : rows) {
            Path folder = level(row.replicate(), row.level(), row.branch()).path();
            for (String file : List.of("mask.safetensors", "start.safetensors", "end.safetensors", "metrics.csv", "timing.csv")) {
                expected.add(run.folder().path().relativize(folder.resolve(file)).toString());
            }
        }
        assertEquals(expected, run.digests().keySet());
    }
}
