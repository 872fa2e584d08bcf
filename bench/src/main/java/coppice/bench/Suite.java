package coppice.bench;

import coppice.bench.Measurement.Round;
import coppice.bench.ResultFiles.Origin;
import coppice.imp.MachineCrossovers;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks that are asked for, in rounds, and the machine's limits in the same run; writes the measurements as CSV, tables with
 * floors and speed-ups as Markdown, and a chart of the speed-ups, after each benchmark. JMH runs each benchmark and takes its options, but for
 * those of forks and of files to write.
 *
 * <p>A round runs every benchmark once, in a JVM of its own, so that what is compared is measured within minutes; rounds are what forks
 * are otherwise.
 */
public final class Suite {

    private static final int ROUNDS = 3;

    private Suite() {}

    /**
     * What {@code bench/run} was told, and of which state of the code, it says in system properties.
     *
     * @param arguments the folder for results, the number of rounds or 0 for the usual, then names and options of JMH
     */
    public static void main(String[] arguments) throws RunnerException, IOException {
        Path folder = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]) == 0 ? ROUNDS : Integer.parseInt(arguments[1]);
        CommandLineOptions asked;
        try {
            asked = Asked.of(Arrays.copyOfRange(arguments, 2, arguments.length));
        } catch (CommandLineOptionException e) {
            System.err.println("bench/run: " + e.getMessage() + " (bench/run -h lists benchmarks and options)");
            System.exit(2);
            return;
        }
        if (asked.shouldHelp() || asked.shouldList() || asked.shouldListWithParams() || asked.shouldListProfilers()) {
            help(asked);
            return;
        }
        String commit = System.getProperty("coppice.commit", "unknown");
        String command = System.getProperty("coppice.command", "coppice.bench.Suite");
        var origin = new Origin(LocalDate.now().toString(), commit, MachineCrossovers.processor(), command);
        run(rounds, asked, new OptionsBuilder().build(), ResultFiles.unused(folder, LocalDate.now() + "-" + name(asked), origin));
    }

    private static void help(CommandLineOptions asked) throws IOException {
        if (asked.shouldListProfilers()) {
            asked.listProfilers();
            return;
        }
        if (asked.shouldHelp()) {
            System.out.println("Options of JMH:");
            asked.showHelp();
        }
        new Runner(asked).listWithParams(asked);
    }

    /** @param limits options for measuring these */
    static void run(int rounds, CommandLineOptions asked, Options limits, ResultFiles files) throws RunnerException {
        List<Round> results = new ArrayList<>();
        List<RunResult> ofMachine = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            System.out.println("# round " + round + " of " + rounds);
            ofMachine.addAll(limits(asked, limits));
            Machine machine = Machine.of(ofMachine);
            Options options = new OptionsBuilder().parent(asked).forks(1).exclude(Asked.LIMITS).build();
            new Runner(options, handingOn(asked.verbosity().orElse(VerboseMode.NORMAL), result -> {
                results.add(new Round(result, HandOver.nanos()));
                files.write(Measurement.of(results, machine), machine);
                files.problems().forEach(System.err::println);
            })).run();
            if (results.isEmpty()) {
                throw new RunnerException("nothing was measured");
            }
            System.out.println("\n" + files.text(Measurement.of(results, machine), machine));
            System.out.println("results: " + files.written().stream().map(Path::toString).collect(Collectors.joining(", ")));
        }
        if (!files.problems().isEmpty()) {
            throw new RunnerException(String.join("; ", files.problems()));
        }
    }

    /** Prints what JMH does, and hands on what a benchmark measured as soon as it has: whoever stops the rest keeps that. */
    private static OutputFormat handingOn(VerboseMode verbosity, Consumer<RunResult> to) {
        OutputFormat printed = OutputFormatFactory.createFormatInstance(System.out, verbosity);
        return (OutputFormat) Proxy.newProxyInstance(Suite.class.getClassLoader(), new Class<?>[] {OutputFormat.class}, (_, method, given) -> {
            Object returned = method.invoke(printed, given);
            if (method.getName().equals("endBenchmark") && given[0] instanceof BenchmarkResult result) {
                to.accept(new RunResult(result.getParams(), List.of(result)));
            }
            return returned;
        });
    }

    private static Collection<RunResult> limits(Options asked, Options how) throws RunnerException {
        List<RunResult> limits = new ArrayList<>();
        for (int threads : IntStream.of(1, Runtime.getRuntime().availableProcessors()).distinct().toArray()) {
            var options = new OptionsBuilder().parent(how).shouldFailOnError(true).include(Asked.LIMITS).threads(threads);
            if (asked.getJvmArgs().hasValue()) {
                options.jvmArgs(asked.getJvmArgs().get().toArray(String[]::new));
            }
            limits.addAll(new Runner(options.build()).run());
        }
        return limits;
    }

    private static String name(CommandLineOptions asked) {
        String names = asked.getIncludes().stream().map(name -> name.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-|-$", "")).collect(Collectors.joining("-"));
        return names.isEmpty() ? "all" : names;
    }
}
