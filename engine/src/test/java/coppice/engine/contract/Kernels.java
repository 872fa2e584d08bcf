package coppice.engine.contract;

import coppice.engine.Backend;
import coppice.engine.Backend.Adam;
import coppice.engine.Backend.Sgd;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The table of what a backend must compute: one line for each kernel. */
final class Kernels {

    /** A kernel's name, and a run of it on drawn operands. */
    record Line(String name, Consumer<Trial> run) {

        @Override
        public String toString() {
            return name;
        }
    }

    /** Of a batch that is four vectors of whichever width. */
    private static final Shape IMAGES = Shape.of(5, 4, 3, 64);

    /** The window by which most networks halve images. */
    private static final Window HALVES = Window.square(2, 2, 0);

    private Kernels() {}

    static List<Line> all() {
        var lines = new ArrayList<Line>();
        lines.add(new Line("allocate, write, read", t -> t.exact(t.draw(t.size() * t.below(300)))));
        lines.add(new Line("fill", Kernels::fill));
        for (Unary f : Unary.values()) {
            lines.add(new Line("map " + f, t -> map(t, f, t.size(), false)));
            lines.add(new Line("map " + f + ", large and special", t -> map(t, f, 40_000 + t.size(), true)));
            lines.add(new Line("map " + f + ", images", t -> mapImages(t, f)));
        }
        lines.add(new Line("affine", t -> affine(t, t.size())));
        lines.add(new Line("affine, large", t -> affine(t, 40_000 + t.size())));
        for (Binary f : Binary.values()) {
            lines.add(new Line("combine " + f, t -> combine(t, f)));
            lines.add(new Line("combine " + f + ", images", t -> combine(t, f, IMAGES, t.repeatedTo(IMAGES), t.repeatedTo(IMAGES))));
        }
        lines.add(new Line("combine, bias", t -> combine(t, Binary.ADD, t.shape(300, 60), t.shape(300, 60), t.shape(300, 1))));
        lines.add(new Line("combine, row", t -> combine(t, Binary.MULTIPLY, t.shape(702, 207), t.shape(1, 207), t.shape(702, 207))));
        lines.add(new Line("combine, scalar", t -> combine(t, Binary.DIVIDE, t.shape(80_007), Shape.SCALAR, t.shape(80_007))));
        lines.add(new Line("combine, outer", t -> combine(t, Binary.SUBTRACT, t.shape(207, 702), t.shape(207, 1), t.shape(1, 702))));
        lines.add(new Line("expand", Kernels::expand));
        lines.add(new Line("sum", t -> sum(t, t.anyShape())));
        lines.add(new Line("sum, large to scalar", t -> sum(t, t.shape(235_200), Shape.SCALAR)));
        lines.add(new Line("sum, over the batch", t -> sum(t, t.shape(702, 60), t.shape(702, 1))));
        lines.add(new Line("sum, over the batch and pixels", t -> sum(t, t.shape(13, 10, 10, 60), t.shape(13, 1, 1, 1))));
        lines.add(new Line("sum, over classes", t -> sum(t, t.shape(207, 702), t.shape(1, 702))));
        lines.add(new Line("sum, images", t -> sum(t, IMAGES)));
        lines.add(new Line("max", Kernels::max));
        lines.add(new Line("permute", Kernels::permute));
        lines.add(new Line("permute, transpose", t -> permute(t, t.shape(t.size(), t.size()), 1, 0)));
        lines.add(new Line("copyRows", Kernels::copyRows));
        lines.add(new Line("scatter", Kernels::scatter));
        lines.add(new Line("gather", Kernels::gather));
        lines.add(new Line("keepLargest", t -> keepLargest(t, t.draw(t.size()))));
        lines.add(new Line("keepLargest, ties", t -> keepLargest(t, t.drawTied(t.size() * t.size(20)))));
        lines.add(new Line("keepLargest, one magnitude", t -> keepLargest(t, t.draw(t.size() * t.size(20), 3, 3))));
        lines.add(new Line("keepLargest, special", t -> keepLargest(t, t.drawSpecial(t.size(), -2, 2))));
        lines.add(new Line("keepLargest, large", t -> keepLargest(t, t.draw(40_000 + t.size()))));
        lines.add(new Line("keepLargest, large, ties",                        // on the CPU each of three threads has its part
                t -> keepLargest(t, 200_000 + t.below(700), t.drawTied(200_700))));
        for (Face face : Face.values()) {
            lines.add(new Line("matmul " + face + ", dense", t -> matmul(t, face, Form.dense(t.shape(t.size(), t.size())), t.size())));
            lines.add(new Line("matmul " + face + ", masked", t -> matmul(t, face, Form.masked(t.mask(t.size(), t.size())), t.size())));
            lines.add(new Line("matmul " + face + ", a layer", t -> matmul(t, face, Form.masked(t.mask(100, 300)), 60)));
            lines.add(new Line("matmul " + face + ", a layer of any batch", t -> matmul(t, face, Form.masked(t.mask(50, 70)), t.size(70))));
            lines.add(new Line("matmul " + face + ", a dense layer", t -> matmul(t, face, Form.dense(t.shape(100, 300)), 60)));
            lines.add(new Line("matmul " + face + ", a classifier", t -> matmul(t, face, Form.dense(t.shape(10, 100)), 60)));
            lines.add(new Line("matmul " + face + ", a classifier of odd sizes", t -> matmul(t, face, Form.dense(t.shape(7, 83)), 165)));
            lines.add(new Line("matmul " + face + ", wide", t -> matmul(t, face, Form.dense(t.shape(61, 2200)), 5)));
            lines.add(new Line("matmul " + face + ", tall", t -> matmul(t, face, Form.dense(t.shape(2200, 61)), 70)));
            lines.add(new Line("matmul " + face + ", wide, masked", t -> matmul(t, face, Form.masked(t.mask(9, 5000)), 70)));
            lines.add(new Line("matmul " + face + ", tall, masked", t -> matmul(t, face, Form.masked(t.mask(5000, 9)), 5)));
            for (int n : new int[] {15, 30, 60, 32, 64, 128}) {               // whole vectors, one or two panels of them, and not quite one
                lines.add(new Line("matmul " + face + ", wide, masked, " + n, t -> matmul(t, face, Form.masked(t.mask(11, 2100)), n)));
                lines.add(new Line("matmul " + face + ", tall, masked, " + n, t -> matmul(t, face, Form.masked(t.mask(2100, 11)), n)));
            }
            lines.add(new Line("matmul " + face + ", masked, several panels", t -> matmul(t, face, Form.masked(t.mask(37, 130)), 300)));
            lines.add(new Line("matmul " + face + ", masked, long sums", t -> matmul(t, face, Form.masked(t.mask(1100, 130)), 70)));
            lines.add(new Line("matmul " + face + ", a large batch", t -> matmul(t, face, Form.dense(t.shape(13, 17)), 2100)));
        }
        for (Face face : Face.values()) {
            lines.add(new Line("convolve " + face + ", dense", t -> convolve(t, face, t.window(), t.size(20), t.size(20), 1, false)));
            lines.add(new Line("convolve " + face + ", masked", t -> convolve(t, face, t.window(), t.size(20), t.size(20), 1, true)));
            lines.add(new Line("convolve " + face + ", groups", t -> convolve(t, face, t.window(), t.size(4), t.size(4), 1 + t.below(3), t.heads())));
            lines.add(new Line("convolve " + face + ", a layer", t -> convolve(t, face, Window.square(3, 1, 1), 13, 16, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", pixel by pixel", t -> convolve(t, face, Window.square(1, 1, 0), 19, 16, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", stride 2", t -> convolve(t, face, Window.square(3, 2, 1), 16, 13, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", every other pixel", t -> convolve(t, face, Window.square(1, 2, 0), 19, 16, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", every third pixel, two far from each other",
                    t -> convolve(t, face, new Window(new Window.Axis(2, 3, 1, 6), new Window.Axis(2, 6, 2, 3)), 5, 7, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", many channels", t -> convolve(t, face, Window.square(3, 1, 1), 70, 19, 1, false)));
            lines.add(new Line("convolve " + face + ", wide images, stride 2",        // bands of one phase are wider than of another
                    t -> convolve(t, face, Window.square(3, 2, 1), t.shape(1, 1, 65, 16), 256, 1, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", rows longer than a strip",     // each of them is the first or last of its strip
                    t -> convolve(t, face, Window.square(3, 1, 1), t.shape(3, 3, 70, 18), 5, 3, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", one row",
                    t -> convolve(t, face, Window.square(3, 1, 1), t.shape(3, 1, 5, 18), 5, 3, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", much padding",
                    t -> convolve(t, face, new Window(new Window.Axis(5, 1, 4, 1), new Window.Axis(3, 1, 2, 1)), t.shape(3, 5, 40, 16), 6, 3, 1,
                            false)));
            lines.add(new Line("convolve " + face + ", small images, a large batch",
                    t -> convolve(t, face, Window.square(3, 1, 1), t.shape(3, 2 + t.below(3), 2 + t.below(3), 128), 5, 3, 1, t.heads())));
            for (int stride = 1; stride < 3; stride++) {
                Window window = Window.square(3, stride, 1);
                int times = stride;
                lines.add(new Line("convolve " + face + ", survivors, rows of whole tiles, stride " + stride,
                        t -> convolveSparsely(t, face, window,
                                t.shape(5, times * (2 + t.below(5)), times * 8 * (1 + t.below(3)), t.heads() ? 16 : 32), 6, 0.3)));
                // What is looked at is more than a first-level cache.
                lines.add(new Line("convolve " + face + ", from many channels, stride " + stride,
                        t -> convolveSparsely(t, face, window, t.shape(51, 9, 19, 1 + t.below(18)), 5, 0.3)));
                lines.add(new Line("convolve " + face + ", to many channels, stride " + stride,
                        t -> convolveSparsely(t, face, window, t.shape(6, 7, 20, t.heads() ? 60 : 16), 153, 0.3)));
            }
            lines.add(new Line("convolve " + face + ", survivors, every other pixel of large images",
                    t -> convolveSparsely(t, face, Window.square(1, 2, 0), t.shape(12, 33, 36, t.heads() ? 16 : 32), 5, 0.3)));
            // 11 channels are looked at: of the images, or of their output for the gradient of the images.
            int channels = face == Face.INPUT ? 5 : 11;
            lines.add(new Line("convolve " + face + ", survivors, several bands of whole tiles",
                    t -> convolveSparsely(t, face, Window.square(3, 1, 1), t.shape(channels, 36, 40, t.heads() ? 16 : 32), 16 - channels, 0.3)));
            // 400, which are more than a panel of one row: they are cut into slabs.
            int many = face == Face.INPUT ? 3 : 400;
            lines.add(new Line("convolve " + face + ", few survivors of many channels, whole tiles",
                    t -> convolveSparsely(t, face, Window.square(3, 1, 1), t.shape(many, 4, 16, t.heads() ? 16 : 32), 403 - many, 0.03)));
            lines.add(new Line("convolve " + face + ", large images",
                    t -> convolve(t, face, Window.square(3, 1, 1), t.shape(12, 33, 35, 34), 5, 12, 1, t.heads())));
            lines.add(new Line("convolve " + face + ", large images of whole vectors",      // more than a panel: several bands
                    t -> convolve(t, face, Window.square(3, 1, 1), t.shape(12, 33, 36, t.heads() ? 16 : 32), 5, 12, 1, t.heads())));
        }
        lines.add(new Line("pick", Kernels::pick));
        lines.add(new Line("pick the largest", Kernels::pickLargest));
        lines.add(new Line("place", Kernels::place));
        lines.add(new Line("place into halves", t -> placeIntoHalves(t, halved(t))));
        lines.add(new Line("place into halves, one large channel", t -> placeIntoHalves(t, t.shape(1, 32, 32, 34))));
        lines.add(new Line("place into halves, three large channels", t -> placeIntoHalves(t, t.shape(3, 20, 20, 37))));
        lines.add(new Line("sumWindow", Kernels::sumWindow));
        lines.add(new Line("spread", Kernels::spread));
        lines.add(new Line("moments", t -> moments(t, t.channels())));
        lines.add(new Line("moments, large", t -> moments(t, t.shape(3, 17, 17, 64))));
        lines.add(new Line("followMoments", t -> followMoments(t, t.size(700), t.size())));
        lines.add(new Line("followMoments, of one value", t -> followMoments(t, t.size(), 1)));
        lines.add(new Line("normalise", t -> normalise(t, false)));
        lines.add(new Line("normalise, rectified", t -> normalise(t, true)));
        lines.add(new Line("normaliseSums", t -> normaliseSums(t, t.channels(), false)));
        lines.add(new Line("normaliseSums, rectified", t -> normaliseSums(t, t.channels(), true)));
        lines.add(new Line("normaliseSums, large", t -> normaliseSums(t, t.shape(3, 17, 17, 64), t.heads())));
        lines.add(new Line("normaliseInput", t -> normaliseInput(t, false)));
        lines.add(new Line("normaliseInput, rectified", t -> normaliseInput(t, true)));
        lines.add(new Line("softmax", t -> softmax(t, Backend::softmax)));
        lines.add(new Line("logSoftmax", t -> softmax(t, Backend::logSoftmax)));
        lines.add(new Line("softmaxCrossEntropy", Kernels::softmaxCrossEntropy));
        lines.add(new Line("softmaxCrossEntropyInput", Kernels::softmaxCrossEntropyInput));
        lines.add(new Line("sgd", t -> sgd(t, 0, false)));
        lines.add(new Line("sgd, momentum", t -> sgd(t, 0.9f, false)));
        lines.add(new Line("sgd, Nesterov", t -> sgd(t, 0.9f, true)));
        lines.add(new Line("adam", Kernels::adam));
        lines.add(new Line("negligible moments", Kernels::negligibleMoments));
        return lines;
    }

    private static void fill(Trial t) {
        Buffer y = t.result(t.size() * t.below(200));
        t.backend().fill(y, t.below(9) - 4.5f);
        t.exact(y);
    }

    private static void map(Trial t, Unary f, int n, boolean special) {
        map(t, f, n, special ? t.drawSpecial(n, -90, 90) : t.draw(n, -3, 3), t.result(n + t.below(3)));
    }

    /** All of them, or the first few only. */
    private static void mapImages(Trial t, Unary f) {
        int n = t.heads() ? IMAGES.size() : t.below(IMAGES.size());
        map(t, f, n, t.handled(IMAGES, t.drawSpecial(IMAGES.size(), -90, 90)), t.result(IMAGES));
    }

    private static void map(Trial t, Unary f, int n, Buffer x, Buffer y) {
        t.backend().map(f, n, x, y);
        switch (f) {
            case EXP, LOG, SIGMOID, TANH -> t.rounded(2, y);
            default -> t.exact(y);
        }
    }

    private static void affine(Trial t, int n) {
        Buffer y = t.result(n + t.below(3));
        t.backend().affine(1.5f, -0.25f, n, t.draw(n), y);
        t.summed(2, y);
    }

    private static void combine(Trial t, Binary f) {
        Shape shape = t.anyShape();
        combine(t, f, shape, t.repeatedTo(shape), t.repeatedTo(shape));
    }

    private static void combine(Trial t, Binary f, Shape shape, Shape aShape, Shape bShape) {
        Buffer y = t.result(shape);
        Buffer a = t.handled(aShape, t.drawSpecial(aShape.size(), -2, 2));
        Buffer b = t.handled(bShape, t.drawSpecial(bShape.size(), -2, 2));
        t.backend().combine(f, shape, aShape, a, bShape, b, y);
        t.exact(y);
    }

    private static void expand(Trial t) {
        Shape to = t.anyShape();
        Shape from = t.repeatedTo(to);
        Buffer y = t.result(to);
        t.backend().expand(from, t.handled(from, t.draw(from)), to, y);
        t.exact(y);
    }

    private static void sum(Trial t, Shape from) {
        sum(t, from, t.repeatedTo(from));
    }

    private static void sum(Trial t, Shape from, Shape to) {
        Buffer y = t.result(to);
        t.backend().sum(from, t.handled(from, t.draw(from)), to, y);
        t.summed(from.size() / to.size(), y);
    }

    private static void max(Trial t) {
        Shape from = t.anyShape();
        Shape to = t.repeatedTo(from);
        Buffer y = t.result(to);
        t.backend().max(from, t.handled(from, t.heads() ? t.draw(from) : t.drawSpecial(from.size(), -2, 2)), to, y);
        t.exact(y);
    }

    private static void permute(Trial t) {
        Shape from = t.shape(t.size(9), t.size(20), t.size(9), t.size(9));
        int[][] orders = {{0, 1, 2, 3}, {3, 0, 1, 2}, {1, 0, 2, 3}, {0, 1, 3, 2}, {3, 2, 1, 0}, {2, 3, 0, 1}, {1, 2, 3, 0}};
        permute(t, from, orders[t.below(orders.length)]);
    }

    private static void permute(Trial t, Shape from, int... axes) {
        Buffer y = t.result(from);
        t.backend().permute(from, axes, t.draw(from), y);
        t.exact(y);
    }

    private static void copyRows(Trial t) {
        int rows = t.size(200);
        int length = t.size(200);
        int xAt = t.below(5);
        int xStride = length + t.below(5);
        int yAt = t.below(5);
        int yStride = length + t.below(5);
        Buffer y = t.result(yAt + rows * yStride);
        t.backend().copyRows(rows, length, t.draw(xAt + rows * xStride), xAt, xStride, y, yAt, yStride);
        t.exact(y);
    }

    private static void scatter(Trial t) {
        Mask mask = t.mask(t.size(), t.size());
        Buffer dense = t.result(mask.shape());
        t.backend().scatter(mask, t.draw(mask.count()), dense);
        t.exact(dense);
    }

    private static void gather(Trial t) {
        Mask mask = t.mask(t.size(), t.size());
        Buffer values = t.result(mask.count());
        t.backend().gather(mask, t.draw(mask.shape()), values);
        t.exact(values);
    }

    /** Of all values or the first few: any number, all or none; in place or not. */
    private static void keepLargest(Trial t, Buffer x) {
        keepLargest(t, t.heads() ? x.length() : t.below(x.length() + 1), x);
    }

    private static void keepLargest(Trial t, int n, Buffer x) {
        int kept = switch (t.below(4)) {
            case 0 -> 0;
            case 1 -> n;
            default -> t.below(n + 1);
        };
        Buffer y = t.heads() ? x : t.result(x.length());
        t.backend().keepLargest(kept, n, x, y);
        t.exact(y);
    }

    private static void matmul(Trial t, Face face, Form weight, int n) {
        int m = weight.shape().size(0);
        int k = weight.shape().size(1);
        Buffer w = face == Face.WEIGHT ? t.result(weight.stored()) : t.draw(weight.stored());
        Buffer x = face == Face.INPUT ? t.result(k * n) : t.draw(k * n);
        Buffer g = face == Face.OUTPUT ? t.result(m * n) : t.draw(m * n);
        t.backend().matmul(face, weight, n, w, x, g);
        switch (face) {
            case OUTPUT -> t.summed(k, g);
            case INPUT -> t.summed(m, x);
            case WEIGHT -> t.summed(n, w);
        }
    }

    private static void convolve(Trial t, Face face, Window window, int outputs, int inputs, int groups, boolean masked) {
        convolve(t, face, window, t.images(window, inputs * groups), outputs, inputs, groups, masked);
    }

    private static void convolve(Trial t, Face face, Window window, Shape images, int outputs, int inputs, int groups, boolean masked) {
        Shape shape = t.shape(outputs * groups, inputs, window.y().size(), window.x().size());
        Form weight = masked ? Form.masked(Mask.of(shape, t.mask(shape.size(0), shape.rowSize()).positions())) : Form.dense(shape);
        convolve(t, face, window, images, groups, weight);
    }

    /** With a weight of which this share survives. */
    private static void convolveSparsely(Trial t, Face face, Window window, Shape images, int outputs, double density) {
        Shape shape = t.shape(outputs, images.size(0), window.y().size(), window.x().size());
        convolve(t, face, window, images, 1, Form.masked(t.mask(shape, density)));
    }

    private static void convolve(Trial t, Face face, Window window, Shape images, int groups, Form weight) {
        Shape shape = weight.shape();
        Shape output = window.output("convolve", images, shape.size(0));
        Buffer w = face == Face.WEIGHT ? t.result(weight.stored()) : t.draw(weight.stored());
        Buffer x = face == Face.INPUT ? t.result(images) : t.draw(images);
        Buffer g = face == Face.OUTPUT ? t.result(output) : t.draw(output);
        t.backend().convolve(face, weight, window, groups, images, w, x, g);
        switch (face) {
            case OUTPUT -> t.summed(shape.rowSize(), g);
            case INPUT -> t.summed(shape.size(0) / groups * window.size(), x);
            case WEIGHT -> t.summed(output.rowSize(), w);
        }
    }

    private static void pick(Trial t) {
        Window window = t.poolingWindow();
        Shape images = t.images(window, t.size(20));
        Buffer y = t.result(window.output("pick", images, images.size(0)));
        t.backend().pick(window, images, t.drawTied(images.size()), t.draw(images), y);
        t.exact(y);
    }

    /** Of images that are halved, as in most networks. */
    private static void pickLargest(Trial t) {
        Shape images = halved(t);
        Buffer x = t.drawTied(images.size());
        Buffer y = t.result(HALVES.output("pick", images, images.size(0)));
        t.backend().pick(HALVES, images, x, x, y);
        t.exact(y);
    }

    private static Shape halved(Trial t) {
        return t.shape(t.size(20), 2 * (1 + t.below(5)), 2 * (1 + t.below(5)), t.size(70));
    }

    private static void placeIntoHalves(Trial t, Shape images) {
        Buffer dx = t.result(images);
        t.backend().place(HALVES, images, t.drawTied(images.size()), t.draw(HALVES.output("place", images, images.size(0))), dx);
        t.exact(dx);
    }

    private static void place(Trial t) {
        Window window = t.poolingWindow();
        Shape images = t.images(window, t.size(20));
        Buffer dx = t.result(images);
        t.backend().place(window, images, t.drawTied(images.size()), t.draw(window.output("place", images, images.size(0))), dx);
        t.summed(window.size(), dx);
    }

    private static void sumWindow(Trial t) {
        Window window = t.poolingWindow();
        Shape images = t.images(window, t.size(20));
        Buffer y = t.result(window.output("sumWindow", images, images.size(0)));
        t.backend().sumWindow(window, images, t.draw(images), y);
        t.summed(window.size(), y);
    }

    private static void spread(Trial t) {
        Window window = t.poolingWindow();
        Shape images = t.images(window, t.size(20));
        Buffer dx = t.result(images);
        t.backend().spread(window, images, t.draw(window.output("spread", images, images.size(0))), dx);
        t.summed(window.size(), dx);
    }

    private static void moments(Trial t, Shape shape) {
        Buffer moments = t.result(2 * shape.size(0));
        t.backend().moments(shape, t.draw(shape.size(), 2, 6), moments);
        t.summed(8, moments);
    }

    private static void followMoments(Trial t, int channels, int n) {
        Buffer mean = t.draw(channels + t.below(3));
        Buffer variance = t.draw(channels + t.below(3));
        t.backend().followMoments(channels, n, 0.1f, t.draw(2 * channels), mean, variance);
        t.summed(4, mean);
        t.summed(4, variance);
    }

    private static void normalise(Trial t, boolean rectified) {
        Shape shape = t.channels();
        Buffer y = t.result(shape);
        t.backend().normalise(shape, 1e-3f, rectified, t.draw(shape), t.draw(2 * shape.size(0), 0.1, 2), t.draw(shape.size(0)),
                t.draw(shape.size(0)), y);
        t.summed(16, y);
    }

    private static void normaliseSums(Trial t, Shape shape, boolean rectified) {
        Buffer sums = t.result(2 * shape.size(0));
        t.backend().normaliseSums(shape, 1e-3f, rectified, t.draw(shape), t.draw(2 * shape.size(0), 0.1, 2),
                rectified ? t.draw(shape.size(0)) : null, rectified ? t.draw(shape.size(0)) : null, t.draw(shape), sums);
        t.summed(8 * shape.rowSize(), sums);
    }

    private static void normaliseInput(Trial t, boolean rectified) {
        Shape shape = t.channels();
        Buffer dx = t.result(shape);
        t.backend().normaliseInput(shape, 1e-3f, rectified, t.draw(shape), t.draw(2 * shape.size(0), 0.1, 2), t.draw(shape.size(0)),
                rectified ? t.draw(shape.size(0)) : null, t.draw(shape), t.draw(2 * shape.size(0)), dx);
        t.summed(32, dx);
    }

    private interface OverClasses {
        void run(Backend backend, Shape shape, Buffer z, Buffer y);
    }

    private static void softmax(Trial t, OverClasses kernel) {
        Shape shape = t.shape(t.size(), t.size());
        Buffer y = t.result(shape);
        kernel.run(t.backend(), shape, t.draw(shape.size(), -60, 60), y);
        t.summed(60 + shape.size(0), y);
    }

    private static void softmaxCrossEntropy(Trial t) {
        Shape shape = t.shape(t.size(), t.size());
        Buffer loss = t.result(shape.size(1));
        t.backend().softmaxCrossEntropy(shape, t.draw(shape.size(), -30, 30), t.draw(shape.size(), 0, 2.0 / shape.size(0)), loss);
        t.summed(60 + shape.size(0), loss);
    }

    private static void softmaxCrossEntropyInput(Trial t) {
        Shape shape = t.shape(t.size(), t.size());
        Buffer dz = t.result(shape);
        t.backend().softmaxCrossEntropyInput(shape, t.draw(shape.size(), -30, 30), t.draw(shape.size(), 0, 2.0 / shape.size(0)),
                t.draw(shape.size(1)), dz);
        t.summed(60 + shape.size(0), dz);
    }

    private static void sgd(Trial t, float momentum, boolean nesterov) {
        int n = t.size() * (1 + t.below(100));
        Buffer w = t.draw(n);
        Buffer velocity = momentum == 0 ? null : t.draw(n);
        for (int step = 0; step < 3; step++) {
            t.backend().sgd(new Sgd(t.of(0.1f / (1 + step)), momentum, nesterov, 0.01f), n, w, t.draw(n), velocity);
        }
        t.summed(8, w);
        if (velocity != null) {
            t.summed(8, velocity);
        }
    }

    /** Moments end at exactly 0 where they are negligible, and so do a square and a probability. */
    private static void negligibleMoments(Trial t) {
        int n = t.size();
        Buffer zero = t.of(new float[n]);
        float[] nearThreshold = t.values(t.draw(n, -2.5, 2.5));
        for (int i = 0; i < n; i++) {
            nearThreshold[i] *= Backend.NEGLIGIBLE;
        }
        Buffer velocity = t.of(nearThreshold);
        t.backend().sgd(new Sgd(t.of(0.1f), 0.5f, false, 0), n, t.draw(n), zero, velocity);
        Buffer mean = t.of(nearThreshold);
        Buffer square = t.of(nearThreshold);
        t.backend().adam(new Adam(scales(t, 0.5f, 0.5f, 1), 0.5f, 0.5f, 1e-8f, 0), n, t.draw(n), zero, mean, square);
        t.exact(velocity);
        t.exact(mean);
        t.exact(square);
        Buffer fresh = t.of(new float[n]);
        t.backend().adam(new Adam(scales(t, 0.5f, 0.5f, 1), 0.5f, 0.5f, 1e-8f, 0), n, t.draw(n), t.of(gradients(t, n)), t.of(new float[n]), fresh);
        t.rounded(2, fresh);
        Shape pair = Shape.of(2, n);
        Buffer p = t.result(pair);
        t.backend().softmax(pair, t.draw(2 * n, -60, 60), p);
        t.rounded(20, p);
    }

    /** Half of them so small that their squares are negligible. */
    private static float[] gradients(Trial t, int n) {
        float[] gradients = t.values(t.draw(n));
        for (int i = 0; i < n; i += 2) {
            gradients[i] *= 1e-17f;
        }
        return gradients;
    }

    /** For a rate of 0.01. */
    private static Buffer scales(Trial t, float beta1, float beta2, long iteration) {
        float[] scales = new float[2];
        Adam.scales(0.01f, beta1, beta2, iteration, scales);
        return t.of(scales);
    }

    private static void adam(Trial t) {
        int n = t.size() * (1 + t.below(100));
        Buffer w = t.draw(n);
        Buffer mean = t.of(new float[n]);
        Buffer square = t.of(new float[n]);
        for (int step = 1; step <= 3; step++) {
            t.backend().adam(new Adam(scales(t, 0.9f, 0.999f, step), 0.9f, 0.999f, 1e-8f, 0.01f), n, w, t.draw(n), mean, square);
        }
        t.summed(8, w);
        t.summed(8, mean);
        t.summed(8, square);
    }
}
