package coppice.nn.models;

import coppice.engine.Shape;
import coppice.nn.BatchNorm2d;
import coppice.nn.Conv2d;
import coppice.nn.GlobalAveragePool;
import coppice.nn.Layer;
import coppice.nn.Linear;
import coppice.nn.Model;
import coppice.nn.Relu;
import coppice.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/** Zagoruyko and Komodakis, "Wide residual networks" (2016), table 1: 6n + 4 layers, k times as wide, batch norm first. */
final class WideResNet {

    private static final int STEM = 16;

    private WideResNet() {}

    static Model of(int depth, int widening, Shape example, int classes) {
        List<Layer> layers = new ArrayList<>();
        layers.add(Conv2d.of3x3("conv", example.size(0), STEM, 1));
        int channels = STEM;
        for (int stage = 0; stage < 3; stage++) {
            int width = STEM * widening << stage;
            for (int block = 0; block < (depth - 4) / 6; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                layers.add(Block.preActivated("stage" + (stage + 1) + "/block" + (block + 1), channels, width, stride));
                channels = width;
            }
        }
        layers.addAll(List.of(new BatchNorm2d("norm", channels), new Relu(), new GlobalAveragePool(), new Linear("fc", channels, classes)));
        return new Model("wide-resnet-" + depth + "-" + widening, example, new Sequential(layers));
    }
}
