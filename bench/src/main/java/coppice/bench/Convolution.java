package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Form;
import coppice.engine.Product.Face;
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
    private Operands operands;

    @Setup(Level.Trial)
    public void setUp() {
        backend = BackendProvider.best().open(threads);
        String[] sizes = layer.split("x");
        int inputs = Integer.parseInt(sizes[0]);
        int outputs = Integer.parseInt(sizes[1]);
        int side = Integer.parseInt(sizes[2]);
        form = Operands.weight(Shape.of(outputs, inputs, 3, 3), density);
        Shape small = Shape.of(inputs, 5, 5, 32);
        Operands.verify(backend, form.stored().size(), small.size(), WINDOW.output("convolution", small, outputs).size(),
                (on, face, its) -> convolve(on, face, small, its));
        images = Shape.of(inputs, side, side, batch);
        operands = Operands.drawn(backend, form.stored().size(), images.size(), WINDOW.output("convolution", images, outputs).size());
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        backend.close();
    }

    @Benchmark
    public Buffer output() {
        return convolved(Face.OUTPUT);
    }

    @Benchmark
    public Buffer inputGradient() {
        return convolved(Face.INPUT);
    }

    @Benchmark
    public Buffer weightGradient() {
        return convolved(Face.WEIGHT);
    }

    private Buffer convolved(Face face) {
        convolve(backend, face, images, operands);
        return operands.result(face);
    }

    private void convolve(Backend backend, Face face, Shape images, Operands operands) {
        backend.convolve(face, form, WINDOW, 1, images, operands.w(), operands.x(), operands.g());
    }
}
