package coppice.nn.models;

import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.nn.BatchNorm2d;
import coppice.nn.Conv2d;
import coppice.nn.GlobalAveragePool;
import coppice.nn.Layer;
import coppice.nn.Linear;
import coppice.nn.MaxPool;
import coppice.nn.Model;
import coppice.nn.Relu;
import coppice.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * VGG-11, -13, -16 and -19 for small images: the convolutions of Simonyan and Zisserman, "Very deep convolutional networks" (2014),
 * table 1, configurations A, B, D and E, each with a bias and batch norm; then global average pooling and one linear layer. On images of 32×32
 * the five maxima leave one pixel, as in the paper; the VGG-19 of lottery-ticket papers leaves out the last and averages 2×2 pixels.
 */
final class Vgg {

    private static final int[] WIDTHS = {64, 128, 256, 512, 512};

    private Vgg() {}

    /** @param depth 11, 13, 16 or 19: weight layers of the paper's network, three of them fully connected */
    static Model of(int depth, Shape example, int classes) {
        int[] convolutions = switch (depth) {
            case 11 -> new int[] {1, 1, 2, 2, 2};
            case 13 -> new int[] {2, 2, 2, 2, 2};
            case 16 -> new int[] {2, 2, 3, 3, 3};
            case 19 -> new int[] {2, 2, 4, 4, 4};
            default -> throw new IllegalArgumentException("vgg: depth must be 11, 13, 16 or 19, got " + depth);
        };
        List<Layer> layers = new ArrayList<>();
        int channels = example.size(0);
        for (int stage = 0; stage < WIDTHS.length; stage++) {
            for (int i = 0; i < convolutions[stage]; i++) {
                String path = "stage" + (stage + 1) + "/";
                layers.add(Conv2d.of3x3(path + "conv" + (i + 1), channels, WIDTHS[stage], 1).withBias());
                layers.add(new BatchNorm2d(path + "norm" + (i + 1), WIDTHS[stage]));
                layers.add(new Relu());
                channels = WIDTHS[stage];
            }
            layers.add(new MaxPool(Window.square(2, 2, 0)));
        }
        layers.add(new GlobalAveragePool());
        layers.add(new Linear("fc", channels, classes));
        return new Model("vgg-" + depth, example, new Sequential(layers));
    }
}
