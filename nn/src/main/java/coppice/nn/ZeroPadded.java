package coppice.nn;

import static coppice.engine.Layout.pad;

import coppice.engine.Pooling;
import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import coppice.engine.Window;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A shortcut without parameters to more and smaller channels: every {@code stride}-th pixel, and channels of zeros after those there
 * are (He et al. 2015, section 3.3, option A).
 */
public record ZeroPadded(int in, int out, int stride) implements Layer {

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3 || input.size(0) != in || out < in) {
            throw new ShapeException("zero-padded shortcut: takes examples of [" + in + ", H, W] to no fewer channels, got " + input + " to " + out);
        }
        Shape every = window().output("zero-padded shortcut", input.batch(1), out);
        return Shape.of(out, every.size(1), every.size(2));
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        Tensor every = stride == 1 ? x : Pooling.averagePool(x, window());
        return out == in ? every : pad(every, 0, 0, out - in);
    }

    private Window window() {
        return Window.square(1, stride, 0);
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return 0;
    }
}
