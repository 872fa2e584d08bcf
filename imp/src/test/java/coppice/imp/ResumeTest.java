package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.imp.settings.SettingsException;
import coppice.imp.store.Branch;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that goes on, whatever state its folder is in: it ends with the bits of one that was never disturbed, or says why not. */
final class ResumeTest {

    @TempDir
    private Path runs;
    private TinyRun run;

    @BeforeEach
    void nameRun() {
        run = new TinyRun(runs, "pruning.rewind=2it", "controls=[random-mask]");
    }

    private SortedMap<String, String> undisturbed() {
        run.execute();
        return run.digests();
    }

    @Test
    void findsWhatIsDone() {
        SortedMap<String, String> expected = undisturbed();
        assertEquals(List.of("found replicate 1, level 0, ticket", "found replicate 1, level 1, ticket", "found replicate 1, level 2, ticket",
                "found replicate 1, level 1, random-mask", "found replicate 1, level 2, random-mask"), run.execute());
        assertEquals(expected, run.digests());
    }

    @Test
    void goesOnFromTheStepItWasStoppedAt(@TempDir Path others) throws IOException {
        var whole = new TinyRun(others, run.overrides());
        whole.execute();
        assertEquals(List.of("started replicate 1, level 0, ticket at 0", "started replicate 1, level 0, ticket at 2",
                "stopped at step 7 of replicate 1, level 0, ticket"),
                run.executeUntil(1, 7));
        List<String> then = run.executeUntil(2, 5);
        assertEquals("started replicate 1, level 0, ticket at 7", then.getFirst());
        assertEquals("stopped at step 5 of replicate 1, level 1, ticket", then.getLast());
        // Weights, mean and square of 80 % of 7,840 weights and 10 biases.
        assertEquals(4 * 3 * (6272 + 10), TinyRun.dataBytes(run.level(1).checkpoint()));
        run.execute();
        assertEquals(whole.digests(), run.digests());
    }

    @Test
    void theRewindPointIsTrainedToOnce() throws IOException {
        run.execute();
        Path point = run.folder().rewindPoint(1);
        var written = Files.getLastModifiedTime(point);
        run.execute();
        assertEquals(written, Files.getLastModifiedTime(point));
        SortedMap<String, String> expected = run.digests();
        Files.write(point, new byte[] {1}, StandardOpenOption.APPEND);
        assertTrue(run.execute().getFirst().startsWith("note: " + point), "a damaged rewind point is done again aloud");
        assertEquals(expected, run.digests());
    }

    @Test
    void resultsOfEarlierStartsStayInTheTable() throws IOException {
        run.execute();
        List<String> table = Files.readAllLines(run.folder().results());
        Files.delete(run.level(1).end());
        run.executeUntil(1, 5);
        assertEquals(table, Files.readAllLines(run.folder().results()));
    }

    @Test
    void otherExamplesAreRefused() throws IOException {
        run.execute();
        SortedMap<String, String> expected = run.digests();
        String sum = Files.readString(run.folder().data());
        Files.writeString(run.folder().data(), sum.replace(sum.charAt(0), sum.charAt(0) == '0' ? '1' : '0'));
        assertEquals("data.root: " + run.folder().path() + " was started with other examples than these; give the folder they came from, "
                + "or choose another one for the run with --runs", assertThrows(SettingsException.class, run::execute).getMessage());
        Files.writeString(run.folder().data(), sum);
        assertEquals(expected, run.digests());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mask.safetensors", "start.safetensors", "end.safetensors", "metrics.csv", "timing.csv"})
    void aDamagedFileIsDoneAgainAloud(String name) throws IOException {
        SortedMap<String, String> expected = undisturbed();
        Path file = run.level(1).path().resolve(name);
        for (Damage damage : Damage.values()) {
            if (name.equals("timing.csv") && damage == Damage.FLIPPED) {
                continue;                                         // another number of seconds changes no result
            }
            damage.to(file);
            List<String> said = run.execute();
            String note = said.stream().filter(line -> line.startsWith("note: ")).findFirst().orElseThrow();
            assertTrue(note.contains(file.toString()) && note.endsWith(" – it is done again"), damage + ": " + note);
            assertTrue(said.contains("finished replicate 1, level 1, ticket"), said.toString());
            // The same bits as before, so what follows from them stands.
            assertTrue(said.contains("found replicate 1, level 2, ticket"), said.toString());
            assertEquals(expected, run.digests());
        }
    }

    private enum Damage {
        FLIPPED, TRUNCATED, EMPTIED, REMOVED;

        void to(Path file) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            switch (this) {
                case FLIPPED -> {
                    bytes[bytes.length / 2] ^= 1;
                    Files.write(file, bytes);
                }
                case TRUNCATED -> Files.write(file, Arrays.copyOf(bytes, bytes.length - 3));
                case EMPTIED -> Files.write(file, new byte[0]);
                case REMOVED -> {
                    if (!file.endsWith("end.safetensors")) {      // without an end it is an unfinished training, nothing to tell
                        Files.delete(file);
                    } else {
                        FLIPPED.to(file);
                    }
                }
            }
        }
    }

    /** A number changed to another that reads as well. */
    @Test
    void aCurveThatWasEditedIsNoticed() throws IOException {
        SortedMap<String, String> expected = undisturbed();
        Path metrics = run.level(1).metrics();
        Files.writeString(metrics, Files.readString(metrics).replaceFirst("\n10,\\d", "\n10,7"));
        assertTrue(run.execute().contains("note: " + metrics + ": was changed after its training ended; its SHA-256 is not the one that "
                + "end.safetensors holds – it is done again"));
        assertEquals(expected, run.digests());
    }

    @Test
    void aDamagedCheckpointStartsItsTrainingOverAloud(@TempDir Path others) throws IOException {
        var whole = new TinyRun(others, run.overrides());
        whole.execute();
        run.executeUntil(1, 5);
        for (Damage damage : List.of(Damage.FLIPPED, Damage.TRUNCATED, Damage.EMPTIED)) {
            damage.to(run.level(0).checkpoint());
            List<String> said = run.executeUntil(1, 6);
            assertTrue(said.getFirst().startsWith("note: " + run.level(0).checkpoint() + ": ") && said.getFirst().endsWith(" – this training starts over"),
                    said.toString());
            assertEquals("started replicate 1, level 0, ticket at 2", said.get(1));
        }
        run.execute();
        assertEquals(whole.digests(), run.digests());
    }

    @Test
    void whatBeganFromOtherWeightsIsNotUsed(@TempDir Path others) throws IOException {
        SortedMap<String, String> expected = undisturbed();
        var stranger = new TinyRun(others, "seed=2", "pruning.rewind=2it", "controls=[random-mask]");
        stranger.execute();
        copy(stranger.level(1), run.level(1));
        List<String> said = run.executeUntil(1, 4);
        assertTrue(said.contains("note: " + run.level(1).path() + " began from other weights or another mask; it is done again"), said.toString());
        assertEquals("stopped at step 4 of replicate 1, level 1, ticket", said.getLast());
        assertFalse(Files.exists(run.level(1).end()), "the stranger's end stands beside a start that is not its own");
        run.execute();
        assertEquals(expected, run.digests());
    }

    @Test
    void aCheckpointFromOtherWeightsIsNotUsed(@TempDir Path others) throws IOException {
        SortedMap<String, String> expected = undisturbed();
        var stranger = new TinyRun(others, "seed=2", "pruning.rewind=2it", "controls=[random-mask]");
        stranger.executeUntil(2, 5);
        Files.delete(run.level(1).end());
        copy(stranger.level(1), run.level(1));
        List<String> said = run.execute();
        assertTrue(said.contains("note: " + run.level(1).checkpoint()
                + " belongs to a training from other weights or another mask; this training starts over"), said.toString());
        assertTrue(said.contains("started replicate 1, level 1, ticket at 2"), said.toString());
        assertEquals(expected, run.digests());
    }

    private static void copy(LevelFolder from, LevelFolder to) throws IOException {
        try (var files = Files.list(from.path())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.path().resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** A run may be killed between its last write and the removal of what it needs no more, or while it writes. */
    @Test
    void whatAKilledProcessLeftIsCleared() throws IOException {
        SortedMap<String, String> expected = undisturbed();
        Files.write(run.level(2).checkpoint(), new byte[100]);
        Files.write(run.level(1).path().resolve(".end.safetensors.999999999-1.tmp"), new byte[100]);
        Files.write(run.folder().path().resolve(".results.csv." + ProcessHandle.current().pid() + "-77.tmp"), new byte[100]);
        run.execute();
        assertEquals(expected, run.digests());
    }

    @Test
    void refusesAFolderOfOtherSettings() throws IOException {
        SortedMap<String, String> expected = undisturbed();
        Files.writeString(run.folder().spec(), Files.readString(run.folder().spec()).replace("seed: 1", "seed: 3"));
        String message = assertThrows(SettingsException.class, () -> run.execute()).getMessage();
        assertTrue(message.startsWith(run.folder().path() + " holds a run with other settings: ") && message.contains("seed=3")
                && message.endsWith("; choose another folder with --runs, or remove it"), message);
        Files.writeString(run.folder().spec(), Files.readString(run.folder().spec()).replace("seed: 3", "seed: 1"));
        assertEquals(expected, run.digests());
    }

    @Test
    void refusesAFolderWhoseSettingsAreDamaged() throws IOException {
        undisturbed();
        Files.writeString(run.folder().spec(), "model: [");
        assertTrue(assertThrows(SettingsException.class, () -> run.execute()).getMessage()
                .startsWith(run.folder().spec() + ", line 1: cannot be read as YAML: "));
    }

    @Test
    void refusesAFolderInWhichAnotherProgramIsAtWork() throws IOException {
        Files.createDirectories(run.folder().path());
        try (var channel = FileChannel.open(run.folder().path().resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            assertEquals(run.folder().path() + ": another program is working on this run; wait for it, or stop it",
                    assertThrows(StoreException.class, () -> run.execute()).getMessage());
        }
        assertEquals(List.of(".lock"), List.copyOf(run.digests().keySet()));
    }

    @Test
    void aLossThatIsNoNumberStopsTheRunAndSaysWhere() {
        var diverging = new TinyRun(runs, "training.optimiser=sgd", "training.learning-rate=1e38", "training.loss=squared-error");
        String message = assertThrows(DivergedException.class, diverging::execute).getMessage();
        assertTrue(message.matches("training diverged: the (validation )?loss is (NaN|Infinity) at step [1-3] of replicate 1, level 0, ticket"
                + " \\(optimiser sgd, learning-rate 1\\.0E38, warmup 0it, batch 12, momentum 0\\.9, weight-decay 0\\.0\\);"
                + " a lower training.learning-rate or a longer training.warmup may help"), message);
        assertFalse(Files.exists(diverging.level(0).end()));
        // Before the rewind point as well.
        var early = new TinyRun(runs, "training.optimiser=sgd", "training.learning-rate=1e38", "training.loss=squared-error", "pruning.rewind=8it");
        assertTrue(assertThrows(DivergedException.class, early::execute).getMessage().contains(" at step "));
        assertFalse(Files.exists(early.folder().level(1, 0, Branch.TICKET).start()));
        // After the last step of all, whose loss was that before it.
        var last = new TinyRun(runs, "training.optimiser=sgd", "training.learning-rate=1e38", "training.loss=squared-error", "training.length=1it");
        assertTrue(assertThrows(DivergedException.class, last::execute).getMessage()
                .startsWith("training diverged: the validation loss is "));
    }
}
