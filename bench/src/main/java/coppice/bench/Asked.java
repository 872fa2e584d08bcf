package coppice.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Reads names of benchmarks and options of JMH, and refuses before anything is measured what JMH would find out only then, or never. */
final class Asked {

    /** The machine's limits, which are measured in any case. */
    static final String LIMITS = Pattern.quote(Limits.class.getName());

    /** What reads the values of a parameter, and fails where it cannot be that. */
    private static final Map<String, Consumer<String>> READERS = Map.of(
            "shape", MatrixShape::of,
            "layer", ConvolutionShape::of,
            "network", TrainingStep::check,
            "images", Passes::shape,
            "density", Asked::density,
            "mask", Asked::mask,
            "threads", Asked::threads);

    private Asked() {}

    /** @throws CommandLineOptionException if there is no such option, benchmark or parameter, or a parameter cannot have such a value */
    static CommandLineOptions of(String... arguments) throws CommandLineOptionException {
        var asked = new CommandLineOptions(arguments);
        Collection<BenchmarkListEntry> benchmarks = benchmarks(asked);
        if (benchmarks.isEmpty()) {
            throw new CommandLineOptionException("no benchmark has a name like " + String.join(" or ", asked.getIncludes()));
        }
        for (String parameter : parameters(arguments)) {
            if (benchmarks.stream().noneMatch(each -> each.getParams().hasValue() && each.getParams().get().containsKey(parameter))) {
                throw new CommandLineOptionException("no benchmark that is asked for has a parameter " + parameter + "; there are "
                        + benchmarks.stream().filter(each -> each.getParams().hasValue()).flatMap(each -> each.getParams().get().keySet().stream())
                                .distinct().sorted().collect(Collectors.joining(", ")));
            }
            checkValues(parameter, asked.getParameter(parameter).orElse(List.of()));
        }
        return asked;
    }

    private static SortedSet<BenchmarkListEntry> benchmarks(CommandLineOptions asked) throws CommandLineOptionException {
        List<String> excluded = new ArrayList<>(asked.getExcludes());
        excluded.add(LIMITS);
        try {
            return BenchmarkList.defaultList()
                    .find(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), asked.getIncludes(), excluded);
        } catch (PatternSyntaxException e) {
            throw new CommandLineOptionException("a name must be a regular expression: " + e.getMessage(), e);
        }
    }

    /** The parameters that are given: JMH's options tell the values of one whose name is known, but not which there are. */
    private static List<String> parameters(String... arguments) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i + 1 < arguments.length; i++) {
            if (arguments[i].equals("-p")) {
                names.add(arguments[i + 1].split("=")[0]);
            }
        }
        return names;
    }

    private static void checkValues(String parameter, Collection<String> values) throws CommandLineOptionException {
        for (String value : values) {
            try {
                READERS.getOrDefault(parameter, _ -> {}).accept(value);
            } catch (IllegalArgumentException e) {
                throw new CommandLineOptionException("-p " + parameter + "=" + value + ": " + e.getMessage(), e);
            }
        }
    }

    /** @throws IllegalArgumentException unless it is a density */
    static void density(String text) {
        double density = text.matches("[0-9]*\\.?[0-9]+") ? Double.parseDouble(text) : 0;
        if (density <= 0 || density > 1) {
            throw new IllegalArgumentException("density: must be more than 0 and at most 1, got " + text);
        }
    }

    private static void mask(String text) {
        if (!text.equals("random") && !Files.isRegularFile(Path.of(text))) {
            throw new IllegalArgumentException("mask: must be random or a file of masks, got " + text);
        }
    }

    private static void threads(String text) {
        if (!text.matches("[1-9][0-9]{0,3}")) {
            throw new IllegalArgumentException("threads: must be 1 or more, got " + text);
        }
    }
}
