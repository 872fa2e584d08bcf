package coppice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks that are asked for, in rounds, and the machine's limits in the same run; writes the measurements as CSV, tables with
 * floors and speed-ups as Markdown, and a chart of the speed-ups, after each round. JMH runs each benchmark and takes its options, but for
 * those of forks and of result files.
 *
 * <p>A round runs every benchmark once, in a JVM of its own, so that what is compared is measured within minutes; rounds are what forks
 * are otherwise.
 */
public final class Suite {

    private static final int ROUNDS = 3;

    private Suite() {}

    /** @param arguments the folder for results, the number of rounds or 0 for the usual, then names and options of JMH */
    public static void main(String[] arguments) throws RunnerException, CommandLineOptionException, IOException {
        Path folder = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]) == 0 ? ROUNDS : Integer.parseInt(arguments[1]);
        var asked = new CommandLineOptions(Arrays.copyOfRange(arguments, 2, arguments.length));
        if (asked.shouldHelp() || asked.shouldList()) {
            System.out.println("names of benchmarks, and options of JMH:");
            asked.showHelp();
            new Runner(asked).list();
            return;
        }
        String name = unused(folder, name(asked));
        List<RunResult> results = new ArrayList<>();
        List<RunResult> limits = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            System.out.println("# round " + round + " of " + rounds);
            limits.addAll(limits(asked));
            results.addAll(new Runner(new OptionsBuilder().parent(asked).forks(1).exclude(Pattern.quote(Limits.class.getName())).build()).run());
            write(folder, name, Measurement.of(results, Machine.of(limits)), Machine.of(limits));
        }
    }

    private static Collection<RunResult> limits(Options asked) throws RunnerException {
        List<RunResult> limits = new ArrayList<>();
        for (int threads : IntStream.of(1, Runtime.getRuntime().availableProcessors()).distinct().toArray()) {
            Options options = new OptionsBuilder().include(Pattern.quote(Limits.class.getName())).threads(threads)
                    .jvmArgs(asked.getJvmArgs().orElse(List.of()).toArray(String[]::new)).build();
            limits.addAll(new Runner(options).run());
        }
        return limits;
    }

    private static String name(CommandLineOptions asked) {
        String names = asked.getIncludes().stream().map(name -> name.replaceAll("[^A-Za-z0-9]+", "-").replaceAll("^-|-$", "")).collect(Collectors.joining("-"));
        return LocalDate.now() + "-" + (names.isEmpty() ? "all" : names);
    }

    /** The name, with a number where there are results of that name already. */
    private static String unused(Path folder, String name) {
        return IntStream.iterate(1, number -> number + 1).mapToObj(number -> number == 1 ? name : name + "-" + number)
                .filter(each -> Files.notExists(folder.resolve(each + ".csv"))).findFirst().orElseThrow();
    }

    private static void write(Path folder, String name, List<Measurement> measurements, Machine machine) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(name + ".csv"), Measurement.csv(measurements));
        String tables = machine.text() + "\n\n" + new Tables(measurements).markdown();
        Files.writeString(folder.resolve(name + ".md"), tables);
        System.out.println("\n" + tables);
        boolean drawn = new SpeedUps(measurements).draw(folder.resolve(name + ".png"));
        System.out.println("results: " + folder.resolve(name) + ".csv, .md" + (drawn ? ", .png" : ""));
    }
}
