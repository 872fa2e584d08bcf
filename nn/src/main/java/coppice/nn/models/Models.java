package coppice.nn.models;

import coppice.engine.Shape;
import coppice.nn.Flatten;
import coppice.nn.Linear;
import coppice.nn.Model;
import coppice.nn.Sequential;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiFunction;

/** The models by name. */
public final class Models {

    private static final SequencedMap<String, BiFunction<Shape, Integer, Model>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("linear", Models::linear);
        BY_NAME.put("lenet-300-100", LeNet::lenet300100);
    }

    private Models() {}

    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /**
     * @param name    one of {@link #names()}
     * @param example the shape of one example, [C, H, W]
     * @throws IllegalArgumentException if there is no model of that name
     */
    public static Model of(String name, Shape example, int classes) {
        BiFunction<Shape, Integer, Model> model = BY_NAME.get(name);
        if (model == null) {
            throw new IllegalArgumentException("model: there is no \"" + name + "\", only " + String.join(", ", BY_NAME.keySet()));
        }
        return model.apply(example, classes);
    }

    /** Softmax regression: the baseline that any hidden layer must beat. */
    private static Model linear(Shape example, int classes) {
        return new Model("linear", example, Sequential.of(new Flatten(), new Linear("fc1", example.size(), classes)));
    }
}
