package coppice.nn;

import coppice.engine.Shape;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/** Layers one after the other. */
public record Sequential(List<Layer> layers) implements Layer {

    public Sequential {
        layers = List.copyOf(layers);
    }

    public static Sequential of(Layer... layers) {
        return new Sequential(List.of(layers));
    }

    @Override
    public Shape output(Shape input) {
        Shape shape = input;
        for (Layer layer : layers) {
            shape = layer.output(shape);
        }
        return shape;
    }

    @Override
    public List<Parameter> parameters() {
        return layers.stream().flatMap(layer -> layer.parameters().stream()).toList();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        Tensor value = x;
        for (int i = 0; i < layers.size(); i++) {
            boolean isRectified = i + 1 < layers.size() && layers.get(i + 1) instanceof Relu;
            if (isRectified && layers.get(i) instanceof Rectifiable layer) {
                value = layer.forwardRectified(pass, value);
                i++;
            } else {
                value = layers.get(i).forward(pass, value);
            }
        }
        return value;
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        long total = 0;
        Shape shape = input;
        for (Layer layer : layers) {
            total += layer.multiplyAdds(shape, survivors);
            shape = layer.output(shape);
        }
        return total;
    }

    @Override
    public void leaves(Shape input, Visitor visitor) {
        Shape shape = input;
        for (Layer layer : layers) {
            layer.leaves(shape, visitor);
            shape = layer.output(shape);
        }
    }
}
