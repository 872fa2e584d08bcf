package coppice.bench.peers;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.nn.Layer;
import coppice.nn.Loss;
import coppice.nn.MaxPool;
import coppice.nn.Model;
import coppice.nn.Optimiser;
import coppice.nn.Parameter;
import coppice.nn.Relu;
import coppice.nn.Snapshot;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Strokes;
import coppice.nn.data.View;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/** What two peers compute from the same values. Every value is drawn from the subject's name, so it is the same in every run. */
sealed interface Subject {

    /** How far biases are from 0, in deviations of what they are added to. */
    float AWAY = 3;

    /** What the table calls it. */
    String name();

    /** Whether a rounding can change a derivative at once: whether there are ReLUs or maxima of computed values. */
    boolean hasKinks();

    /** The source of all of its values. */
    default Seed seed() {
        return Seed.of(1).in(name());
    }

    /**
     * One layer: its output y for a batch x, the gradients of Σ y · g for x and all weights, and the running statistics that follow.
     * After {@link #BATCHES} batches, or momentum could not be told from its complement.
     *
     * @param example the shape of one example
     * @param density what part of each weight survives; 1 leaves it dense
     * @param ties    whether the values of x are rounded to halves, so that some are 0 and many are equal
     * @param batch   how many examples x has
     */
    record OfLayer(String name, Layer layer, Shape example, boolean training, double density, boolean ties, int batch) implements Subject {

        static final int BATCHES = 3;

        /** No multiple of any vector's length, and longer than each. */
        private static final int ODD_BATCH = 19;

        OfLayer(String name, Layer layer, Shape example) {
            this(name, layer, example, true, 1, false, ODD_BATCH);
        }

        OfLayer inference() {
            return new OfLayer(name + ", inference", layer, example, false, density, ties, batch);
        }

        OfLayer masked(double density) {
            return new OfLayer(name + ", density " + density, layer, example, training, density, ties, batch);
        }

        OfLayer withTies() {
            return new OfLayer(name, layer, example, training, density, true, batch);
        }

        OfLayer ofBatch(int batch) {
            return new OfLayer(name + ", batch " + batch, layer, example, training, density, ties, batch);
        }

        /** Where a layer has kinks, they are at values that are given, not computed: both peers see the same side. */
        @Override
        public boolean hasKinks() {
            return false;
        }

        Snapshot start() {
            return Subject.drawn(layer, density, seed().in("weights"));
        }

        /** What gradients are asked for, beside x; an inference has none. */
        List<String> trained() {
            return training ? layer.parameters().stream().filter(Parameter::isTrained).map(Parameter::name).toList() : List.of();
        }

        /** The shape of x, [example, N]. */
        Shape inputs() {
            return example.batch(batch);
        }

        /** The shape of y, [output, N]. */
        Shape outputs() {
            return layer.output(example).batch(batch);
        }

        float[] x(int batch) {
            float[] x = Subject.drawn(inputs().size(), 2, seed().in("x").in(batch));
            for (int i = 0; ties && i < x.length; i++) {
                x[i] = Math.round(2 * x[i]) / 2f;
            }
            return x;
        }

        /** The gradient that comes back for y. */
        float[] g(int batch) {
            return Subject.drawn(outputs().size(), 1, seed().in("g").in(batch));
        }

        /** What a layer that draws draws from. */
        Seed draws(int batch) {
            return seed().in("draws").in(batch);
        }
    }

    /**
     * The mean loss of a batch and its gradient for the outputs.
     *
     * @param smoothing the share of each target that is spread over all classes
     */
    record OfLoss(String name, Loss loss, float smoothing) implements Subject {

        private static final int BATCH = 13;

        private static Dataset data() {
            return Strokes.generate(Seed.of(1), BATCH);
        }

        @Override
        public boolean hasKinks() {
            return false;
        }

        int classes() {
            return data().classes();
        }

        /** [classes, N]. */
        Shape batch() {
            return Shape.of(classes(), BATCH);
        }

        float[] outputs() {
            return Subject.drawn(batch().size(), 4, seed().in("outputs"));
        }

        int[] labels() {
            Dataset data = data();
            return IntStream.range(0, BATCH).map(data::label).toArray();
        }

        /** The labels as our batches spell them. */
        float[] targets() {
            Dataset data = data();
            float[] targets = new float[batch().size()];
            new Batches(data, Normalisation.of(View.all(data)), smoothing)
                    .fill(IntStream.range(0, BATCH).toArray(), 0, BATCH, new float[data.example().size() * BATCH], targets);
            return targets;
        }
    }

    /**
     * A network and {@link #STEPS} steps of training it, each with a batch of its own: the first logits, loss and gradients, all
     * losses, how far the weights went, the running statistics, and what inference says at the end.
     *
     * @param batch   how many images a step sees
     * @param density what part of each weight survives; 1 leaves them dense
     */
    record OfModel(String name, Model model, int batch, double density, Optimiser optimiser, float rate) implements Subject {

        static final int STEPS = 10;

        private static final Optimiser MOMENTUM = new Optimiser.Sgd(0.9, false, 5e-4);
        /** Small, so that ten steps on noise stay near where they began: further on, what a kink did to one step grows with the next. */
        private static final float RATE = 1e-3f;

        OfModel(Model model, int batch) {
            this(model.name(), model, batch, 1, MOMENTUM, RATE);
        }

        OfModel masked(double density) {
            return new OfModel(name + ", density " + density, model, batch, density, optimiser, rate);
        }

        /** For a network so deep that a change early in it is large at its end. */
        OfModel slowly() {
            return new OfModel(name, model, batch, density, optimiser, RATE / 10);
        }

        OfModel trainedBy(String optimiserName, Optimiser optimiser, float rate) {
            return new OfModel(name + ", " + optimiserName, model, batch, density, optimiser, rate);
        }

        @Override
        public boolean hasKinks() {
            var kinks = new AtomicBoolean();
            model.body().leaves(model.example(), (leaf, _) -> kinks.compareAndSet(false, leaf instanceof Relu || leaf instanceof MaxPool));
            return kinks.get();
        }

        Snapshot start() {
            return Subject.drawn(model.body(), density, seed().in("weights"));
        }

        List<String> trained() {
            return model.parameters().stream().filter(Parameter::isTrained).map(Parameter::name).toList();
        }

        /** [C, H, W, N]. */
        Shape images() {
            return model.example().batch(batch);
        }

        /** Of step {@code step}; that after the last is for inference. */
        float[] x(int step) {
            return Subject.drawn(images().size(), 2, seed().in("x").in(step));
        }

        int[] labels(int step) {
            return IntStream.range(0, batch).map(n -> (step * batch + n) % model.classes()).toArray();
        }

        /** What a layer that draws draws from. */
        Seed draws(int step) {
            return seed().in("draws").in(step);
        }
    }

    /** Evenly distributed in [−bound, bound). */
    private static float[] drawn(int count, double bound, Seed seed) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (bound * (2 * seed.uniform(i) - 1));
        }
        return values;
    }

    /**
     * Weights of variance 2 / fan-in, and nothing at 0 or 1 where a mistake could not be seen. Biases lie at ±{@link #AWAY}, in batch norm
     * too: few values are then near the kinks of ReLUs, about one in a hundred of those that a bias around 0 leaves there. A deep
     * network of many kinks is chaotic: libtorch's own precisions differ by half after ten steps, and nothing can be seen.
     */
    private static Snapshot drawn(Layer layer, double density, Seed seed) {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        for (Parameter parameter : layer.parameters()) {
            Seed source = seed.in(parameter.name());
            double survivors = parameter.isPrunable() ? density : 1;
            double spread = switch (parameter.role()) {
                case WEIGHT -> Math.sqrt(6 / (survivors * parameter.fanIn()));
                case BIAS, SCALE, MEAN -> 0.1;
                case VARIANCE -> 0.5;
            };
            Seed sign = source.in("sign");
            float[] start = drawn(parameter.shape().size(), spread, source);
            for (int i = 0; i < start.length; i++) {
                start[i] += switch (parameter.role()) {
                    case SCALE, VARIANCE -> 1;
                    case WEIGHT, MEAN -> 0;
                    case BIAS -> sign.below(i, 2) == 0 ? -AWAY : AWAY;
                };
            }
            var value = new Snapshot.Value(Form.dense(parameter.shape()), start);
            Seed mask = source.in("mask");
            values.put(parameter.name(), survivors == 1 ? value
                    : value.restrict(Mask.where(parameter.shape(), position -> mask.uniform(position) < survivors)));
        }
        return new Snapshot(values);
    }
}
