package coppice.bench;

import coppice.bench.ResultFiles.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;

/**
 * One benchmark with its parameters, over all rounds.
 *
 * @param benchmark  the class, without its package
 * @param parameters but for the number of threads
 * @param rounds     in which it was measured
 * @param seconds    the median of the rounds' medians
 * @param fastest    the least of them
 * @param spread     from the fastest round to the slowest, as a share of the median
 * @param handOver   nanoseconds by {@link HandOver} right after it, the median of the rounds
 * @param work       what has to be done at least; of nothing where that is not known
 * @param flopsFloor seconds
 * @param bytesFloor seconds
 */
record Measurement(String benchmark, String method, Map<String, String> parameters, int threads, int rounds, double seconds, double fastest,
        double spread, double handOver, Work work, double flopsFloor, double bytesFloor) {

    private static final String HEADER =
            "commit,benchmark,method,parameters,threads,rounds,microseconds,fastest,spread,hand_over_ns,gflops,flops_floor_us,bytes_floor_us,processor,command";

    /** What one round measured. @param handOver nanoseconds right after it */
    record Round(RunResult result, double handOver) {}

    /** Those of all rounds, in the order in which they came. */
    static List<Measurement> of(Collection<Round> results, Machine machine) {
        Map<String, List<Round>> rounds = results.stream()
                .collect(Collectors.groupingBy(each -> each.result.getParams().id(), LinkedHashMap::new, Collectors.toList()));
        return rounds.values().stream().map(each -> of(each, machine)).toList();
    }

    private static Measurement of(List<Round> rounds, Machine machine) {
        BenchmarkParams params = rounds.getFirst().result.getParams();
        String[] names = params.getBenchmark().split("\\.");
        String benchmark = names[names.length - 2];
        String method = names[names.length - 1];
        var parameters = new LinkedHashMap<String, String>();
        params.getParamsKeys().stream().filter(key -> !key.equals("threads")).forEach(key -> parameters.put(key, params.getParam(key)));
        int threads = params.getParamsKeys().contains("threads") ? Integer.parseInt(params.getParam("threads")) : 1;
        double unit = TimeUnit.NANOSECONDS.convert(1, params.getTimeUnit()) * 1e-9;
        double[] medians = rounds.stream().flatMap(round -> round.result.getBenchmarkResults().stream()).mapToDouble(Measurement::median).toArray();
        double seconds = unit * median(medians);
        double fastest = unit * Arrays.stream(medians).min().orElseThrow();
        double spread = (unit * Arrays.stream(medians).max().orElseThrow() - fastest) / seconds;
        Work work = Works.of(benchmark, method, parameters);
        return new Measurement(benchmark, method, parameters, threads, medians.length, seconds, fastest, spread,
                median(rounds.stream().mapToDouble(Round::handOver).toArray()), work, machine.flopsFloor(work, threads),
                machine.bytesFloor(work, threads));
    }

    private static double median(BenchmarkResult fork) {
        return median(fork.getIterationResults().stream().mapToDouble(iteration -> iteration.getPrimaryResult().getScore()).toArray());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    /** 1 where nothing is pruned. */
    double density() {
        return Double.parseDouble(parameters.getOrDefault("density", "1"));
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** The parameters but for one, as a row of a table names them. */
    String without(String parameter) {
        return parameters.entrySet().stream().filter(entry -> !entry.getKey().equals(parameter) && !entry.getValue().equals("random"))
                .map(Map.Entry::getValue).collect(Collectors.joining(", "));
    }

    static String csv(Origin origin, List<Measurement> measurements) {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        for (Measurement m : measurements) {
            String parameters = m.parameters.entrySet().stream().map(entry -> entry.getKey() + "=" + entry.getValue())
                    .collect(Collectors.joining(" "));
            lines.add(String.format(Locale.ROOT, "%s,%s,%s,%s,%d,%d,%.4g,%.4g,%.3f,%.0f,%.4g,%.4g,%.4g,%s,%s", origin.commit(), m.benchmark, m.method,
                    quoted(parameters), m.threads, m.rounds, 1e6 * m.seconds, 1e6 * m.fastest, m.spread, m.handOver, m.work.flops() / m.seconds / 1e9, 1e6 * m.flopsFloor,
                    1e6 * m.bytesFloor, quoted(origin.processor()), quoted(origin.command())));
        }
        return String.join("\n", lines) + "\n";
    }

    /** As a field of a CSV by RFC 4180. */
    private static String quoted(String text) {
        return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
