package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Form;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
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
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The three faces of the products of LeNet-300-100 at batch 60, dense and under random masks. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class MatMul {

    private static final int BATCH = 60;

    /** [M, K] of the weight. */
    @Param({"300x784", "100x300", "10x100"})
    private String weight;

    @Param({"1.0", "0.2", "0.1", "0.05", "0.02"})
    private double density;

    @Param({"1", "2"})
    private int threads;

    private Backend backend;
    private Form form;
    private Operands operands;

    @Setup(Level.Trial)
    public void setUp() {
        backend = BackendProvider.best().open(threads);
        String[] sizes = weight.split("x");
        Shape shape = Shape.of(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]));
        form = Operands.weight(shape, density);
        Operands.verify(backend, form.stored().size(), shape.size(1) * BATCH, shape.size(0) * BATCH, this::multiply);
        operands = Operands.drawn(backend, form.stored().size(), shape.size(1) * BATCH, shape.size(0) * BATCH);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        backend.close();
    }

    @Benchmark
    public Buffer output() {
        return multiplied(Face.OUTPUT);
    }

    @Benchmark
    public Buffer inputGradient() {
        return multiplied(Face.INPUT);
    }

    @Benchmark
    public Buffer weightGradient() {
        return multiplied(Face.WEIGHT);
    }

    private Buffer multiplied(Face face) {
        multiply(backend, face, operands);
        return operands.result(face);
    }

    private void multiply(Backend backend, Face face, Operands operands) {
        backend.matmul(face, form, BATCH, operands.w(), operands.x(), operands.g());
    }
}
