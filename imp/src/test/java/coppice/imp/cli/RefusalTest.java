package coppice.imp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.BackendProvider;
import coppice.imp.TinyRun;
import coppice.imp.settings.Preset;
import coppice.nn.models.Models;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be done is refused with one sentence and exit code 2 before any work, and leaves nothing behind. */
final class RefusalTest {

    @TempDir
    private Path folder;
    private Path runs;

    @BeforeEach
    void nameRuns() {
        runs = folder.resolve("runs");
    }

    private void assertRefused(String message, Ran ran) {
        // Above the error, a display may have said what it was about to do.
        String[] lines = ran.err().split("\n");
        assertEquals("coppice: " + message, lines[lines.length - 1]);
        assertEquals(2, ran.code());
        assertEquals("", ran.out());
        assertFalse(Files.exists(runs), "a refused run left something behind");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
            trainig.batch=4                  | command line: there is no key "trainig.batch"; did you mean "training.batch"?
            training.batch=many              | command line: training.batch: must be a whole number, got "many"
            replicates=-1                    | command line: replicates: must be at least 1, got -1
            pruning.rate=1.5                 | command line: pruning.rate: must be above 0 and below 1, got 1.5
            controls=[random-mask, random-mask] | command line: controls: must be some of random-reinit and random-mask, each once, got [random-mask, random-mask]
            pruning.layer-rates.fc9.weight=0.1 | pruning.layer-rates: linear has no prunable weight "fc9.weight", only fc1.weight
            pruning.layer-rates.fc1.bias=0.1 | pruning.layer-rates: linear has no prunable weight "fc1.bias", only fc1.weight
            pruning.rewind=10it              | pruning.rewind: must lie before the end of training at step 10, got step 10
            pruning.rewind=7ep               | pruning.rewind: must lie before the end of training at step 10, got step 35
            data.validation=90               | data.validation: must be below the 90 training examples, got 90
            data.validation=5000             | data.validation: must be below the 90 training examples, got 5000
            training.batch=61                | training.batch: must be at most the 60 examples left to train on, got 61
            data.train=2000001               | data.train: "strokes" draws at most 2000000 examples, got 2000001
            data.test=null                   | data.train and data.test: "strokes" draws as many examples as it is asked for, and needs both counts
            data.name=cifar                  | data.name: there is no data set "cifar", only strokes, strokes-rgb, mnist, fashion-mnist, cifar-10, cifar-100, image-folder
            --threads=0                      | --threads: must be at least 1, got 0
            --checkpoint-every=-1            | --checkpoint-every: must be 0 to 86400 seconds, got -1.0
            --checkpoint-every=NaN           | --checkpoint-every: must be 0 to 86400 seconds, got NaN
            """)
    void refusesBadSettings(String argument, String message) {
        assertRefused(message, Ran.tiny(runs, argument));
    }

    @Test
    void refusesToPruneEverything() {
        assertRefused("pruning.levels: no weight is left at level 5 of 9; must be at most 4 at this pruning.rate, 0.9",
                Ran.tiny(runs, "pruning.rate=0.9", "pruning.levels=9"));
    }

    @Test
    void refusesLevelsThatPruneNothing() {
        assertRefused("pruning.levels: no weight goes any more at level 1 of 3; must be at most 0 at this pruning.rate, 1.0E-5",
                Ran.tiny(runs, "pruning.rate=1e-5", "pruning.levels=3"));
    }

    @Test
    void refusesWhatIsNotThere() {
        assertRefused("preset: there is no \"stroke\"; did you mean \"strokes\"?; there are " + String.join(", ", Preset.names())
                + ", or name a .yaml file", Ran.coppice("run", "stroke", "--runs", runs.toString()));
        assertRefused("model: there is no \"lenet\", only " + String.join(", ", Models.names()), Ran.tiny(runs, "model=lenet"));
        for (Ran ran : new Ran[] {Ran.tiny(runs, "backend=gpu"), Ran.tiny(runs, "--backend", "gpu")}) {
            assertEquals(2, ran.code());
            assertTrue(ran.err().matches("(?s)coppice: backend: there is no \"gpu\", only .*reference\n"), ran.err());
            assertFalse(Files.exists(runs));
        }
    }

    @Test
    void saysInOneSentenceWhyThereIsNoGpu() {
        BackendProvider cuda = BackendProvider.all().stream().filter(each -> each.name().equals("cuda")).findFirst().orElseThrow();
        assumeFalse(cuda.isAvailable(), "skipped: there is a GPU");
        assertRefused("backend: cuda cannot be used here: " + cuda.description(), Ran.tiny(runs, "--backend", "cuda"));
    }

    @Test
    void tf32IsForTheGpu() {
        assertRefused("precision: reference has fp32 only, got tf32", Ran.tiny(runs, "precision=tf32"));
    }

    /** What the command line itself does not understand. */
    @ParameterizedTest
    @ValueSource(strings = {"--threads=many", "--threads=", "--thread=1", "--checkpoint-every=often"})
    void refusesBadOptions(String option) {
        Ran ran = Ran.tiny(runs, option);
        assertEquals(2, ran.code());
        assertTrue(ran.err().contains(option.substring(0, option.indexOf('='))), ran.err());
        assertFalse(ran.err().contains("\tat "), ran.err());
        assertFalse(Files.exists(runs));
    }

    @Test
    void refusesUnknownCommands() {
        assertEquals(2, Ran.coppice("runn").code());
        assertEquals(2, Ran.coppice("run").code());
        assertEquals(2, Ran.coppice("data", "fetch", "cifar").code());
    }

    // ---- data files

    private void writeData() throws IOException {
        Files.write(folder.resolve("train-images-idx3-ubyte.gz"), gzip(images(40)));
        Files.write(folder.resolve("train-labels-idx1-ubyte.gz"), gzip(labels(40)));
        Files.write(folder.resolve("t10k-images-idx3-ubyte.gz"), gzip(images(20)));
        Files.write(folder.resolve("t10k-labels-idx1-ubyte.gz"), gzip(labels(20)));
    }

    private static byte[] images(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(16 + count * 6).putInt(0x803).putInt(count).putInt(2).putInt(3);
        while (bytes.hasRemaining()) {
            bytes.put((byte) (bytes.position() * 37));
        }
        return bytes.array();
    }

    private static byte[] labels(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
        while (bytes.hasRemaining()) {
            bytes.put((byte) (bytes.position() % 10));
        }
        return bytes.array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private Ran mnist(String... more) {
        String[] all = Arrays.copyOf(new String[] {"data.name=mnist", "data.root=" + folder, "data.train=null", "data.test=null",
            "data.validation=10", "training.batch=6"}, 6 + more.length);
        System.arraycopy(more, 0, all, 6, more.length);
        return Ran.tiny(runs, all);
    }

    @Test
    void takesSoundData() throws IOException {
        writeData();
        Ran ran = mnist();
        assertEquals(0, ran.code(), ran.err());
        Ran check = Ran.coppice("data", "check", folder.toString());
        assertEquals(0, check.code());
        assertTrue(check.out().strip().endsWith(folder + ": sound"), check.out());
    }

    @Test
    void refusesUnsoundData() throws IOException {
        Path images = folder.resolve("train-images-idx3-ubyte.gz");
        Path labels = folder.resolve("train-labels-idx1-ubyte.gz");
        writeData();
        Files.write(images, Arrays.copyOf(gzip(images(40)), 30));
        assertRefused(images + ": truncated, the gzip stream ends before its end mark; fetch the file again", mnist());
        byte[] corrupted = gzip(images(40));
        corrupted[corrupted.length - 7] ^= 0x10;
        Files.write(images, corrupted);
        assertRefused(images + ": damaged, not a sound gzip stream (Corrupt GZIP trailer); fetch the file again", mnist());
        Files.write(images, gzip(Arrays.copyOf(images(40), 200)));
        assertRefused(images + ": too short, the header promises 40×2×3 bytes, 240, got 184", mnist());
        Ran check = Ran.coppice("data", "check", folder.toString());
        assertEquals(2, check.code());
        assertTrue(check.out().contains("problem: " + images + ": too short, the header promises 40×2×3 bytes, 240, got 184"), check.out());
        Files.write(images, labels(40));
        assertRefused(images + ": magic number is 0x00000801, expected 0x00000803 (images, unsigned bytes)", mnist());
        writeData();
        Files.write(labels, gzip(labels(39)));
        assertRefused(labels + ": must hold one label per image, got 39 labels for the 40 images of train-images-idx3-ubyte.gz", mnist());
        byte[] stray = labels(40);
        stray[8 + 3] = 12;
        Files.write(labels, gzip(stray));
        assertRefused(labels + ": label 3 is 12, expected 0 to 9", mnist());
        Files.delete(labels);
        assertRefused(folder + ": has no file train-labels-idx1-ubyte or train-labels-idx1-ubyte.gz", mnist());
        writeData();
        assertRefused("data.train: mnist train has 40 examples, got 41", mnist("data.train=41"));
        assertRefused("data.validation: must be below the 40 training examples, got 40", mnist("data.validation=40"));
        assertRefused(folder + "/none: no such folder; it should hold train-images-idx3-ubyte, train-labels-idx1-ubyte, "
                + "t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each with or without .gz", mnist("data.root=" + folder + "/none"));
    }

    // ---- the folder of runs

    @Test
    void refusesARunsFolderBelowAFile() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");
        Ran ran = Ran.tiny(file.resolve("runs"));
        assertEquals(2, ran.code());
        assertTrue(ran.err().startsWith("coppice: " + file + "/runs/strokes-") && ran.err().contains(": cannot be written (")
                && ran.err().endsWith("; choose another folder with --runs, or check its permissions and the space left\n"), ran.err());
        assertEquals("x", Files.readString(file));
    }

    @Test
    void refusesAReadOnlyRunsFolder() throws Exception {
        Files.createDirectories(runs);
        try (var mount = Mount.of(runs, "ro,size=64k")) {
            Ran ran = Ran.tiny(runs);
            assertEquals(2, ran.code());
            assertTrue(ran.err().contains("cannot be written (") && ran.err().contains("Read-only file system")
                    && ran.err().contains("choose another folder with --runs"), ran.err());
        }
    }

    /** Stops where the disk is full, with whole files only, and goes on to the same bits when there is room. */
    @Test
    void stopsWhereTheDiskIsFull(@TempDir Path others) throws Exception {
        var whole = new TinyRun(others);
        whole.execute();
        Files.createDirectories(runs);
        try (var mount = Mount.of(runs, "size=160k")) {
            Ran ran = Ran.tiny(runs);
            assertEquals(2, ran.code(), ran.err());
            assertTrue(ran.err().matches("(?s)coppice: .*: cannot be written \\(No space left on device\\); check the space left and the permissions of .*"),
                    ran.err());
            var digests = new TinyRun(runs).digests();
            assertTrue(digests.keySet().stream().noneMatch(file -> file.endsWith(".tmp")), digests.keySet().toString());
            digests.keySet().removeAll(Set.of("results.csv"));
            digests.forEach((file, digest) -> assertEquals(whole.digests().get(file), digest, file));
            mount.remount("size=4m");
            assertEquals(0, Ran.tiny(runs).code());
            var after = new TinyRun(runs).digests();
            after.remove("report.html");
            assertEquals(whole.digests(), after);
        }
    }

    /** A small file system in memory, where this machine lets one be mounted. */
    private record Mount(Path path) implements AutoCloseable {

        static Mount of(Path path, String options) throws Exception {
            assumeTrue(System.getProperty("os.name").equals("Linux") && run("mount", "-t", "tmpfs", "-o", options, "tmpfs", path.toString()),
                    "skipped: mounting a tmpfs needs Linux and root");
            return new Mount(path);
        }

        void remount(String options) throws Exception {
            assertTrue(run("mount", "-o", "remount," + options, path.toString()));
        }

        @Override
        public void close() throws Exception {
            assertTrue(run("umount", path.toString()));
        }

        private static boolean run(String... command) throws Exception {
            try {
                Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
                return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
            } catch (IOException e) {
                return false;
            }
        }
    }

    @Test
    void refusesAFolderOfOtherSettings() throws IOException {
        var run = new TinyRun(runs);
        assertEquals(0, Ran.tiny(runs).code());
        Files.writeString(run.folder().spec(), Files.readString(run.folder().spec()).replace("seed: 1", "seed: 3"));
        Ran ran = Ran.tiny(runs);
        assertEquals(2, ran.code());
        assertTrue(ran.err().startsWith("coppice: " + run.folder().path() + " holds a run with other settings: "), ran.err());
    }

    @Test
    void aLossThatIsNoNumberIsAFailureNotARefusal() {
        Ran ran = Ran.tiny(runs, "training.optimiser=sgd", "training.learning-rate=1e38", "training.loss=squared-error");
        assertEquals(1, ran.code());
        assertTrue(ran.err().startsWith("coppice: training diverged: the ") && ran.err().contains("learning-rate 1.0E38"), ran.err());
    }

    @Test
    void whatHadToBeDoneAgainIsSaidEvenToWhoWantsQuiet() throws IOException {
        assertEquals("", Ran.tiny(runs).err());
        assertEquals("", Ran.tiny(runs).err());
        Path end = new TinyRun(runs).level(1).end();
        Files.write(end, new byte[9]);
        Ran ran = Ran.tiny(runs);
        assertEquals(0, ran.code());
        assertTrue(ran.err().startsWith("note: " + end + ": ") && ran.err().endsWith(" – it is done again\n"), ran.err());
    }

    @Test
    void otherCommandsRefuseWhatIsNoRun() throws IOException {
        String notARun = folder + "/none: not a run folder, it has no spec.yaml; name a folder that a run made, such as runs/lenet-mnist-3f9c2a";
        assertRefused(notARun, Ran.coppice("show", folder + "/none"));
        assertRefused(notARun, Ran.coppice("report", folder + "/none"));
        assertRefused("preset: there is no \"lenet\"; there are " + String.join(", ", Preset.names()), Ran.coppice("presets", "lenet"));
        assertRefused("data: no data set is named cifar, expected mnist, fashion-mnist, cifar-10, cifar-100", Ran.coppice("data", "fetch", "cifar"));
    }
}
