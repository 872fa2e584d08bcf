package coppice.nn.models;

import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.nn.Conv2d;
import coppice.nn.Flatten;
import coppice.nn.Layer;
import coppice.nn.Linear;
import coppice.nn.MaxPool;
import coppice.nn.Model;
import coppice.nn.Relu;
import coppice.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * Conv-2, Conv-4 and Conv-6 of Frankle and Carbin, "The lottery ticket hypothesis" (2019), figure 2: pairs of 3×3 convolutions, each
 * pair followed by 2×2 max pooling, then two hidden layers of 256.
 */
final class ConvNet {

    private static final int[] WIDTHS = {64, 128, 256};
    private static final int HIDDEN = 256;

    private ConvNet() {}

    /** @param convolutions 2, 4 or 6 */
    static Model of(int convolutions, Shape example, int classes) {
        List<Layer> layers = new ArrayList<>();
        int channels = example.size(0);
        for (int i = 0; i < convolutions; i++) {
            int width = WIDTHS[i / 2];
            layers.add(Conv2d.of3x3("conv" + (i + 1), channels, width, 1).withBias());
            layers.add(new Relu());
            channels = width;
            if (i % 2 == 1) {
                layers.add(new MaxPool(Window.square(2, 2, 0)));
            }
        }
        layers.add(new Flatten());
        int features = new Sequential(layers).output(example).size();
        layers.addAll(List.of(
                new Linear("fc1", features, HIDDEN), new Relu(),
                new Linear("fc2", HIDDEN, HIDDEN), new Relu(),
                new Linear("fc3", HIDDEN, classes)));
        return new Model("conv-" + convolutions, example, new Sequential(layers));
    }
}
