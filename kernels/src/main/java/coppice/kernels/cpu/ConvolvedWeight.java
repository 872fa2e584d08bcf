package coppice.kernels.cpu;

import coppice.engine.Form;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.List;

/** A gradient of a convolution's weight that waits for that of its input, with which it can be made in one go: {@link ConvolvedImages}. */
final class ConvolvedWeight extends Deferred {

    private final Convolutions convolutions;
    private final Form weight;
    private final Window window;
    private final Shape shape;
    private final NativeBuffer x;
    private final NativeBuffer g;

    /** @param shape [C, H, W, N], of x */
    ConvolvedWeight(Convolutions convolutions, Form weight, Window window, Shape shape, NativeBuffer x, NativeBuffer g) {
        super(List.of(x, g));
        this.convolutions = convolutions;
        this.weight = weight;
        this.window = window;
        this.shape = shape;
        this.x = x;
        this.g = g;
    }

    boolean isOf(Form weight, Window window, Shape shape, NativeBuffer g) {
        return this.g == g && this.weight.equals(weight) && this.window.equals(window) && this.shape.equals(shape);
    }

    /** x. */
    Source images() {
        return x.source();
    }

    @Override
    void write(long to) {
        convolutions.run(Face.WEIGHT, weight, window, 1, shape, true, to, x.source(), g.source(), Sink.NOTHING);
    }
}
