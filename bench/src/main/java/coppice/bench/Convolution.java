package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Shape;
import coppice.engine.Window;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The three faces of 3×3 convolutions as in ResNet-20 and Conv-2, dense and under random masks. */
public class Convolution extends ProductBenchmark {

    private static final Window WINDOW = Window.square(3, 1, 1);

    /** Channels in and out, and the side of the images. */
    @Param({"16x16x32", "32x32x16", "64x64x8", "64x64x16"})
    private String layer;

    @Param({"1.0", "0.5", "0.2", "0.1", "0.05"})
    private double density;

    @Param("128")
    private int batch;

    @Setup(Level.Trial)
    public void setUp() {
        Backend backend = open();
        String[] sizes = layer.split("x");
        int inputs = Integer.parseInt(sizes[0]);
        int outputs = Integer.parseInt(sizes[1]);
        int side = Integer.parseInt(sizes[2]);
        Form form = Operands.weight(Shape.of(outputs, inputs, 3, 3), density);
        Shape small = Shape.of(inputs, 5, 5, 32);
        Operands.verify(backend, form.stored().size(), small.size(), WINDOW.output("convolution", small, outputs).size(), product(form, small));
        Shape images = Shape.of(inputs, side, side, batch);
        time(product(form, images), Operands.drawn(backend, form.stored().size(), images.size(),
                WINDOW.output("convolution", images, outputs).size()));
    }

    private static Operands.Product product(Form form, Shape images) {
        return (on, face, its) -> on.convolve(face, form, WINDOW, 1, images, its.w(), its.x(), its.g());
    }
}
