package coppice.nn;

import static coppice.engine.Layout.reshape;
import static coppice.engine.Reduction.mean;

import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/** The mean of each channel, [C, H, W, N] to [C, N]. */
public record GlobalAveragePool() implements Layer {

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3) {
            throw new ShapeException("global average pool: takes examples of [C, H, W], got " + input);
        }
        return Shape.of(input.size(0));
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        return reshape(mean(x, 1, 2), Shape.of(x.shape().size(0), x.shape().size(3)));
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return 0;
    }
}
