package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.BackendProvider;
import coppice.engine.Seed;
import coppice.imp.settings.Spec;
import coppice.imp.settings.SpecReader;
import coppice.imp.store.Branch;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.StoreException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program in a process of its own, killed, interrupted and started again: its files are those of a run that was left alone. On
 * the backend that would be used for work, with both controls, and Adam's moments restored at a rewind to step 10. The model is linear,
 * since what counts is how long a process trains beside how long it takes to start.
 */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class SameBitsTest {

    private static final Seed SEED = Seed.of(20);
    private static final int KILLS = 20;
    private static final int SIGKILL = 128 + 9;
    private static final int SIGINT = 128 + 2;
    private static final String INTERRUPTED = "holds everything up to here: give the same command again to go on";

    private final List<String> settings = Stream.concat(TinyRun.SETTINGS.stream(), Stream.of("data.train=120",
            "data.validation=40", "training.batch=16", "training.length=1000it", "training.evaluate-every=100it", "pruning.rewind=10it",
            "pruning.moments=restore", "controls=[random-reinit, random-mask]", "backend=" + backend())).toList();

    private Path folder;
    private SortedMap<String, String> undisturbed;
    private Duration startUp;
    private Duration wholeRun;

    private static String backend() {
        return BackendProvider.all().stream().filter(BackendProvider::isAvailable).map(BackendProvider::name)
                .filter(name -> !name.equals("cuda")).findFirst().orElseThrow();
    }

    @BeforeAll
    void runUndisturbed(@TempDir Path temporary) throws Exception {
        folder = temporary;
        new TinyRun(folder.resolve("first"), "backend=" + backend()).execute();      // measures kernels, which the timed run then need not
        Path runs = folder.resolve("undisturbed");
        long began = System.nanoTime();
        Process process = start(runs, 1);
        await(process, () -> Files.exists(level(runs, 0).start()));
        startUp = Duration.ofNanos(System.nanoTime() - began);
        assertEquals(0, process.waitFor(), () -> errors(runs));
        wholeRun = Duration.ofNanos(System.nanoTime() - began);
        undisturbed = TinyRun.digests(run(runs).folder().path());
    }

    private Run run(Path runs) {
        Spec spec = SpecReader.read("strokes", settings);
        return Run.of(spec, runs, 1, Duration.ofSeconds(20));
    }

    private LevelFolder level(Path runs, int level) {
        return run(runs).folder().level(1, level, Branch.TICKET);
    }

    /** The command line in a process with the flags and the class path of this one. */
    private Process start(Path runs, int threads) throws IOException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> flag.startsWith("--") || flag.startsWith("-Djdk.") || flag.startsWith("-XX:")).forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "coppice.imp.cli.Coppice", "run", "strokes", "--runs",
                runs.toString(), "--threads", Integer.toString(threads), "--checkpoint-every", "0.05"));
        command.addAll(settings);
        Files.createDirectories(runs);
        return new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.appendTo(runs.resolve("errors").toFile())).start();
    }

    private static String errors(Path runs) {
        try {
            return Files.readString(runs.resolve("errors"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static void await(Process process, BooleanSupplier moment) throws InterruptedException {
        while (process.isAlive() && !moment.getAsBoolean()) {
            Thread.sleep(5);
        }
    }

    /**
     * The first process is killed after its first checkpoint. Then moments are drawn from the start of a process on, its start-up included, so far
     * that twenty processes do a good part of the run.
     */
    @Test
    void aRunKilledTwentyTimesEndsWithTheSameBits() throws Exception {
        Path runs = folder.resolve("killed");
        double longest = startUp.toMillis() + 3.0 * wholeRun.minus(startUp).toMillis() / KILLS;
        int kills = 0;
        int resumed = 0;
        for (int attempt = 0; kills < KILLS; attempt++) {
            resumed += hasCheckpoint(runs) ? 1 : 0;
            Process process = start(runs, 1 + attempt % 2);
            long wait = attempt == 0 ? 0 : (long) (longest * SEED.uniform(attempt));
            while (attempt == 0 && process.isAlive() && !hasCheckpoint(runs)) {
                Thread.sleep(5);
            }
            if (!process.waitFor(wait, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                assertEquals(SIGKILL, process.waitFor(), () -> errors(runs));
                kills++;
            } else {
                assertEquals(0, process.exitValue(), () -> errors(runs));
            }
        }
        assertTrue(resumed > 0, "no process was killed in the middle of a training after its first checkpoint, so nothing was shown");
        assertEquals(0, start(runs, 2).waitFor(), () -> errors(runs));
        assertEquals(undisturbed, TinyRun.digests(run(runs).folder().path()));
        assertFalse(errors(runs).contains("done again") || errors(runs).contains("starts over"), () -> errors(runs));
    }

    private static boolean hasCheckpoint(Path runs) throws IOException {
        if (!Files.exists(runs)) {
            return false;
        }
        try (var files = Files.walk(runs)) {
            return files.anyMatch(file -> file.endsWith("checkpoint.safetensors"));
        }
    }

    /** Ctrl-C: says how to go on, and that works; while it ran, nobody else could work in its folder. */
    @Test
    void aRunInterruptedGoesOnToTheSameBits() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/kill")), "skipped: sending SIGINT needs /bin/kill");
        Path runs = folder.resolve("interrupted");
        Process process = start(runs, 1);
        assumeFalse(ignoresInterrupts(process), "skipped: this process was started with SIGINT ignored, and so are those it starts");
        await(process, () -> Files.exists(level(runs, 0).checkpoint()));
        assertTrue(assertThrows(StoreException.class, () -> run(runs).execute(Progress.SILENT, new StopFlag())).getMessage()
                .endsWith(": another program is working on this run; wait for it, or stop it"));
        assertEquals(0, new ProcessBuilder("/bin/kill", "-INT", Long.toString(process.pid())).start().waitFor());
        assertEquals(SIGINT, process.waitFor(), () -> errors(runs));
        assertTrue(errors(runs).lines().anyMatch(line -> line.matches("coppice: stopped at step \\d+ of replicate 1, .*; .*" + INTERRUPTED)),
                () -> errors(runs));
        assertTrue(hasCheckpoint(runs));
        run(runs).execute(Progress.SILENT, new StopFlag());
        SortedMap<String, String> digests = TinyRun.digests(run(runs).folder().path());
        digests.put("report.html", undisturbed.get("report.html"));          // the command line writes it, which did not end this time
        assertEquals(undisturbed, digests);
    }

    /** A shell without job control starts what runs in the background so. */
    private static boolean ignoresInterrupts(Process process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return false;
        }
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:")).anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
        }
    }
}
