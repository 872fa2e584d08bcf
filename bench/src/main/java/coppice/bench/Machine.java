package coppice.bench;

import java.util.Collection;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;

/**
 * The limits of the machine as measured, by the number of threads: the best of all rounds, since nothing makes a machine faster than it is.
 *
 * @param flops a second
 * @param bytes a second that are read from or written to main memory
 */
record Machine(SortedMap<Integer, Double> flops, SortedMap<Integer, Double> bytes) {

    static Machine of(Collection<RunResult> limits) {
        var machine = new Machine(new TreeMap<>(), new TreeMap<>());
        for (RunResult result : limits) {
            double operations = result.getPrimaryResult().getScore();
            boolean isCopy = result.getParams().getBenchmark().endsWith(".copy");
            (isCopy ? machine.bytes : machine.flops).merge(result.getParams().getThreads(),
                    operations * (isCopy ? Limits.bytes() : Limits.flops()), Math::max);
        }
        return machine;
    }

    /** The least seconds that the arithmetic of some work takes. */
    double flopsFloor(Work work, int threads) {
        return work.flops() / at(flops, threads);
    }

    /** The least seconds in which its operands and results go through main memory; what is in caches takes less. */
    double bytesFloor(Work work, int threads) {
        return work.bytes() / at(bytes, threads);
    }

    /** A limit, of as many threads or of the next number that was measured: at least what can be. */
    private static double at(SortedMap<Integer, Double> limit, int threads) {
        SortedMap<Integer, Double> enough = limit.tailMap(threads);
        return limit.get(enough.isEmpty() ? limit.lastKey() : enough.firstKey());
    }

    String text() {
        var text = new StringBuilder("Java ").append(Runtime.version()).append('.');
        flops.forEach((threads, limit) -> text.append(String.format(Locale.ROOT, " On %d thread%s %.0f Gflop/s in registers and %.1f GB/s copied in main memory.",
                threads, threads == 1 ? "" : "s", limit / 1e9, bytes.get(threads) / 1e9)));
        return text.toString();
    }
}
