package coppice.nn;

import coppice.engine.Backend;
import coppice.engine.Shape;
import coppice.engine.Tensor;
import java.util.List;

/**
 * How a gradient changes a weight. An optimiser is its settings; what it remembers of each weight (its moments) is kept beside the
 * weights and has their form, so a pruned weight has no momentum either.
 */
public sealed interface Optimiser {

    /** The names of what is remembered of each weight. */
    List<String> moments();

    /** How many {@link #scales} there are. */
    int scaleCount();

    /**
     * What changes from step to step, and is the same for all weights.
     *
     * @param rate      the learning rate
     * @param iteration steps taken so far with these moments, this one included: from 1
     * @param to        receives {@link #scaleCount()} values
     */
    void scales(float rate, long iteration, float[] to);

    /**
     * Changes a weight in place.
     *
     * @param scales  the step's
     * @param moments one tensor of the weight's form for each of {@link #moments()}, changed in place
     */
    void step(Tensor scales, Tensor weight, Tensor gradient, List<Tensor> moments);

    /** The same, for a program that changes one weight at a time and knows the step's rate and number. */
    default void step(float rate, long iteration, Tensor weight, Tensor gradient, List<Tensor> moments) {
        float[] values = new float[scaleCount()];
        scales(rate, iteration, values);
        try (Tensor scales = Tensor.of(weight.backend(), Shape.of(scaleCount()), values)) {
            step(scales, weight, gradient, moments);
        }
    }

    /** Stochastic gradient descent with momentum and weight decay; see {@link Backend.Sgd}. */
    record Sgd(double momentum, boolean nesterov, double weightDecay) implements Optimiser {

        public Sgd {
            requireFraction("momentum", momentum);
            requireDecay(weightDecay);
            if (nesterov && momentum == 0) {
                throw new IllegalArgumentException("nesterov: needs a momentum above 0");
            }
        }

        @Override
        public List<String> moments() {
            return momentum == 0 ? List.of() : List.of("velocity");
        }

        @Override
        public int scaleCount() {
            return 1;
        }

        @Override
        public void scales(float rate, long iteration, float[] to) {
            to[0] = rate;
        }

        @Override
        public void step(Tensor scales, Tensor weight, Tensor gradient, List<Tensor> moments) {
            var step = new Backend.Sgd(scales.buffer(), (float) momentum, nesterov, (float) weightDecay);
            weight.backend().sgd(step, weight.count(), weight.buffer(), gradient.buffer(),
                    moments.isEmpty() ? null : moments.getFirst().buffer());
        }
    }

    /** Adam, with decay added to the gradient; see {@link Backend.Adam}. */
    record Adam(double beta1, double beta2, double epsilon, double weightDecay) implements Optimiser {

        public Adam {
            requireFraction("beta1", beta1);
            requireFraction("beta2", beta2);
            requireDecay(weightDecay);
            if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
                throw new IllegalArgumentException("epsilon: must be above 0 and finite, got " + epsilon);
            }
            if ((float) epsilon == 0) {
                throw new IllegalArgumentException("epsilon: must be above 0 in single precision, too, got " + epsilon);
            }
        }

        @Override
        public List<String> moments() {
            return List.of("mean", "square");
        }

        @Override
        public int scaleCount() {
            return 2;
        }

        @Override
        public void scales(float rate, long iteration, float[] to) {
            Backend.Adam.scales(rate, (float) beta1, (float) beta2, iteration, to);
        }

        @Override
        public void step(Tensor scales, Tensor weight, Tensor gradient, List<Tensor> moments) {
            var step = new Backend.Adam(scales.buffer(), (float) beta1, (float) beta2, (float) epsilon, (float) weightDecay);
            weight.backend().adam(step, weight.count(), weight.buffer(), gradient.buffer(),
                    moments.get(0).buffer(), moments.get(1).buffer());
        }
    }

    private static void requireFraction(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + ": must be at least 0 and below 1, got " + value);
        }
        if ((float) value == 1) {
            throw new IllegalArgumentException(name + ": must be below 1 in single precision, too, got " + value);
        }
    }

    private static void requireDecay(double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight-decay: must be at least 0 and finite, got " + value);
        }
    }
}
