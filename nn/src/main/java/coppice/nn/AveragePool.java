package coppice.nn;

import coppice.engine.Pooling;
import coppice.engine.Shape;
import coppice.engine.Tensor;
import coppice.engine.Window;
import java.util.List;
import java.util.function.ToLongFunction;

/** The mean of each window, channel by channel; padding counts as zeros. */
public record AveragePool(Window window) implements Layer {

    @Override
    public Shape output(Shape input) {
        return window.outputOfExample("average pool", input, input.size(0));
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        return Pooling.averagePool(x, window);
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return 0;
    }
}
