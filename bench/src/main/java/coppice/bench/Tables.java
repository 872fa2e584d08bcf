package coppice.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Measurements as tables in Markdown: one for each benchmark, and one that sets dense products beside those of peers. */
record Tables(List<Measurement> measurements) {

    /** The benchmarks of peers, by the one that they are compared with. */
    private static final List<Map.Entry<String, List<String>>> PEERS = List.of(
            Map.entry("DenseProduct", List.of("OpenBlasProduct", "TorchProduct")), Map.entry("Convolution", List.of("TorchConvolution")));

    String markdown() {
        Map<String, List<Measurement>> byBenchmark = measurements.stream()
                .collect(Collectors.groupingBy(Measurement::benchmark, LinkedHashMap::new, Collectors.toList()));
        List<String> tables = new ArrayList<>();
        byBenchmark.forEach((benchmark, own) -> tables.add("## " + benchmark + "\n\n"
                + (own.stream().anyMatch(each -> each.parameters().containsKey("density")) ? byDensity(own) : oneByOne(own))));
        for (var each : PEERS) {
            List<String> peers = each.getValue().stream().filter(byBenchmark::containsKey).toList();
            if (byBenchmark.containsKey(each.getKey()) && !peers.isEmpty()) {
                tables.add(againstPeers(each.getKey(), peers));
            }
        }
        return String.join("\n", tables);
    }

    private static String oneByOne(List<Measurement> all) {
        var text = new StringBuilder("| | threads | time | spread | Gflop/s | floor by flops | by bytes |\n|---|---|---|---|---|---|---|\n");
        for (Measurement each : all) {
            text.append(row(each.method() + " " + each.without(""), "" + each.threads(), time(each.seconds()), percent(each.spread()),
                    number(each.work().flops() / each.seconds() / 1e9), time(each.flopsFloor()), time(each.bytesFloor())));
        }
        return text.toString();
    }

    /** A row for each product, a column for each density, with how many times as fast as the dense one it is. */
    private static String byDensity(List<Measurement> all) {
        var densities = new TreeSet<Double>();
        all.forEach(each -> densities.add(each.density()));
        var head = new StringJoiner(" | ", "| | threads | ", " |\n");
        densities.descendingSet().forEach(density -> head.add(String.format(Locale.ROOT, "%.4g %%", 100 * density)));
        var text = new StringBuilder("Time; how many times as fast as dense; floor by flops.\n\n").append(head)
                .append("|---".repeat(2 + densities.size())).append("|\n");
        Map<String, List<Measurement>> rows = all.stream()
                .collect(Collectors.groupingBy(each -> product(each) + " on " + each.threads(), LinkedHashMap::new, Collectors.toList()));
        rows.values().forEach(row -> {
            Optional<Measurement> dense = row.stream().filter(each -> each.density() == 1).findFirst();
            List<String> cells = new ArrayList<>(List.of(product(row.getFirst()), "" + row.getFirst().threads()));
            for (double density : densities.descendingSet()) {
                cells.add(row.stream().filter(each -> each.density() == density).findFirst().map(each -> time(each.seconds())
                        + dense.filter(other -> other != each).map(other -> String.format(Locale.ROOT, "; **%.2f**", other.seconds() / each.seconds())).orElse("")
                        + (each.flopsFloor() > 0 ? "; " + time(each.flopsFloor()) : "")).orElse(""));
            }
            text.append(row(cells.toArray(String[]::new)));
        });
        return text.toString();
    }

    private static String product(Measurement each) {
        return each.method() + " " + each.without("density");
    }

    /** How many times as fast as each peer in its best way, with the geometric mean. */
    private String againstPeers(String benchmark, List<String> peers) {
        var text = new StringBuilder("## " + benchmark + " against " + String.join(" and ", peers) + "\n\nTime; how many times as fast as the peer.\n\n| | own | ")
                .append(String.join(" | ", peers)).append(" |\n").append("|---".repeat(2 + peers.size())).append("|\n");
        var logarithms = new LinkedHashMap<String, List<Double>>();
        for (Measurement own : measurements) {
            if (!own.benchmark().equals(benchmark) || own.density() != 1) {
                continue;
            }
            List<String> cells = new ArrayList<>(List.of(product(own), time(own.seconds())));
            for (String peer : peers) {
                Optional<Double> best = measurements.stream().filter(other -> other.benchmark().equals(peer) && isSameProduct(own, other))
                        .map(Measurement::seconds).min(Double::compare);
                best.ifPresent(seconds -> logarithms.computeIfAbsent(peer, _ -> new ArrayList<>()).add(Math.log(seconds / own.seconds())));
                cells.add(best.map(seconds -> String.format(Locale.ROOT, "%s; **%.2f**", time(seconds), seconds / own.seconds())).orElse(""));
            }
            text.append(row(cells.toArray(String[]::new)));
        }
        List<String> means = new ArrayList<>(List.of("geometric mean", ""));
        peers.forEach(peer -> means.add(logarithms.containsKey(peer)
                ? String.format(Locale.ROOT, "**%.2f**", Math.exp(logarithms.get(peer).stream().mapToDouble(x -> x).average().orElseThrow())) : ""));
        return text.append(row(means.toArray(String[]::new))).toString();
    }

    private static boolean isSameProduct(Measurement own, Measurement other) {
        return own.method().equals(other.method()) && own.threads() == other.threads() && own.parameter("shape").equals(other.parameter("shape"))
                && own.parameter("layer").equals(other.parameter("layer")) && own.density() == other.density();
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    private static String time(double seconds) {
        return seconds == 0 ? "–" : seconds < 1e-3 ? number(1e6 * seconds) + " µs" : number(1e3 * seconds) + " ms";
    }

    /** Three digits. */
    private static String number(double value) {
        return value == 0 ? "–" : value >= 100 ? String.format(Locale.ROOT, "%.0f", value) : String.format(Locale.ROOT, "%.3g", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share);
    }
}
