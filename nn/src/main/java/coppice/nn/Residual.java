package coppice.nn;

import static coppice.engine.Elementwise.add;
import static coppice.engine.Elementwise.addRelu;

import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * body(x) + shortcut(x) (He et al., "Deep residual learning for image recognition", 2015, figure 2).
 *
 * @param shortcut {@link #identity}, {@link ZeroPadded} (option A of section 3.3, which no model here has), or a projection: a 1×1
 *     convolution and batch norm
 */
public record Residual(Layer body, Layer shortcut) implements Rectifiable {

    /** A shortcut that changes nothing. */
    public static Layer identity() {
        return Sequential.of();
    }

    @Override
    public Shape output(Shape input) {
        Shape sum = body.output(input);
        if (!sum.equals(shortcut.output(input))) {
            throw new ShapeException("residual: body and shortcut must end in one shape, got " + sum + " and " + shortcut.output(input));
        }
        return sum;
    }

    @Override
    public List<Parameter> parameters() {
        return Stream.of(body, shortcut).flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        return add(body.forward(pass, x), shortcut.forward(pass, x));
    }

    @Override
    public Tensor forwardRectified(Pass pass, Tensor x) {
        return addRelu(body.forward(pass, x), shortcut.forward(pass, x));
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return body.multiplyAdds(input, survivors) + shortcut.multiplyAdds(input, survivors);
    }

    @Override
    public void leaves(Shape input, Visitor visitor) {
        body.leaves(input, visitor);
        shortcut.leaves(input, visitor);
    }
}
