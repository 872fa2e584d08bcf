package coppice.nn;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.data.Augmentation;
import coppice.nn.data.Batches;
import coppice.nn.data.ImageFiles;
import coppice.nn.data.Order;
import coppice.nn.data.Prefetch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The training of one network: its weights and moments on a backend, and the step that changes them. A trainer made from a
 * snapshot of another goes on exactly where that one stood.
 *
 * <p>A step is the same kernels each time, so the backend {@link Backend#record records} them. Where it can replay them a step makes
 * no objects at all: no tape, no tensors. What a step draws itself, as dropout does, cannot be replayed.
 */
public final class Trainer implements AutoCloseable {

    /**
     * Where training stands.
     *
     * @param iteration steps taken since the start of the schedule
     * @param updates   steps taken since the moments were zero; they differ after a rewind that restarts the moments
     * @param weights   the model's weights
     * @param moments   what the optimiser remembers, named {@code weight/moment}
     */
    public record State(long iteration, long updates, Snapshot weights, Snapshot moments) {

        /** A start with zero moments. */
        public static State start(Optimiser optimiser, long iteration, Snapshot weights) {
            var moments = new LinkedHashMap<String, Snapshot.Value>();
            weights.zeros().values().forEach((name, zeros) ->
                    optimiser.moments().forEach(moment -> moments.put(momentName(name, moment), zeros)));
            return new State(iteration, 0, weights, new Snapshot(moments));
        }

        /** The same place with only the survivors of each mask, of the weights and of what is remembered of them. */
        public State restrict(Map<String, Mask> masks) {
            var ofMoments = new LinkedHashMap<String, Mask>();
            moments.values().keySet().forEach(moment -> masks.entrySet().stream()
                    .filter(mask -> moment.startsWith(momentName(mask.getKey(), "")))
                    .forEach(mask -> ofMoments.put(moment, mask.getValue())));
            return new State(iteration, updates, weights.restrict(masks), moments.restrict(ofMoments));
        }
    }

    private final Backend backend;
    private final Recipe recipe;
    private final Order order;
    private final Batches batches;
    private final Augmentation augmentation;
    private final Seed draws;
    private final List<String> trained;
    private final Weights weights;
    private final Weights moments;
    /** Of each trained weight. */
    private final List<List<Tensor>> momentsOf;
    /** Where images come from files; null where they are in memory and a batch costs next to nothing. */
    private final Prefetch prefetch;
    private final int[] indices;
    private final float[] x;
    private final float[] targets;
    /** The batch of iteration {@link #filled}, and room for the one after it, which is filled beside a step. */
    private Batch batch;
    private Batch next;
    private long filled = -1;
    private final BooleanSupplier filling = () -> fillMore(iteration() + 1);
    /** What is to be done next for {@link #next}. */
    private Stage stage = Stage.BEGIN;
    /** What the optimiser is told of a step, on the backend and on the way there. */
    private final Tensor scales;
    private final float[] scaleValues;
    /** The loss of the last step, on the backend and on the way from there. */
    private final Tensor loss;
    private final float[] lossValue = new float[1];
    private long iteration;
    private long updates;

    /** A trainer of images as they are. */
    public Trainer(Backend backend, Recipe recipe, Order order, Batches batches, State state) {
        this(backend, recipe, order, batches, Augmentation.none(), Seed.of(0), state);
    }

    /** @param draws the randomness of augmentation and dropout; what a step draws depends on it and the step's number alone */
    public Trainer(Backend backend, Recipe recipe, Order order, Batches batches, Augmentation augmentation, Seed draws, State state) {
        this.backend = backend;
        this.recipe = recipe;
        this.order = order;
        this.batches = batches;
        this.augmentation = augmentation;
        this.draws = draws;
        this.trained = recipe.model().parameters().stream().filter(Parameter::isTrained).map(Parameter::name).toList();
        this.weights = Weights.of(backend, state.weights());
        this.moments = Weights.of(backend, state.moments());
        this.momentsOf = trained.stream()
                .map(weight -> recipe.optimiser().moments().stream().map(moment -> moments.get(momentName(weight, moment))).toList()).toList();
        this.iteration = state.iteration();
        this.updates = state.updates();
        this.prefetch = batches.data() instanceof ImageFiles
                ? new Prefetch(order, batches, augmentation, draws, iteration, Long.MAX_VALUE)
                : null;
        int own = prefetch == null ? order.batchSize() : 0;
        this.indices = new int[own];
        this.x = new float[Math.multiplyExact(recipe.model().example().size(), own)];
        this.targets = new float[Math.multiplyExact(recipe.model().classes(), own)];
        this.batch = new Batch(backend, recipe.model(), order.batchSize());
        this.next = prefetch == null ? new Batch(backend, recipe.model(), order.batchSize()) : batch;
        this.scaleValues = new float[recipe.optimiser().scaleCount()];
        this.scales = Tensor.of(backend, Shape.of(scaleValues.length), scaleValues);
        this.loss = Tensor.of(backend, Shape.SCALAR, 0);
    }

    /** The examples of a step, on the backend, and the recording of the last step with such a batch that was computed. */
    private static final class Batch {

        private final Tensor images;
        private final Tensor labels;
        private Backend.Recording step = () -> false;

        Batch(Backend backend, Model model, int size) {
            images = Tensor.zeros(backend, Form.dense(model.example().batch(size)));
            labels = Tensor.zeros(backend, Form.dense(Shape.of(model.classes(), size)));
        }

        void write(float[] x, float[] targets) {
            images.write(x);
            labels.write(targets);
        }

        void close() {
            images.close();
            labels.close();
        }
    }

    /**
     * One training step.
     *
     * @return the loss before it
     * @throws coppice.nn.data.DataException if a file cannot be used
     */
    public double step() {
        if (prefetch != null) {
            Prefetch.Batch prepared = prefetch.next();
            batch.write(prepared.x(), prepared.targets());
            descend();
        } else {
            if (filled != iteration) {
                stage = Stage.BEGIN;
                while (fillMore(iteration)) {
                    // There is another piece.
                }
                takeNext();
            }
            Runnable following = backend.beside(filling);
            try {
                descend();
            } finally {
                following.run();
            }
        }
        backend.read(loss.buffer(), lossValue, 1);          // last, since a device that works ahead of the program is waited for here
        iteration++;
        if (prefetch == null) {
            takeNext();
        }
        return lossValue[0];
    }

    /** Of making a batch. */
    private enum Stage {
        BEGIN, FILL, WRITE
    }

    /** Does a piece of the work for the batch of an iteration. @return whether there are more */
    private boolean fillMore(long iteration) {
        switch (stage) {
            case BEGIN -> {
                order.fill(iteration, indices);
                batches.begin(indices, 0, indices.length, augmentation, draws, order.epoch(iteration), x, targets);
                stage = Stage.FILL;
            }
            case FILL -> stage = batches.fillMore() ? Stage.FILL : Stage.WRITE;
            case WRITE -> {
                next.write(x, targets);
                stage = Stage.BEGIN;
            }
        }
        return stage != Stage.BEGIN;
    }

    /** The batch of this iteration has been written. */
    private void takeNext() {
        Batch used = batch;
        batch = next;
        next = used;
        filled = iteration;
    }

    /** Changes the weights by the batch. */
    private void descend() {
        updates++;
        recipe.optimiser().scales((float) recipe.schedule().rate(iteration, order.iterationsPerEpoch()), updates, scaleValues);
        scales.write(scaleValues);
        if (!batch.step.replay()) {
            batch.step = backend.record(this::compute);
        }
    }

    private void compute() {
        try (Tape tape = new Tape()) {
            Pass pass = Pass.training(tape, weights, draws.in("dropout").in(iteration));
            Tensor mean = recipe.loss().of(recipe.model().body().forward(pass, batch.images), batch.labels);
            List<Tensor> gradients = tape.gradients(mean, trained.stream().map(pass::weight).toList());
            for (int i = 0; i < trained.size(); i++) {
                recipe.optimiser().step(scales, weights.get(trained.get(i)), gradients.get(i), momentsOf.get(i));
            }
            weights.updateRunningStatistics(pass.observations());
            backend.copyRows(1, 1, mean.buffer(), 0, 1, loss.buffer(), 0, 1);
        }
    }

    private static String momentName(String weight, String moment) {
        return weight + '/' + moment;
    }

    /** Steps taken since the start of the schedule. */
    public long iteration() {
        return iteration;
    }

    /** The weights, changed by every step. */
    public Weights weights() {
        return weights;
    }

    /** A copy of where training stands. */
    public State state() {
        return new State(iteration, updates, weights.snapshot(), moments.snapshot());
    }

    @Override
    public void close() {
        if (prefetch != null) {
            prefetch.close();
        }
        batch.close();
        next.close();
        scales.close();
        loss.close();
        weights.close();
        moments.close();
    }
}
