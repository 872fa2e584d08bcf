package coppice.imp.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which settings make another run, and which are only written differently. */
final class IdentityTest {

    @TempDir
    private Path folder;

    /** The folder's name of the preset {@code strokes} with overrides. */
    private static String name(String... overrides) {
        return folderName("strokes", overrides);
    }

    private static String folderName(String spec, String... overrides) {
        Spec read = SpecReader.read(spec, List.of(overrides));
        return Identity.of(read).folderName(read);
    }

    /** Folders that users have: were one renamed, its run would begin anew. */
    @Test
    void aRunKeepsItsFolder() throws IOException {
        String file = Files.writeString(folder.resolve("own.yaml"), """
                name: kept
                model: lenet-300-100
                data: {name: mnist, scale: unit}
                training: {length: 50000it, batch: 60, optimiser: adam, learning-rate: 1.2e-3}
                pruning: {levels: 17, layer-rates: {fc3.weight: 0.1}}
                controls: [random-reinit, random-mask]
                replicates: 3
                """).toString();
        assertEquals("kept-e887c3", folderName(file));
    }

    /** A setting that equals its default leaves no trace, so a setting that is added later renames no run. */
    @Test
    void onlyWhatDiffersFromTheDefaultsCounts() throws IOException {
        String file = Files.writeString(folder.resolve("own.yaml"), "model: linear\ndata: {name: strokes, train: 100, test: 50}\n").toString();
        Spec spec = SpecReader.read(file, List.of());
        assertEquals(Set.of("model", "data.name", "data.train", "data.test"), Identity.of(spec).differing().keySet());
        assertEquals(folderName(file), folderName(file, "training.batch=128", "pruning.levels=10", "training.milestones=[]", "seed=1"));
        assertEquals("{data.name=\"strokes\", data.test=50, data.train=100, model=\"linear\"}", Identity.of(spec).differing().toString());
    }

    @Test
    void theWayANumberIsWrittenDoesNotCount() {
        assertEquals(name("training.learning-rate=0.1"), name("training.learning-rate=0.10"));
        assertEquals(name("training.learning-rate=0.1"), name("training.learning-rate=1e-1"));
        assertEquals(name("training.weight-decay=0"), name("training.weight-decay=0.0"));
        assertEquals(name("training.epsilon=1e-8"), name());
        assertEquals(name("training.learning-rate=3"), name("training.learning-rate=3.0"));
    }

    @Test
    void whereTheDataLiesDoesNotCount() {
        assertEquals(folderName("lenet-mnist"), folderName("lenet-mnist", "data.root=/elsewhere"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"seed=2", "replicates=1", "training.batch=61", "pruning.layer-rates={}", "pruning.layer-rates.fc1.weight=0.1",
        "controls=[random-mask, random-reinit]", "backend=reference", "precision=tf32", "model=linear", "data.train=11999", "training.milestones=[3ep]",
        "training.length=1501it", "name=other"})
    void anythingElseCounts(String override) {
        assertNotEquals(name(), name(override));
    }

    @Test
    void overridesInAnyOrderAreTheSameRun() {
        assertEquals(name("seed=2", "training.batch=61"), name("training.batch=61", "seed=2"));
    }

    @Test
    void theNameStartsTheFolder() {
        assertEquals("my_run.2-", name("name=my_run.2").substring(0, 9));
    }
}
