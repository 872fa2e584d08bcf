package coppice.nn.models;

import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.engine.Window.Axis;
import coppice.nn.AveragePool;
import coppice.nn.BatchNorm2d;
import coppice.nn.Branches;
import coppice.nn.Conv2d;
import coppice.nn.Dropout;
import coppice.nn.GlobalAveragePool;
import coppice.nn.Layer;
import coppice.nn.Linear;
import coppice.nn.MaxPool;
import coppice.nn.Model;
import coppice.nn.Relu;
import coppice.nn.Sequential;

/**
 * Szegedy et al., "Rethinking the Inception architecture for computer vision" (2015), table 1 and figures 5 to 7, with the widths of the
 * published weights and without the auxiliary head. For images of 299×299, or of at least 75×75.
 */
final class InceptionV3 {

    private static final float EPSILON = 1e-3f;

    private InceptionV3() {}

    static Model of(Shape example, int classes) {
        return new Model("inception-v3", example, Sequential.of(
                convolution("stem/conv1", example.size(0), 32, Window.square(3, 2, 0)),
                convolution("stem/conv2", 32, 32, Window.square(3, 1, 0)),
                convolution("stem/conv3", 32, 64, Window.square(3, 1, 1)),
                new MaxPool(Window.square(3, 2, 0)),
                convolution("stem/conv4", 64, 80, Window.square(1, 1, 0)),
                convolution("stem/conv5", 80, 192, Window.square(3, 1, 0)),
                new MaxPool(Window.square(3, 2, 0)),
                figure5("a1", 192, 32), figure5("a2", 256, 64), figure5("a3", 288, 64),
                reduceToSeventeen("b", 288),
                figure6("c1", 768, 128), figure6("c2", 768, 160), figure6("c3", 768, 160), figure6("c4", 768, 192),
                reduceToEight("d", 768),
                figure7("e1", 1280), figure7("e2", 2048),
                new GlobalAveragePool(), new Dropout("dropout", 0.5), new Linear("fc", 2048, classes)));
    }

    /** Convolution, batch norm, ReLU. */
    private static Layer convolution(String path, int in, int out, Window window) {
        return Sequential.of(new Conv2d(path, in, out, window, 1, false), new BatchNorm2d(path + "-norm", out, EPSILON), new Relu());
    }

    private static Layer one(String path, int in, int out) {
        return convolution(path, in, out, Window.square(1, 1, 0));
    }

    private static Layer three(String path, int in, int out) {
        return convolution(path, in, out, Window.square(3, 1, 1));
    }

    /** A row of {@code size} taps, as wide as it reaches. */
    private static Layer across(String path, int in, int out, int size) {
        return convolution(path, in, out, new Window(new Axis(1, 1, 0, 1), new Axis(size, 1, size / 2, 1)));
    }

    private static Layer down(String path, int in, int out, int size) {
        return convolution(path, in, out, new Window(new Axis(size, 1, size / 2, 1), new Axis(1, 1, 0, 1)));
    }

    private static Layer pooled(String path, int in, int out) {
        return Sequential.of(new AveragePool(Window.square(3, 1, 1)), one(path, in, out));
    }

    private static Layer figure5(String path, int in, int pooled) {
        return Branches.of(
                one(path + "/1x1", in, 64),
                Sequential.of(one(path + "/5x5-1", in, 48), convolution(path + "/5x5-2", 48, 64, Window.square(5, 1, 2))),
                Sequential.of(one(path + "/3x3-1", in, 64), three(path + "/3x3-2", 64, 96), three(path + "/3x3-3", 96, 96)),
                pooled(path + "/pool", in, pooled));
    }

    private static Layer reduceToSeventeen(String path, int in) {
        return Branches.of(
                convolution(path + "/3x3", in, 384, Window.square(3, 2, 0)),
                Sequential.of(one(path + "/double-1", in, 64), three(path + "/double-2", 64, 96),
                        convolution(path + "/double-3", 96, 96, Window.square(3, 2, 0))),
                new MaxPool(Window.square(3, 2, 0)));
    }

    private static Layer figure6(String path, int in, int middle) {
        return Branches.of(
                one(path + "/1x1", in, 192),
                Sequential.of(one(path + "/7x7-1", in, middle), across(path + "/7x7-2", middle, middle, 7), down(path + "/7x7-3", middle, 192, 7)),
                Sequential.of(one(path + "/double-1", in, middle), down(path + "/double-2", middle, middle, 7),
                        across(path + "/double-3", middle, middle, 7), down(path + "/double-4", middle, middle, 7),
                        across(path + "/double-5", middle, 192, 7)),
                pooled(path + "/pool", in, 192));
    }

    private static Layer reduceToEight(String path, int in) {
        return Branches.of(
                Sequential.of(one(path + "/3x3-1", in, 192), convolution(path + "/3x3-2", 192, 320, Window.square(3, 2, 0))),
                Sequential.of(one(path + "/7x7-1", in, 192), across(path + "/7x7-2", 192, 192, 7), down(path + "/7x7-3", 192, 192, 7),
                        convolution(path + "/7x7-4", 192, 192, Window.square(3, 2, 0))),
                new MaxPool(Window.square(3, 2, 0)));
    }

    private static Layer figure7(String path, int in) {
        return Branches.of(
                one(path + "/1x1", in, 320),
                Sequential.of(one(path + "/3x3-1", in, 384), split(path + "/3x3-2", 384)),
                Sequential.of(one(path + "/double-1", in, 448), three(path + "/double-2", 448, 384), split(path + "/double-3", 384)),
                pooled(path + "/pool", in, 192));
    }

    private static Layer split(String path, int channels) {
        return Branches.of(across(path + "a", channels, channels, 3), down(path + "b", channels, channels, 3));
    }
}
