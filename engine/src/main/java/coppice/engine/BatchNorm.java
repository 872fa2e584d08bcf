package coppice.engine;

import static coppice.engine.Elementwise.add;
import static coppice.engine.Elementwise.affine;
import static coppice.engine.Elementwise.multiply;
import static coppice.engine.Elementwise.negate;
import static coppice.engine.Elementwise.reciprocal;
import static coppice.engine.Elementwise.sqrt;
import static coppice.engine.Elementwise.subtract;
import static coppice.engine.Elementwise.wherePositive;
import static coppice.engine.Layout.reshape;
import static coppice.engine.Layout.slice;
import static coppice.engine.Reduction.sumTo;

/**
 * Batch normalisation (Ioffe and Szegedy 2015, algorithm 1): each channel of x [C, …, N] is shifted and scaled to mean 0 and variance
 * 1 over all its other axes, then scaled and shifted by learnt amounts [C].
 *
 * <p>What an operation makes on the way and its gradient needs again is an operand of its own, computed once: the moments of x, and
 * the sums over the gradient. They are functions of the other operands. Their influence is part of the other operands'
 * gradients, so that theirs are null. A ReLU that follows is part of normalising ("rectified"): it keeps no activation of its own, and
 * what its gradient needs to know, which results were positive, is computed again from x. With n elements in a channel,
 * r = 1 / √(variance + ε), x̂ = (x − mean)·r, and P v = v − mean(v) − x̂·mean(x̂ ⊙ v), the derivative of x̂ is r·P, which is symmetric.
 */
public sealed interface BatchNorm extends Op {

    /** The moments [2, C] of x [C, …]: in row 0 each channel's mean, in row 1 its variance, Σ (x − mean)² / n. */
    record Moments() implements BatchNorm {

        @Override
        public Form form(Tensor... x) {
            requireImages("moments", x[0].form());
            return Form.dense(Shape.of(2, x[0].shape().size(0)));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.moments(x[0].shape(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            Tensor deviation = subtract(x[0], channel(y, 0, x[0].shape()));
            float each = 1f / x[0].shape().rowSize();
            Tensor ofVariance = Elementwise.scale(multiply(deviation, channel(g, 1, x[0].shape())), 2 * each);   // 2 (x − mean) / n
            return add(ofVariance, Elementwise.scale(channel(g, 0, x[0].shape()), each));                        // + 1 / n
        }
    }

    /** y = scale · x̂ + shift or, rectified, y where that is positive and 0 elsewhere; of x [C, …], scale [C], shift [C] and the moments of x. */
    record Normalise(float epsilon, boolean rectified) implements BatchNorm {

        @Override
        public Form form(Tensor... x) {
            requireImages("normalise", x[0].form());
            requireChannels("normalise", "scale", x[1], x[0]);
            requireChannels("normalise", "shift", x[2], x[0]);
            requirePairs("normalise", "moments", x[3], x[0]);
            return x[0].form();
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.normalise(x[0].shape(), epsilon, rectified, x[0].buffer(), x[3].buffer(), x[1].buffer(), x[2].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            boolean[] wanted = new boolean[x.length];
            wanted[input] = true;
            return backwards(wanted, x, y, g)[input];
        }

        @Override
        public Tensor[] backwards(boolean[] wanted, Tensor[] x, Tensor y, Tensor g) {
            if (!wanted[0] && !wanted[1] && !wanted[2]) {
                return new Tensor[x.length];
            }
            Tensor sums = rectified
                    ? Tape.apply(new NormaliseSums(epsilon, true), x[0], g, x[3], x[1], x[2])
                    : Tape.apply(new NormaliseSums(epsilon, false), x[0], g, x[3]);
            return new Tensor[] {
                    wanted[0] ? input(x, g, sums) : null,
                    wanted[1] ? row(sums, 1) : null,                    // Σ g ⊙ x̂
                    wanted[2] ? row(sums, 0) : null,                    // Σ g
                    null};
        }

        private Tensor input(Tensor[] x, Tensor g, Tensor sums) {
            return rectified
                    ? Tape.apply(new NormaliseInput(epsilon, true), x[0], x[1], g, x[3], sums, x[2])
                    : Tape.apply(new NormaliseInput(epsilon, false), x[0], x[1], g, x[3], sums);
        }
    }

    /**
     * The sums [2, C] that the gradients are made of: Σ g in row 0 and Σ g ⊙ x̂ in row 1; of x, g and the moments of x. Rectified, of the
     * g whose result was positive, and of scale and shift besides.
     */
    record NormaliseSums(float epsilon, boolean rectified) implements BatchNorm {

        @Override
        public Form form(Tensor... x) {
            requireImages("normaliseSums", x[0].form());
            requireSame("normaliseSums", x[1], x[0]);
            requirePairs("normaliseSums", "moments", x[2], x[0]);
            if (rectified) {
                requireChannels("normaliseSums", "scale", x[3], x[0]);
                requireChannels("normaliseSums", "shift", x[4], x[0]);
            }
            return x[2].form();
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.normaliseSums(x[0].shape(), epsilon, rectified, x[0].buffer(), x[2].buffer(), rectified ? x[3].buffer() : null,
                    rectified ? x[4].buffer() : null, x[1].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor h) {
            return switch (input) {
                case 0 -> normaliseInput(epsilon, x[0], row(h, 1), passed(x[1], x), x[2]);      // h₁ r P g
                case 1 -> passed(add(multiply(normalised(epsilon, x[0], x[2]), channel(h, 1, x[0].shape())), channel(h, 0, x[0].shape())), x);
                default -> null;
            };
        }

        private Tensor passed(Tensor g, Tensor[] x) {
            return rectified ? wherePositive(g, normalise(x[0], x[3], x[4], x[2], epsilon)) : g;
        }
    }

    /**
     * dx = scale · r · P g, of x, scale, g, the moments of x and the sums of g. Rectified, of the g whose result was positive, and of shift
     * besides.
     */
    record NormaliseInput(float epsilon, boolean rectified) implements BatchNorm {

        @Override
        public Form form(Tensor... x) {
            requireImages("normaliseInput", x[0].form());
            requireChannels("normaliseInput", "scale", x[1], x[0]);
            requireSame("normaliseInput", x[2], x[0]);
            requirePairs("normaliseInput", "moments", x[3], x[0]);
            requirePairs("normaliseInput", "sums", x[4], x[0]);
            if (rectified) {
                requireChannels("normaliseInput", "shift", x[5], x[0]);
            }
            return x[0].form();
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.normaliseInput(x[0].shape(), epsilon, rectified, x[0].buffer(), x[3].buffer(), x[1].buffer(),
                    rectified ? x[5].buffer() : null, x[2].buffer(), x[4].buffer(), y.buffer());
        }

        /** With f = ⟨v, scale · r · P g⟩ and N v = r · P v: ∂f/∂x = −scale · r · (x̂·mean(v ⊙ N g) + mean(g ⊙ x̂)·N v + mean(v ⊙ x̂)·N g). */
        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor v) {
            Tensor images = x[0];
            Tensor scale = x[1];
            Tensor moments = x[3];
            if (input > 2) {
                return null;
            }
            if (input == 2) {
                return passed(normaliseInput(epsilon, images, scale, v, moments), x);          // P is symmetric
            }
            Tensor g = passed(x[2], x);
            Tensor one = ones(scale);
            Tensor ofG = normaliseInput(epsilon, images, one, g, moments);
            if (input == 1) {
                return reshape(sumTo(multiply(v, ofG), channelShape(images.shape())), scale.shape());
            }
            Tensor ofV = normaliseInput(epsilon, images, one, v, moments);
            Tensor normalised = normalised(epsilon, images, moments);
            Tensor first = multiply(normalised, channelMean(multiply(v, ofG)));
            Tensor second = multiply(ofV, channelMean(multiply(g, normalised)));
            Tensor third = multiply(ofG, channelMean(multiply(v, normalised)));
            Tensor r = reciprocal(sqrt(affine(row(moments, 1), 1, epsilon)));
            return negate(multiply(add(add(first, second), third), channel(multiply(scale, r), images.shape())));
        }

        private Tensor passed(Tensor g, Tensor[] x) {
            return rectified ? wherePositive(g, normalise(x[0], x[1], x[5], x[3], epsilon)) : g;
        }
    }

    /** The mean and the biased variance of each channel of x [C, …], [2, C]. */
    static Tensor moments(Tensor x) {
        return Tape.apply(new Moments(), x);
    }

    /**
     * scale · (x − mean) / √(variance + ε) + shift with the moments of this very x, whose gradient takes into account that they
     * change with x.
     *
     * @param x       [C, …]
     * @param scale   [C]
     * @param shift   [C]
     * @param moments {@link #moments} of x
     */
    static Tensor normalise(Tensor x, Tensor scale, Tensor shift, Tensor moments, float epsilon) {
        return Tape.apply(new Normalise(epsilon, false), x, scale, shift, moments);
    }

    /** max({@link #normalise}, 0), in one pass over memory. */
    static Tensor normaliseRelu(Tensor x, Tensor scale, Tensor shift, Tensor moments, float epsilon) {
        return Tape.apply(new Normalise(epsilon, true), x, scale, shift, moments);
    }

    private static Tensor normalised(float epsilon, Tensor x, Tensor moments) {
        Tensor mean = row(moments, 0);
        return normalise(x, ones(mean), Elementwise.scale(mean, 0), moments, epsilon);
    }

    private static Tensor normaliseInput(float epsilon, Tensor x, Tensor scale, Tensor g, Tensor moments) {
        Tensor sums = Tape.apply(new NormaliseSums(epsilon, false), x, g, moments);
        return Tape.apply(new NormaliseInput(epsilon, false), x, scale, g, moments, sums);
    }

    /** Row {@code index} of [2, C] as [C]. */
    private static Tensor row(Tensor pairs, int index) {
        return reshape(slice(pairs, 0, index, index + 1), Shape.of(pairs.shape().size(1)));
    }

    /** Row {@code index} of [2, C] as [C, 1, …], to meet images. */
    private static Tensor channel(Tensor pairs, int index, Shape images) {
        return channel(row(pairs, index), images);
    }

    private static Tensor channel(Tensor perChannel, Shape images) {
        return reshape(perChannel, channelShape(images));
    }

    private static Tensor channelMean(Tensor x) {
        Tensor sum = sumTo(x, channelShape(x.shape()));
        return Elementwise.scale(sum, 1f / x.shape().rowSize());
    }

    private static Shape channelShape(Shape images) {
        Shape shape = images;
        for (int axis = 1; axis < images.rank(); axis++) {
            shape = shape.with(axis, 1);
        }
        return shape;
    }

    private static Tensor ones(Tensor like) {
        return affine(like, 0, 1);
    }

    private static void requireImages(String name, Form x) {
        if (x.isMasked() || x.shape().rank() < 2 || x.shape().size() == 0) {
            throw new ShapeException(name + ": needs dense channels [C, …] of at least one element, got " + x);
        }
    }

    private static void requireChannels(String name, String role, Tensor perChannel, Tensor x) {
        if (!perChannel.form().equals(Form.dense(Shape.of(x.shape().size(0))))) {
            throw new ShapeException(name + ": " + role + " must have one value for each channel of x " + x.form() + ", got "
                    + perChannel.form());
        }
    }

    private static void requirePairs(String name, String role, Tensor pairs, Tensor x) {
        if (!pairs.form().equals(Form.dense(Shape.of(2, x.shape().size(0))))) {
            throw new ShapeException(name + ": " + role + " must have two values for each channel of x " + x.form() + ", got "
                    + pairs.form());
        }
    }

    private static void requireSame(String name, Tensor g, Tensor x) {
        if (!g.form().equals(x.form())) {
            throw new ShapeException(name + ": g must have the form of x " + x.form() + ", got " + g.form());
        }
    }
}
