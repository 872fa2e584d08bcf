package coppice.engine;

import static coppice.engine.Elementwise.multiply;
import static coppice.engine.Elementwise.negate;
import static coppice.engine.Elementwise.subtract;
import static coppice.engine.Reduction.sum;

/** Softmax and its fused loss, for logits [C, N]: C classes, N examples. */
public sealed interface Classification extends Op {

    /** p = exp(z) / Σ exp(z) over the classes of each example, [C, N] → [C, N]. */
    record Softmax() implements Classification {

        @Override
        public Form form(Tensor... x) {
            return requireLogits("softmax", x[0]);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.softmax(y.shape(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor p, Tensor g) {
            return multiply(p, subtract(g, sum(multiply(g, p), 0)));             // p · (g − Σ g·p)
        }
    }

    /** log p = z − log Σ exp(z) over the classes of each example, [C, N] → [C, N]. */
    record LogSoftmax() implements Classification {

        @Override
        public Form form(Tensor... x) {
            return requireLogits("logSoftmax", x[0]);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.logSoftmax(y.shape(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return subtract(g, multiply(softmax(x[0]), sum(g, 0)));              // g − p · Σ g
        }
    }

    /** ℓ = −Σ t · log softmax(z) for each example, of logits z [C, N] and targets t [C, N] → [1, N]. */
    record SoftmaxCrossEntropy() implements Classification {

        @Override
        public Form form(Tensor... x) {
            requireLogits("softmaxCrossEntropy", x[0]);
            if (!x[1].form().equals(x[0].form())) {
                throw new ShapeException("softmaxCrossEntropy: targets must be a distribution over the classes of each example, of "
                        + "the logits' shape " + x[0].form() + ", got " + x[1].form());
            }
            return Form.dense(x[0].shape().with(0, 1));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.softmaxCrossEntropy(x[0].shape(), x[0].buffer(), x[1].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return input == 0
                    ? Tape.apply(new SoftmaxCrossEntropyInput(), x[0], x[1], g)           // g · (p · Σ t − t)
                    : negate(multiply(g, logSoftmax(x[0])));                              // −g · log p
        }
    }

    /** g · (p · Σ t − t) with p = softmax(z): the gradient of {@link SoftmaxCrossEntropy} for z [C, N], of z, t [C, N] and g [1, N]. */
    record SoftmaxCrossEntropyInput() implements Classification {

        @Override
        public Form form(Tensor... x) {
            requireLogits("softmaxCrossEntropyInput", x[0]);
            Form.requireDense("softmaxCrossEntropyInput: t must have the logits' shape", x[0].shape(), x[1].form());
            Form.requireDense("softmaxCrossEntropyInput: g must have one value for each example", x[0].shape().with(0, 1), x[2].form());
            return x[0].form();
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.softmaxCrossEntropyInput(y.shape(), x[0].buffer(), x[1].buffer(), x[2].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor h) {
            Tensor p = softmax(x[0]);
            Tensor targets = sum(x[1], 0);
            Tensor g = x[2];
            return switch (input) {
                case 0 -> new Softmax().backward(0, x, p, multiply(h, multiply(g, targets)));
                case 1 -> multiply(g, subtract(sum(multiply(h, p), 0), h));                    // g · (Σ h·p − h)
                default -> sum(multiply(h, subtract(multiply(p, targets), x[1])), 0);           // Σ h · (p · Σ t − t)
            };
        }
    }

    static Tensor softmax(Tensor logits) {
        return Tape.apply(new Softmax(), logits);
    }

    static Tensor logSoftmax(Tensor logits) {
        return Tape.apply(new LogSoftmax(), logits);
    }

    /**
     * The cross entropy of each example.
     *
     * @param logits  [C, N]
     * @param targets [C, N], a distribution over the classes for each example (one-hot for hard labels)
     * @return [1, N]; its mean is the usual loss
     */
    static Tensor softmaxCrossEntropy(Tensor logits, Tensor targets) {
        return Tape.apply(new SoftmaxCrossEntropy(), logits, targets);
    }

    private static Form requireLogits(String name, Tensor x) {
        if (x.isMasked() || x.shape().rank() != 2 || x.shape().size(0) < 1) {
            throw new ShapeException(name + ": needs dense logits [classes, examples], got " + x.form());
        }
        return x.form();
    }
}
