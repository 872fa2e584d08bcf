package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Reference;
import coppice.engine.Seed;
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
    private Buffer w;
    private Buffer x;
    private Buffer g;

    @Setup(Level.Trial)
    public void setUp() {
        backend = BackendProvider.best().open(threads);
        String[] sizes = weight.split("x");
        Shape shape = Shape.of(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]));
        Seed seed = Seed.of(1).in("mask");
        form = density == 1 ? Form.dense(shape) : Form.masked(Mask.where(shape, position -> seed.uniform(position) < density));
        w = filled(backend, "w", form.stored().size());
        x = filled(backend, "x", shape.size(1) * BATCH);
        g = filled(backend, "g", shape.size(0) * BATCH);
        verify();
    }

    /** The product about to be timed is the reference's, within rounding. */
    private void verify() {
        try (Backend reference = new Reference()) {
            Buffer expected = reference.allocate(g.length());
            reference.matmul(Face.OUTPUT, form, BATCH, filled(reference, "w", w.length()), filled(reference, "x", x.length()), expected);
            backend.matmul(Face.OUTPUT, form, BATCH, w, x, g);
            float[] one = new float[g.length()];
            float[] other = new float[g.length()];
            reference.read(expected, one, one.length);
            backend.read(g, other, other.length);
            for (int i = 0; i < one.length; i++) {
                if (Math.abs(one[i] - other[i]) > 1e-3) {
                    throw new IllegalStateException("wrong product at " + i + ": " + other[i] + ", expected " + one[i]);
                }
            }
        }
    }

    private static Buffer filled(Backend backend, String name, int count) {
        Seed seed = Seed.of(1).in(name);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) seed.uniform(i) - 0.5f;
        }
        Buffer buffer = backend.allocate(count);
        backend.write(buffer, values, count);
        return buffer;
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        backend.close();
    }

    @Benchmark
    public Buffer output() {
        backend.matmul(Face.OUTPUT, form, BATCH, w, x, g);
        return g;
    }

    @Benchmark
    public Buffer inputGradient() {
        backend.matmul(Face.INPUT, form, BATCH, w, x, g);
        return x;
    }

    @Benchmark
    public Buffer weightGradient() {
        backend.matmul(Face.WEIGHT, form, BATCH, w, x, g);
        return w;
    }
}
