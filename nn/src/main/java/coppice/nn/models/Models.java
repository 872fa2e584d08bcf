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
        for (int convolutions : new int[] {2, 4, 6}) {
            BY_NAME.put("conv-" + convolutions, (example, classes) -> ConvNet.of(convolutions, example, classes));
        }
        for (int depth : new int[] {8, 20, 32, 44, 56, 110}) {
            BY_NAME.put("resnet-" + depth, (example, classes) -> CifarResNet.of(depth, example, classes));
        }
        BY_NAME.put("wide-resnet-16-8", (example, classes) -> WideResNet.of(16, 8, example, classes));
        BY_NAME.put("wide-resnet-22-2", (example, classes) -> WideResNet.of(22, 2, example, classes));
        BY_NAME.put("wide-resnet-28-10", (example, classes) -> WideResNet.of(28, 10, example, classes));
        for (int depth : new int[] {11, 13, 16, 19}) {
            BY_NAME.put("vgg-" + depth, (example, classes) -> Vgg.of(depth, example, classes));
        }
        for (int depth : new int[] {18, 34, 50}) {
            BY_NAME.put("resnet-" + depth, (example, classes) -> ResNet.imageNet(depth, example, classes));
            BY_NAME.put("resnet-" + depth + "-cifar", (example, classes) -> ResNet.cifar(depth, example, classes));
        }
        BY_NAME.put("inception-v3", InceptionV3::of);
    }

    private Models() {}

    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /**
     * The examples that a network was published for.
     *
     * @param name one of {@link #names()}
     */
    public static Published published(String name) {
        if (name.equals("linear") || name.startsWith("lenet")) {
            return new Published(Shape.of(1, 28, 28), 10);
        }
        if (name.equals("inception-v3")) {
            return new Published(Shape.of(3, 299, 299), 1000);
        }
        return List.of("resnet-18", "resnet-34", "resnet-50").contains(name)
                ? new Published(Shape.of(3, 224, 224), 1000)
                : new Published(Shape.of(3, 32, 32), 10);
    }

    /** What a network was published for. */
    public record Published(Shape example, int classes) {}

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
