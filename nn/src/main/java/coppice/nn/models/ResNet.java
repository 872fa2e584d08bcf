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
 * ResNet-18, -34 and -50 of He et al., "Deep residual learning for image recognition" (2015), table 1, with the stride of a bottleneck
 * in its 3×3 convolution. Their siblings for CIFAR begin with one 3×3 convolution that keeps the size.
 */
final class ResNet {

    private static final int[] WIDTHS = {64, 128, 256, 512};

    private ResNet() {}

    /** With the stem for ImageNet: a 7×7 convolution and 3×3 max pooling, each of stride 2. */
    static Model imageNet(int depth, Shape example, int classes) {
        return of("resnet-" + depth, depth, example, classes, List.of(
                new Conv2d("conv", example.size(0), WIDTHS[0], Window.square(7, 2, 3), 1, false), new BatchNorm2d("norm", WIDTHS[0]),
                new Relu(), new MaxPool(Window.square(3, 2, 1))));
    }

    static Model cifar(int depth, Shape example, int classes) {
        return of("resnet-" + depth + "-cifar", depth, example, classes, List.of(
                Conv2d.of3x3("conv", example.size(0), WIDTHS[0], 1), new BatchNorm2d("norm", WIDTHS[0]), new Relu()));
    }

    private static Model of(String name, int depth, Shape example, int classes, List<Layer> stem) {
        int[] blocks = switch (depth) {
            case 18 -> new int[] {2, 2, 2, 2};
            case 34, 50 -> new int[] {3, 4, 6, 3};
            default -> throw new IllegalArgumentException("resnet: depth must be 18, 34 or 50, got " + depth);
        };
        List<Layer> layers = new ArrayList<>(stem);
        int channels = WIDTHS[0];
        for (int stage = 0; stage < WIDTHS.length; stage++) {
            for (int block = 0; block < blocks[stage]; block++) {
                String path = "stage" + (stage + 1) + "/block" + (block + 1);
                int stride = stage > 0 && block == 0 ? 2 : 1;
                layers.add(depth == 50
                        ? Block.bottleneck(path, channels, WIDTHS[stage], stride)
                        : Block.basic(path, channels, WIDTHS[stage], stride));
                channels = depth == 50 ? Block.EXPANSION * WIDTHS[stage] : WIDTHS[stage];
            }
        }
        layers.add(new GlobalAveragePool());
        layers.add(new Linear("fc", channels, classes));
        return new Model(name, example, new Sequential(layers));
    }
}
