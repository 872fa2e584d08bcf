package coppice.nn;

import static coppice.engine.Layout.reshape;

import coppice.engine.Shape;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/** All of an example's axes as one, [C, H, W, N] to [C·H·W, N]; a view. */
public record Flatten() implements Layer {

    @Override
    public Shape output(Shape input) {
        return Shape.of(input.size());
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        int batch = x.shape().size(x.shape().rank() - 1);
        return reshape(x, Shape.of(x.shape().product(0, x.shape().rank() - 1), batch));
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return 0;
    }
}
