package coppice.nn;

import static coppice.engine.Layout.concat;

import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/** Layers beside each other on one input, their outputs joined channel after channel. */
public record Branches(List<Layer> layers) implements Layer {

    public Branches {
        layers = List.copyOf(layers);
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("branches: needs at least one layer");
        }
    }

    public static Branches of(Layer... layers) {
        return new Branches(List.of(layers));
    }

    @Override
    public Shape output(Shape input) {
        Shape first = layers.getFirst().output(input);
        int channels = 0;
        for (Layer layer : layers) {
            Shape output = layer.output(input);
            if (!output.with(0, 1).equals(first.with(0, 1))) {
                throw new ShapeException("branches: outputs must agree but for their channels, got " + first + " and " + output);
            }
            channels += output.size(0);
        }
        return first.with(0, channels);
    }

    @Override
    public List<Parameter> parameters() {
        return layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        return concat(0, layers.stream().map(layer -> layer.forward(pass, x)).toArray(Tensor[]::new));
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return layers.stream().mapToLong(layer -> layer.multiplyAdds(input, survivors)).sum();
    }

    @Override
    public void leaves(Shape input, Visitor visitor) {
        layers.forEach(layer -> layer.leaves(input, visitor));
    }
}
