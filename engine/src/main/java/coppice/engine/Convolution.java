package coppice.engine;

/**
 * Convolution of images x [C, H, W, N] with a weight w [O, C / groups, kh, kw] (cross-correlation, as in all of deep learning):
 * g[o, p, n] = Σ over c, t of w[o, c, t] · x[c, p·stride − padding + t·dilation, n]. Three faces of one trilinear form, as the matrix
 * product, which it is where the window is of size 1. The weight may be masked.
 */
public sealed interface Convolution extends Product {

    /** y = w ∗ x: [O, C / groups, kh, kw] and [C, H, W, N] to [O, H', W', N]. */
    record Convolve(Window window, int groups) implements Convolution {

        @Override
        public Form form(Tensor... x) {
            return Form.dense(output("convolve", window, groups, x[0].form(), x[1].form()));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.convolve(Face.OUTPUT, x[0].form(), window, groups, x[1].shape(), x[0].buffer(), x[1].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return input == 0
                    ? convolveWeight(g, x[1], x[0].form(), window, groups)        // [O,H',W',N], [C,H,W,N] → w's form
                    : convolveInput(x[0], g, x[1].shape(), window, groups);       // w, [O,H',W',N] → [C,H,W,N]
        }
    }

    /** dx of the trilinear form: w and an output's gradient [O, H', W', N] to the input's shape. */
    record ConvolveInput(Shape images, Window window, int groups) implements Convolution {

        @Override
        public Form form(Tensor... x) {
            Shape expected = output("convolveInput", window, groups, x[0].form(), Form.dense(images));
            Form.requireDense("convolveInput: g must have the output's shape", expected, x[1].form());
            return Form.dense(images);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.convolve(Face.INPUT, x[0].form(), window, groups, images, x[0].buffer(), y.buffer(), x[1].buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor h) {
            return input == 0
                    ? convolveWeight(x[1], h, x[0].form(), window, groups)        // [O,H',W',N], [C,H,W,N] → w's form
                    : convolve(x[0], h, window, groups);                          // w, [C,H,W,N] → [O,H',W',N]
        }
    }

    /** dw of the trilinear form: g [O, H', W', N] and x [C, H, W, N] to the weight's form, only where the weight survives. */
    record ConvolveWeight(Form weight, Window window, int groups) implements Convolution {

        @Override
        public Form form(Tensor... x) {
            Shape expected = output("convolveWeight", window, groups, weight, x[1].form());
            Form.requireDense("convolveWeight: g must have the output's shape", expected, x[0].form());
            return weight;
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.convolve(Face.WEIGHT, weight, window, groups, x[1].shape(), y.buffer(), x[1].buffer(), x[0].buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor v) {
            return input == 0
                    ? convolve(v, x[1], window, groups)                           // w's form, [C,H,W,N] → [O,H',W',N]
                    : convolveInput(v, x[0], x[1].shape(), window, groups);       // w's form, [O,H',W',N] → [C,H,W,N]
        }
    }

    /** w ∗ x; w may be masked. */
    static Tensor convolve(Tensor w, Tensor x, Window window, int groups) {
        return Tape.apply(new Convolve(window, groups), w, x);
    }

    /** The gradient for images of a shape, of the output's gradient g; w may be masked. */
    static Tensor convolveInput(Tensor w, Tensor g, Shape images, Window window, int groups) {
        return Tape.apply(new ConvolveInput(images, window, groups), w, g);
    }

    /** The gradient for a weight of a form: where it is masked, only for its survivors. */
    static Tensor convolveWeight(Tensor g, Tensor x, Form weight, Window window, int groups) {
        return Tape.apply(new ConvolveWeight(weight, window, groups), g, x);
    }

    private static Shape output(String name, Window window, int groups, Form weight, Form images) {
        Shape w = weight.shape();
        if (w.rank() != 4 || images.shape().rank() != 4 || images.isMasked()) {
            throw new ShapeException(name + ": needs a weight [O, C / groups, kh, kw] and dense images [C, H, W, N], got w " + weight
                    + " and x " + images);
        }
        if (w.size(2) != window.y().size() || w.size(3) != window.x().size()) {
            throw new ShapeException(name + ": w must end in the sizes of the window, got w " + weight + " and a " + window);
        }
        if (groups < 1 || w.size(0) % groups != 0 || w.size(1) * groups != images.shape().size(0)) {
            throw new ShapeException(name + ": " + groups + " groups must divide the outputs, and the channels of x be those of w times the"
                    + " groups, got w " + weight + " and x " + images);
        }
        return window.output(name, images.shape(), w.size(0));
    }
}
