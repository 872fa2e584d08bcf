package coppice.imp.cli;

import coppice.imp.Progress;
import coppice.imp.Run;
import coppice.imp.StopFlag;
import coppice.imp.StoppedException;
import coppice.imp.report.Report;
import coppice.imp.settings.SettingsException;
import coppice.imp.settings.Spec;
import coppice.imp.settings.SpecReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec.Target;

/** {@code coppice run}. */
@Command(
        name = "run",
        description = "Runs an experiment, or goes on with one: trains, prunes, rewinds, and writes a report.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "A run that was stopped goes on where it stood when the same command is given again.",
            "Examples:",
            "  coppice run strokes",
            "  coppice run lenet-mnist data.root=mnist replicates=1 pruning.levels=5"
        })
final class RunCommand implements Callable<Integer> {

    /** How long a signal waits for the checkpoint to be written. */
    private static final long GRACE_SECONDS = 60;
    private static final int MOST_THREADS = 1024;
    /** A day. */
    private static final long MOST_SECONDS = 86_400;

    @Parameters(paramLabel = "SPEC", description = "A preset's name (see: coppice presets) or a YAML file.")
    private String specName;

    @Parameters(index = "1..*", paramLabel = "key=value", description = "Settings that differ, such as training.batch=60 or seed=7.")
    private List<String> overrides = List.of();

    @Option(names = "--runs", paramLabel = "DIR", defaultValue = "runs", description = "Where runs have their folders (default: ${DEFAULT-VALUE}).")
    private Path runs;

    @Option(names = "--threads", paramLabel = "N", description = "How many threads kernels may use (default: all). Changes no result.")
    private Integer threads;

    @Option(names = "--backend", paramLabel = "NAME", description = "cpu, cuda or reference; the same as the setting backend=NAME (see: coppice info).")
    private String backend;

    @Option(names = "--checkpoint-every", paramLabel = "SECONDS", defaultValue = "20",
            description = "How often to save where a training stands (default: ${DEFAULT-VALUE}): what a killed run loses at most. Changes no result.")
    private double checkpointSeconds;

    @Option(names = "--quiet", description = "No progress, no result table; only errors, and notes of what had to be done again.")
    private boolean quiet;

    @picocli.CommandLine.Spec(Target.SELF)
    private CommandSpec command;

    @Override
    public Integer call() {
        Spec spec = SpecReader.read(specName, overrides);
        Run run = Run.of(backend == null ? spec : spec.on(backend), runs, threadCount(), checkpointEvery());
        var stop = new StopFlag();
        var done = new CountDownLatch(1);
        var onSignal = new Thread(() -> {
            stop.raise();
            await(done);
        });
        Runtime.getRuntime().addShutdownHook(onSignal);
        try (var progress = quiet ? new NoDisplay(command.commandLine().getErr()) : Display.of(command.commandLine().getErr())) {
            run.execute(progress, stop);
            Report.write(List.of(run.folder().path()), run.folder().report());
        } catch (StoppedException e) {
            command.commandLine().getErr().println("coppice: " + e.getMessage() + "; " + run.folder().path()
                    + " holds everything up to here: give the same command again to go on");
            command.commandLine().getErr().flush();
            return Coppice.INTERRUPTED;
        } finally {
            done.countDown();
            remove(onSignal);
        }
        if (!quiet) {
            new ResultTable(run.folder()).print(command.commandLine().getOut());
            command.commandLine().getOut().println("\nreport: " + run.folder().report());
            command.commandLine().getOut().flush();
        }
        return 0;
    }

    private int threadCount() {
        if (threads != null && (threads < 1 || threads > MOST_THREADS)) {
            throw new SettingsException("--threads: must be at least 1" + (threads < 1 ? "" : " and at most " + MOST_THREADS) + ", got " + threads);
        }
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    private Duration checkpointEvery() {
        if (!(checkpointSeconds >= 0 && checkpointSeconds <= MOST_SECONDS)) {
            throw new SettingsException("--checkpoint-every: must be 0 to " + MOST_SECONDS + " seconds, got " + checkpointSeconds);
        }
        return Duration.ofNanos((long) (checkpointSeconds * 1e9));
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending already, and the hook is what it waits for.
        }
    }

    private static void await(CountDownLatch done) {
        try {
            done.await(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
