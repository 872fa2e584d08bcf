package coppice.nn;

import coppice.engine.Pooling;
import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import coppice.engine.Window;
import java.util.List;
import java.util.function.ToLongFunction;

/** The largest value of each window, channel by channel. */
public record MaxPool(Window window) implements Layer {

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3) {
            throw new ShapeException("max pool: takes examples of [C, H, W], got " + input);
        }
        Shape batch = window.output("max pool", input.batch(1), input.size(0));
        return Shape.of(batch.size(0), batch.size(1), batch.size(2));
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        return Pooling.maxPool(x, window);
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return 0;
    }
}
