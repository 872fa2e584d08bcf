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

/**
 * The residual networks for CIFAR of He et al., "Deep residual learning for image recognition" (2015), section 4.2: 6n + 2 layers in
 * three stages of 16, 32 and 64 channels, n blocks each. Shortcuts between stages are projections, as in the lottery ticket papers.
 */
final class CifarResNet {

    private static final int[] WIDTHS = {16, 32, 64};

    private CifarResNet() {}

    /** @param depth 6n + 2: 8, 20, 32, 44, 56, 110 */
    static Model of(int depth, Shape example, int classes) {
        List<Layer> layers = new ArrayList<>();
        layers.add(Conv2d.of3x3("conv", example.size(0), WIDTHS[0], 1));
        layers.add(new BatchNorm2d("norm", WIDTHS[0]));
        layers.add(new Relu());
        int channels = WIDTHS[0];
        for (int stage = 0; stage < WIDTHS.length; stage++) {
            for (int block = 0; block < (depth - 2) / 6; block++) {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                layers.add(Block.basic("stage" + (stage + 1) + "/block" + (block + 1), channels, WIDTHS[stage], stride));
                channels = WIDTHS[stage];
            }
        }
        layers.add(new GlobalAveragePool());
        layers.add(new Linear("fc", channels, classes));
        return new Model("resnet-" + depth, example, new Sequential(layers));
    }
}
