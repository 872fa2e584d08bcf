package coppice.bench.peers;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What benchmarks of peers share: as many threads as the machine has, which is what they use unless told otherwise. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public abstract class PeerBenchmark {

    private static final double TOLERANCE = 1e-3;

    /** Only for the tables, which set peers beside benchmarks of as many threads. */
    @Param("2")
    private int threads;

    /** @param used by the peer */
    final void requireThreads(int used) {
        if (threads != used) {
            throw new IllegalArgumentException("threads: this peer uses " + used + ", got " + threads);
        }
    }

    static void require(double expected, double got) {
        if (!(Math.abs(expected - got) <= TOLERANCE)) {
            throw new IllegalStateException("a wrong product: " + got + ", expected " + expected);
        }
    }
}
