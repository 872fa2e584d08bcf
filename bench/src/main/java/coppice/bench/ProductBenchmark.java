package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Form;
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

/** The three faces of a product, one by one and all of them. Which product, and of what, is for those that extend this to say. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public abstract class ProductBenchmark {

    @Param("2")
    private int threads;

    private Backend backend;
    private Operands.Product product;
    private Operands operands;
    private Operands gradients;

    /** Products of matrices of some sizes. */
    final void timeMatrices(MatrixShape sizes, Form form) {
        int inputs = sizes.k() * sizes.n();
        int outputs = sizes.m() * sizes.n();
        Operands.Product matmul = (on, face, its) -> on.matmul(face, form, sizes.n(), its.w(), its.x(), its.g());
        verify(matmul, form.stored().size(), inputs, outputs);
        time(matmul, form.stored().size(), inputs, outputs);
    }

    /** Checks a product against plain loops, on operands of these many floats; by constants, so that small ones leave no measurements. */
    final void verify(Operands.Product product, int weights, int inputs, int outputs) {
        try (Backend verified = BackendProvider.best().open(threads)) {
            Operands.verify(verified, weights, inputs, outputs, product);
        }
    }

    /** What is timed, on operands of these many floats. */
    final void time(Operands.Product product, int weights, int inputs, int outputs) {
        backend = Backends.measured(threads);
        this.product = product;
        this.operands = Operands.drawn(backend, weights, inputs, outputs);
        this.gradients = Operands.drawn(backend, weights, inputs, outputs);
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

    /** All three as in training: gradients are made of the same gradient of the output. */
    @Benchmark
    public Buffer allFaces() {
        product.run(backend, Face.OUTPUT, operands);
        backend.finish(operands.g());
        product.run(backend, Face.WEIGHT, new Operands(gradients.w(), operands.x(), gradients.g()));
        product.run(backend, Face.INPUT, new Operands(operands.w(), gradients.x(), gradients.g()));
        backend.finish(gradients.x());
        backend.finish(gradients.w());
        return gradients.w();
    }

    private Buffer run(Face face) {
        product.run(backend, face, operands);
        Buffer result = operands.result(face);
        backend.finish(result);
        return result;
    }

    /** How many faces a method of these computes. */
    static int faces(String method) {
        return method.equals("allFaces") ? Face.values().length : 1;
    }
}
