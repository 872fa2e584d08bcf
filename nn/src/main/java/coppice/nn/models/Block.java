package coppice.nn.models;

import coppice.nn.BatchNorm2d;
import coppice.nn.Conv2d;
import coppice.nn.Layer;
import coppice.nn.Relu;
import coppice.nn.Residual;
import coppice.nn.Sequential;

/** The blocks of residual networks: He et al., "Deep residual learning for image recognition" (2015), figure 5. */
final class Block {

    /** How many times wider a bottleneck ends than it is in its middle. */
    static final int EXPANSION = 4;

    private Block() {}

    /** Two 3×3 convolutions, the first with the stride. */
    static Layer basic(String path, int in, int out, int stride) {
        return residual(path, in, out, stride, Sequential.of(
                Conv2d.of3x3(path + "/conv1", in, out, stride), new BatchNorm2d(path + "/norm1", out), new Relu(),
                Conv2d.of3x3(path + "/conv2", out, out, 1), new BatchNorm2d(path + "/norm2", out)));
    }

    /** 1×1 to fewer channels, 3×3 with the stride, 1×1 to four times as many. */
    static Layer bottleneck(String path, int in, int middle, int stride) {
        int out = EXPANSION * middle;
        return residual(path, in, out, stride, Sequential.of(
                Conv2d.of1x1(path + "/conv1", in, middle, 1), new BatchNorm2d(path + "/norm1", middle), new Relu(),
                Conv2d.of3x3(path + "/conv2", middle, middle, stride), new BatchNorm2d(path + "/norm2", middle), new Relu(),
                Conv2d.of1x1(path + "/conv3", middle, out, 1), new BatchNorm2d(path + "/norm3", out)));
    }

    private static Layer residual(String path, int in, int out, int stride, Layer body) {
        Layer shortcut = in == out && stride == 1
                ? Residual.identity()
                : Sequential.of(Conv2d.of1x1(path + "/shortcut", in, out, stride), new BatchNorm2d(path + "/shortcut-norm", out));
        return Sequential.of(new Residual(body, shortcut), new Relu());
    }

    /** Batch norm and ReLU before each convolution (He et al., "Identity mappings in deep residual networks", 2016, figure 1b). */
    static Layer preActivated(String path, int in, int out, int stride) {
        Layer first = Sequential.of(new BatchNorm2d(path + "/norm1", in), new Relu());
        Layer rest = Sequential.of(
                Conv2d.of3x3(path + "/conv1", in, out, stride), new BatchNorm2d(path + "/norm2", out), new Relu(),
                Conv2d.of3x3(path + "/conv2", out, out, 1));
        return in == out && stride == 1
                ? new Residual(Sequential.of(first, rest), Residual.identity())
                : Sequential.of(first, new Residual(rest, Conv2d.of1x1(path + "/shortcut", in, out, stride)));
    }
}
