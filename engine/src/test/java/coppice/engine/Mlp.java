package coppice.engine;

import java.util.List;

/** A network to test with: logits = w2 · f(w1 · x + b1) + b2, of an input x [in, N]. */
record Mlp(Tensor w1, Tensor b1, Tensor w2, Tensor b2) {

    /** @param w1 [hidden, in] and {@code w2}: [classes, hidden], dense or masked */
    static Mlp drawn(Backend backend, Seed seed, Form w1, Form w2) {
        return new Mlp(
                drawn(backend, seed.in("w1"), w1),
                drawn(backend, seed.in("b1"), Form.dense(Shape.of(w1.shape().size(0), 1))),
                drawn(backend, seed.in("w2"), w2),
                drawn(backend, seed.in("b2"), Form.dense(Shape.of(w2.shape().size(0), 1))));
    }

    /** Normal values, three quarters wide. */
    static Tensor drawn(Backend backend, Seed seed, Form form) {
        float[] values = new float[form.stored().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.75 * seed.normal(i));
        }
        return Tensor.of(backend, form, values);
    }

    /** One-hot columns, [classes, N]. */
    static Tensor labels(Backend backend, Seed seed, int classes, int n) {
        float[] values = new float[classes * n];
        for (int j = 0; j < n; j++) {
            values[seed.below(j, classes) * n + j] = 1;
        }
        return Tensor.of(backend, Shape.of(classes, n), values);
    }

    List<Tensor> parameters() {
        return List.of(w1, b1, w2, b2);
    }

    Mlp on(Tape tape) {
        return new Mlp(tape.watch(w1), tape.watch(b1), tape.watch(w2), tape.watch(b2));
    }

    /** The mean cross entropy over the batch. @param x [in, N] @param labels [classes, N] */
    Tensor loss(Elementwise.Unary f, Tensor x, Tensor labels) {
        Tensor hidden = Elementwise.map(f, Elementwise.add(Product.matmul(w1, x), b1));
        Tensor logits = Elementwise.add(Product.matmul(w2, hidden), b2);
        return Reduction.mean(Classification.softmaxCrossEntropy(logits, labels));
    }
}
