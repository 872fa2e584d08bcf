package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Product.Face;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The three faces of a product, one by one. Which product, and of what, is for those that extend this to say. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public abstract class ProductBenchmark {

    @Param({"1", "2"})
    private int threads;

    private Backend backend;
    private Operands.Product product;
    private Operands operands;

    final Backend open() {
        backend = BackendProvider.best().open(threads);
        return backend;
    }

    /** What is timed. */
    final void time(Operands.Product product, Operands operands) {
        this.product = product;
        this.operands = operands;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        backend.close();
    }

    @Benchmark
    public Buffer output() {
        return run(Face.OUTPUT);
    }

    @Benchmark
    public Buffer inputGradient() {
        return run(Face.INPUT);
    }

    @Benchmark
    public Buffer weightGradient() {
        return run(Face.WEIGHT);
    }

    private Buffer run(Face face) {
        product.run(backend, face, operands);
        Buffer result = operands.result(face);
        backend.finish(result);
        return result;
    }
}
