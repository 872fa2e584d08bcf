package coppice.bench.peers;

import coppice.bench.peers.Subject.OfLayer;
import coppice.bench.peers.Subject.OfLoss;
import coppice.bench.peers.Subject.OfModel;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.engine.Window.Axis;
import coppice.nn.AveragePool;
import coppice.nn.BatchNorm2d;
import coppice.nn.Branches;
import coppice.nn.Conv2d;
import coppice.nn.Dropout;
import coppice.nn.Flatten;
import coppice.nn.GlobalAveragePool;
import coppice.nn.Layer;
import coppice.nn.Linear;
import coppice.nn.Loss;
import coppice.nn.MaxPool;
import coppice.nn.Model;
import coppice.nn.Optimiser;
import coppice.nn.Relu;
import coppice.nn.Residual;
import coppice.nn.Sequential;
import coppice.nn.ZeroPadded;
import coppice.nn.models.Models;
import java.util.List;
import java.util.stream.Stream;

/** The list of what is compared. */
final class Subjects {

    /** Sizes of which none equals another, so that mistaken axes do not fit. */
    private static final Shape IMAGES = Shape.of(6, 9, 11);

    private static final int CLASSES = 10;

    /** A batch that fills any machine's vectors, as batches that are trained with do. */
    private static final int WHOLE_VECTORS = 32;

    private Subjects() {}

    static Stream<Subject> all() {
        return Stream.of(convolutions(), layers(), losses(), models()).flatMap(List::stream);
    }

    private static List<Subject> convolutions() {
        Window plain = Window.square(3, 1, 1);
        var uneven = new Window(new Axis(1, 1, 0, 1), new Axis(7, 2, 3, 1));
        var dilated = new Window(new Axis(3, 1, 2, 2), new Axis(2, 2, 1, 3));
        return List.of(
                convolution("3×3", plain, 1),
                new OfLayer("convolution 3×3 with bias", new Conv2d("conv", 6, 10, plain, 1, true), IMAGES),
                convolution("5×5 without padding", Window.square(5, 1, 0), 1),
                convolution("3×3 of stride 2", Window.square(3, 2, 1), 1),
                convolution("1×1 of stride 2", Window.square(1, 2, 0), 1),
                convolution("7×7 of stride 2", Window.square(7, 2, 3), 1),
                convolution("1×7", uneven, 1),
                convolution("with dilation", dilated, 1),
                convolution("in 2 groups", plain, 2),
                new OfLayer("convolution of each channel", new Conv2d("conv", 6, 12, plain, 6, true), IMAGES),
                convolution("3×3", plain, 1).masked(0.2),
                convolution("3×3", plain, 1).masked(0.02),
                convolution("with dilation in 2 groups", dilated, 2).masked(0.5),
                convolution("3×3", plain, 1).ofBatch(WHOLE_VECTORS),
                convolution("3×3 of stride 2", Window.square(3, 2, 1), 1).ofBatch(WHOLE_VECTORS),
                convolution("3×3", plain, 1).masked(0.2).ofBatch(WHOLE_VECTORS));
    }

    private static OfLayer convolution(String name, Window window, int groups) {
        return new OfLayer("convolution " + name, new Conv2d("conv", 6, 10, window, groups, false), IMAGES);
    }

    private static List<Subject> layers() {
        var norm = new OfLayer("batch norm", new BatchNorm2d("norm", 6), IMAGES);
        var dropout = new OfLayer("dropout", new Dropout("dropout", 0.3), IMAGES);
        var linear = new OfLayer("linear", new Linear("fc", 37, 23), Shape.of(37));
        Layer body = Sequential.of(Conv2d.of3x3("body", 6, 6, 1), new BatchNorm2d("body-norm", 6));
        Layer halving = Sequential.of(Conv2d.of3x3("body", 6, 10, 2), new BatchNorm2d("body-norm", 10));
        Layer projection = Sequential.of(Conv2d.of1x1("shortcut", 6, 10, 2), new BatchNorm2d("shortcut-norm", 10));
        return List.of(
                norm, norm.inference(), norm.ofBatch(WHOLE_VECTORS),
                new OfLayer("batch norm of epsilon 0.001", new BatchNorm2d("norm", 6, 1e-3f), IMAGES),
                linear, linear.masked(0.1),
                new OfLayer("relu", new Relu(), IMAGES).withTies(),
                new OfLayer("max pool 2×2", new MaxPool(Window.square(2, 2, 0)), IMAGES).withTies(),
                new OfLayer("max pool 3×3 of stride 2, padded", new MaxPool(Window.square(3, 2, 1)), IMAGES).withTies(),
                new OfLayer("max pool 3×3 of stride 2, padded", new MaxPool(Window.square(3, 2, 1)), IMAGES).withTies().ofBatch(WHOLE_VECTORS),
                new OfLayer("average pool 3×3, padded", new AveragePool(Window.square(3, 1, 1)), IMAGES),
                new OfLayer("average pool 2×2 of stride 2", new AveragePool(Window.square(2, 2, 0)), IMAGES),
                new OfLayer("global average pool", new GlobalAveragePool(), IMAGES),
                new OfLayer("flatten", new Flatten(), IMAGES),
                dropout, dropout.inference(),
                new OfLayer("zero-padded shortcut", new ZeroPadded(6, 10, 2), IMAGES),
                new OfLayer("residual of identity", new Residual(body, Residual.identity()), IMAGES),
                new OfLayer("residual of projection", new Residual(halving, projection), IMAGES),
                new OfLayer("residual of projection", new Residual(halving, projection), IMAGES).ofBatch(WHOLE_VECTORS),
                new OfLayer("residual of zero-padded shortcut", new Residual(halving, new ZeroPadded(6, 10, 2)), IMAGES),
                new OfLayer("branches", Branches.of(Conv2d.of1x1("one", 6, 4, 1), new MaxPool(Window.square(3, 1, 1)),
                        Sequential.of(new AveragePool(Window.square(3, 1, 1)), Conv2d.of3x3("three", 6, 5, 1).withBias())), IMAGES));
    }

    private static List<Subject> losses() {
        return List.of(
                new OfLoss("cross entropy", Loss.CROSS_ENTROPY, 0),
                new OfLoss("cross entropy, smoothing 0.1", Loss.CROSS_ENTROPY, 0.1f),
                new OfLoss("squared error", Loss.SQUARED_ERROR, 0));
    }

    private static List<Subject> models() {
        var lenet = new OfModel(Models.of("lenet-300-100", Shape.of(1, 28, 28), CLASSES), 32);
        return List.of(
                smooth(),
                smooth().masked(0.3),
                smooth().trainedBy("Nesterov", new Optimiser.Sgd(0.9, true, 5e-4), 0.01f),
                smooth().trainedBy("Adam", new Optimiser.Adam(0.9, 0.999, 1e-8, 5e-4), 1e-3f),
                lenet,
                lenet.masked(0.05),
                model("conv-2", 32, 8),
                model("conv-4", 32, 8),
                model("conv-4", 32, 8).masked(0.2),
                model("resnet-20", 32, WHOLE_VECTORS),
                model("resnet-20", 32, WHOLE_VECTORS).masked(0.2),
                model("wide-resnet-16-8", 32, 2),
                model("vgg-16", 32, 8),
                model("resnet-18", 64, 16),
                model("resnet-50", 64, 4).slowly(),
                // The smallest images of whose last stage two by two pixels are left: of one, batch norm would have 4 values.
                model("inception-v3", 107, 2).slowly());
    }

    /** A network without kinks: what it shows of a step, of momentum, decay and statistics, no chance can excuse. */
    private static OfModel smooth() {
        Layer body = Sequential.of(Conv2d.of3x3("body", 8, 8, 1), new BatchNorm2d("body-norm", 8));
        return new OfModel(new Model("smooth", IMAGES, Sequential.of(
                new Conv2d("conv", 6, 8, Window.square(3, 1, 1), 2, true), new BatchNorm2d("norm", 8),
                new Residual(body, Residual.identity()), new AveragePool(Window.square(2, 2, 0)),
                new Flatten(), new Dropout("dropout", 0.2), new Linear("fc", 8 * 4 * 5, CLASSES))), 32);
    }

    private static OfModel model(String name, int side, int batch) {
        return new OfModel(Models.of(name, Shape.of(3, side, side), CLASSES), batch);
    }
}
