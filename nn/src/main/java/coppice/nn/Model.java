package coppice.nn;

import coppice.engine.Shape;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A network for examples of one shape.
 *
 * @param name    the paper's name in lower case with hyphens: {@code lenet-300-100}
 * @param example the shape of one example
 * @param body    the layers; their output is the logits [classes, N]
 */
public record Model(String name, Shape example, Layer body) {

    public Model {
        body.output(example);
        List<String> names = body.parameters().stream().map(Parameter::name).toList();
        if (names.stream().distinct().count() < names.size()) {
            throw new IllegalArgumentException("model " + name + ": each parameter must have a name of its own, got " + names);
        }
    }

    public List<Parameter> parameters() {
        return body.parameters();
    }

    /** The parameters that pruning may touch. */
    public List<Parameter> prunable() {
        return parameters().stream().filter(Parameter::isPrunable).toList();
    }

    /** The number of trained values. */
    public long parameterCount() {
        return parameters().stream().filter(Parameter::isTrained).mapToLong(parameter -> parameter.shape().size()).sum();
    }

    public int classes() {
        return body.output(example).size();
    }

    /**
     * Floating-point operations of one training step: two for each multiply-add of the products, forward, for the weights and,
     * except in the layers that see the example itself, which is data, for the input.
     *
     * @param survivors how many values of a parameter exist
     */
    public long stepFlops(int batch, ToLongFunction<String> survivors) {
        return 2L * batch * (3 * body.multiplyAdds(example, survivors) - firstMultiplyAdds(body, example, survivors));
    }

    /** Of the layers that no other layer with parameters comes before. */
    private static long firstMultiplyAdds(Layer layer, Shape input, ToLongFunction<String> survivors) {
        return switch (layer) {
            case Sequential(List<Layer> layers) -> {
                Shape shape = input;
                for (Layer part : layers) {
                    if (!part.parameters().isEmpty()) {
                        yield firstMultiplyAdds(part, shape, survivors);
                    }
                    shape = part.output(shape);
                }
                yield 0;
            }
            case Residual(Layer body, Layer shortcut) ->
                    firstMultiplyAdds(body, input, survivors) + firstMultiplyAdds(shortcut, input, survivors);
            case Branches(List<Layer> layers) -> layers.stream().mapToLong(branch -> firstMultiplyAdds(branch, input, survivors)).sum();
            default -> layer.multiplyAdds(input, survivors);
        };
    }
}
