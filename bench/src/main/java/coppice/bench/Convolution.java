package coppice.bench;

import coppice.engine.Form;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Convolutions, dense and with survivors of a random mask: two to compare with others, then those of ResNet-20, Conv-2 and VGG-16. */
public class Convolution extends ProductBenchmark {

    @Param({"64x64x3x3/1@16x16x128", "128x128x3x3/1@8x8x128", "16x16x3x3/1@32x32x128", "32x16x3x3/2@32x32x128", "32x16x1x1/2@32x32x128",
        "32x32x3x3/1@16x16x128", "64x32x3x3/2@16x16x128", "64x64x3x3/1@8x8x128", "64x64x3x3/1@32x32x60", "64x64x3x3/1@32x32x128",
        "128x128x3x3/1@16x16x128", "256x256x3x3/1@8x8x128", "512x512x3x3/1@4x4x128", "512x512x3x3/1@2x2x128"})
    private String layer;

    @Param({"1.0", "0.5", "0.2", "0.1", "0.05", "0.02", "0.01"})
    private double density;

    @Setup(Level.Trial)
    public void setUp() {
        ConvolutionShape shape = ConvolutionShape.of(layer);
        Form form = Operands.weight(shape.weight(), density);
        ConvolutionShape small = shape.small();
        verify(product(form, small), form.stored().size(), small.images().size(), small.output().size());
        time(product(form, shape), form.stored().size(), shape.images().size(), shape.output().size());
    }

    private static Operands.Product product(Form form, ConvolutionShape shape) {
        return (on, face, its) -> on.convolve(face, form, shape.window(), 1, shape.images(), its.w(), its.x(), its.g());
    }
}
