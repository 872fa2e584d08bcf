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
import coppice.engine.Window;
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

/** The three faces of 3×3 convolutions as in ResNet-20 and Conv-2, dense and under random masks. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class Convolution {

    private static final Window WINDOW = Window.square(3, 1, 1);

    /** Channels in and out, and the side of the images. */
    @Param({"16x16x32", "32x32x16", "64x64x8", "64x64x16"})
    private String layer;

    @Param({"1.0", "0.5", "0.2", "0.1", "0.05"})
    private double density;

    @Param("128")
    private int batch;

    @Param({"1", "2"})
    private int threads;

    private Backend backend;
    private Form form;
    private Shape images;
    private Buffer w;
    private Buffer x;
    private Buffer g;

    @Setup(Level.Trial)
    public void setUp() {
        backend = BackendProvider.best().open(threads);
        String[] sizes = layer.split("x");
        int inputs = Integer.parseInt(sizes[0]);
        int outputs = Integer.parseInt(sizes[1]);
        int side = Integer.parseInt(sizes[2]);
        Shape shape = Shape.of(outputs, inputs, 3, 3);
        Seed seed = Seed.of(1).in("mask");
        form = density == 1 ? Form.dense(shape) : Form.masked(Mask.where(shape, position -> seed.uniform(position) < density));
        verify(inputs, outputs);
        images = Shape.of(inputs, side, side, batch);
        w = filled(backend, "w", form.stored().size());
        x = filled(backend, "x", images.size());
        g = filled(backend, "g", WINDOW.output("convolution", images, outputs).size());
    }

    /** What is about to be timed computes what the reference does, within rounding, on small images. */
    private void verify(int inputs, int outputs) {
        Shape small = Shape.of(inputs, 5, 5, 32);
        int[] counts = {form.stored().size(), small.size(), WINDOW.output("convolution", small, outputs).size()};
        try (Backend reference = new Reference()) {
            for (Face face : Face.values()) {
                float[] expected = computed(reference, face, small, counts);
                float[] got = computed(backend, face, small, counts);
                for (int i = 0; i < expected.length; i++) {
                    if (Math.abs(expected[i] - got[i]) > 1e-3) {
                        throw new IllegalStateException("wrong " + face + " at " + i + ": " + got[i] + ", expected " + expected[i]);
                    }
                }
            }
        }
    }

    private float[] computed(Backend on, Face face, Shape small, int[] counts) {
        Buffer[] buffers = {filled(on, "w", counts[0]), filled(on, "x", counts[1]), filled(on, "g", counts[2])};
        on.convolve(face, form, WINDOW, 1, small, buffers[0], buffers[1], buffers[2]);
        int result = switch (face) {
            case WEIGHT -> 0;
            case INPUT -> 1;
            case OUTPUT -> 2;
        };
        float[] values = new float[counts[result]];
        on.read(buffers[result], values, values.length);
        for (Buffer buffer : buffers) {
            on.release(buffer);
        }
        return values;
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
        backend.convolve(Face.OUTPUT, form, WINDOW, 1, images, w, x, g);
        return g;
    }

    @Benchmark
    public Buffer inputGradient() {
        backend.convolve(Face.INPUT, form, WINDOW, 1, images, w, x, g);
        return x;
    }

    @Benchmark
    public Buffer weightGradient() {
        backend.convolve(Face.WEIGHT, form, WINDOW, 1, images, w, x, g);
        return w;
    }
}
