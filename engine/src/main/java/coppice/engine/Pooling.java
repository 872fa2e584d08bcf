package coppice.engine;

import static coppice.engine.Elementwise.scale;

/**
 * Pooling over the window of each output, channel by channel. Two pairs of adjoint operations: {@link Pick} takes values from where x
 * is largest in each window and {@link Place} puts them back there; {@link SumWindow} adds a window up and {@link Spread} repeats
 * a value over it. Where several elements of a window are largest, the first in row order is taken; a NaN
 * counts as larger than any other.
 */
public sealed interface Pooling extends Op {

    /** y = v at the largest x of each window. With v = x this is max pooling. */
    record Pick(Window window) implements Pooling {

        @Override
        public Form form(Tensor... x) {
            Form.requireDense("pick: v must have the shape of x", x[0].shape(), x[1].form());
            return pooled("pick", window, x[0].form());
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.pick(window, x[0].shape(), x[0].buffer(), x[1].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return input == 0 ? null : place(x[0], g, window);
        }
    }

    /** The g of each window added to where x is largest in it, 0 elsewhere. */
    record Place(Window window) implements Pooling {

        @Override
        public Form form(Tensor... x) {
            Form.requireDense("place: g must have the output's shape", pooled("place", window, x[0].form()).shape(), x[1].form());
            return x[0].form();
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.place(window, x[0].shape(), x[0].buffer(), x[1].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor v) {
            return input == 0 ? null : Tape.apply(new Pick(window), x[0], v);
        }
    }

    /** y = Σ x over each window; padding counts as 0. */
    record SumWindow(Window window) implements Pooling {

        @Override
        public Form form(Tensor... x) {
            return pooled("sumWindow", window, x[0].form());
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.sumWindow(window, x[0].shape(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return Tape.apply(new Spread(x[0].shape(), window), g);
        }
    }

    /** y = Σ g over the windows that look at each element of images of a shape. */
    record Spread(Shape images, Window window) implements Pooling {

        @Override
        public Form form(Tensor... x) {
            Form.requireDense("spread: g must have the output's shape", pooled("spread", window, Form.dense(images)).shape(), x[0].form());
            return Form.dense(images);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.spread(window, images, x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor v) {
            return Tape.apply(new SumWindow(window), v);
        }
    }

    /** The largest element of each window; its gradient goes to the first of equals. */
    static Tensor maxPool(Tensor x, Window window) {
        // The gradient flows through v alone: which element is largest does not change under a small step.
        return Tape.apply(new Pick(window), x, x);
    }

    /** The gradient of {@link #maxPool}, of the gradient g for its result. */
    static Tensor place(Tensor x, Tensor g, Window window) {
        return Tape.apply(new Place(window), x, g);
    }

    /** The mean over each window, in which padding counts as zeros. */
    static Tensor averagePool(Tensor x, Window window) {
        return scale(Tape.apply(new SumWindow(window), x), 1f / window.size());
    }

    private static Form pooled(String name, Window window, Form images) {
        if (images.isMasked() || images.shape().rank() != 4) {
            throw new ShapeException(name + ": takes dense images [C, H, W, N], got " + images);
        }
        if (window.y().padding() >= window.y().size() * window.y().dilation()
                || window.x().padding() >= window.x().size() * window.x().dilation()) {
            throw new ShapeException(name + ": padding must leave something to look at, got a " + window);
        }
        return Form.dense(window.output(name, images.shape(), images.shape().size(0)));
    }
}
