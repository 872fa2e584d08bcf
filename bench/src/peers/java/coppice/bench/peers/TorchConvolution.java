package coppice.bench.peers;

import coppice.bench.Backends;
import coppice.bench.ConvolutionShape;
import coppice.engine.Shape;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The three faces of a convolution by libtorch, in both of its memory formats. */
public class TorchConvolution extends PeerBenchmark {

    @Param({"64x64x3x3/1@16x16x128", "128x128x3x3/1@8x8x128", "16x16x3x3/1@32x32x128", "32x16x3x3/2@32x32x128", "32x16x1x1/2@32x32x128",
        "32x32x3x3/1@16x16x128", "64x32x3x3/2@16x16x128", "64x64x3x3/1@8x8x128", "64x64x3x3/1@32x32x60", "64x64x3x3/1@32x32x128",
        "128x128x3x3/1@16x16x128", "256x256x3x3/1@8x8x128", "512x512x3x3/1@4x4x128", "512x512x3x3/1@2x2x128"})
    private String layer;

    @Param({"contiguous", "channels_last"})
    private String format;

    private long[] stride;
    private long[] padding;
    private Tensor w;
    private Tensor x;
    private Tensor g;

    @Setup(Level.Trial)
    public void setUp() {
        requireThreads(Runtime.getRuntime().availableProcessors());
        ConvolutionShape shape = ConvolutionShape.of(layer);
        stride = new long[] {shape.stride(), shape.stride()};
        padding = new long[] {shape.taps() / 2, shape.taps() / 2};
        w = tensor("w", shape.weight());
        x = tensor("x", batchFirst(shape.images()));
        g = tensor("g", batchFirst(shape.output()));
        double expected = 0;                                 // of the pixel in the corner, whose window begins in the padding
        float[] weights = Backends.drawn("w", shape.weight().size());
        float[] inputs = Backends.drawn("x", shape.images().size());
        int taps = shape.taps();
        int edge = taps / 2;
        for (int channel = 0; channel < shape.inputs(); channel++) {
            for (int row = edge; row < taps; row++) {
                for (int column = edge; column < taps; column++) {
                    expected += weights[(channel * taps + row) * taps + column]
                            * inputs[(channel * shape.side() + row - edge) * shape.side() + column - edge];
                }
            }
        }
        require(expected, Bridge.values(convolve())[0]);
    }

    private static Shape batchFirst(Shape images) {
        return Shape.of(images.size(3), images.size(0), images.size(1), images.size(2));
    }

    private Tensor tensor(String name, Shape shape) {
        Tensor tensor = torch.tensor(Backends.drawn(name, shape.size())).view(shape.size(0), shape.size(1), shape.size(2), shape.size(3));
        return format.equals("contiguous") ? tensor : tensor.contiguous(torch.MemoryFormat.ChannelsLast);
    }

    /** Results are outside the heap: each benchmark gives its own back. */
    @Benchmark
    public void output() {
        try (var _ = new PointerScope()) {
            convolve();
        }
    }

    private Tensor convolve() {
        return torch.conv2d(x, w, new TensorOptional(), stride, padding, new long[] {1, 1}, 1);
    }

    @Benchmark
    public void inputGradient() {
        backward(true, false);
    }

    @Benchmark
    public void weightGradient() {
        backward(false, true);
    }

    @Benchmark
    public void allFaces() {
        output();
        backward(true, true);
    }

    private void backward(boolean ofInput, boolean ofWeight) {
        try (var _ = new PointerScope()) {
            BoolPointer wanted = new BoolPointer(3).put(0, ofInput).put(1, ofWeight).put(2, false);
            torch.convolution_backward(g, x, w, new LongArrayRefOptional(), stride, padding, new long[] {1, 1}, false, new long[] {0, 0}, 1, wanted);
        }
    }
}
