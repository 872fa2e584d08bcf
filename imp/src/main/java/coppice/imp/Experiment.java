package coppice.imp;

import coppice.engine.Backend;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.imp.settings.SettingsException;
import coppice.imp.settings.Spec;
import coppice.imp.store.Branch;
import coppice.nn.Evaluation;
import coppice.nn.Model;
import coppice.nn.Parameter;
import coppice.nn.Recipe;
import coppice.nn.Snapshot;
import coppice.nn.Trainer;
import coppice.nn.data.Augmentation;
import coppice.nn.data.Batches;
import coppice.nn.data.ImageFiles;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.Splits;
import coppice.nn.data.TrainAndTest;
import coppice.nn.data.View;
import coppice.nn.models.Models;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.function.Supplier;

/**
 * What trainings share: the model, how it is trained, the data on a backend, and where each source of randomness begins. Used by one
 * thread at a time; trainings side by side have one each.
 */
final class Experiment implements AutoCloseable {

    /** Black pixels around an image that a crop may show (He et al. 2015, section 4.2). */
    private static final int BORDER = 4;

    private final Spec spec;
    private final Backend backend;
    private final Duration checkpointEvery;
    private final Recipe recipe;
    private final Splits splits;
    private final Batches batches;
    private final Evaluation validation;
    private final Evaluation test;

    /**
     * Opens a backend, and puts on it what trainings share.
     *
     * @param open opens it
     * @throws SettingsException if the settings do not fit the data or the model
     */
    Experiment(Spec spec, TrainAndTest data, Supplier<Backend> open, Duration checkpointEvery) {
        this.spec = spec;
        this.checkpointEvery = checkpointEvery;
        this.recipe = new Recipe(model(spec, data), spec.training().loss(), spec.training().toOptimiser(), spec.training().toSchedule());
        this.splits = split(spec, data);
        requireBatch(spec, splits);
        requireRewindWithin(rewindStep());
        requireSurvivors(spec, model());
        Normalisation scale = switch (spec.data().scale()) {
            case UNIT -> unit(data.train().example().size(0));
            case IMAGENET -> imageNet(data);
            case STANDARD -> standard(splits.train());
        };
        this.batches = new Batches(data.train(), scale, (float) spec.training().labelSmoothing());
        this.backend = open.get();
        try {
            this.validation = new Evaluation(backend, model(), recipe.loss(), splits.validation(), new Batches(data.train(), scale));
            this.test = new Evaluation(backend, model(), recipe.loss(), splits.test(), new Batches(data.test(), scale));
        } catch (RuntimeException | Error e) {
            backend.close();
            throw e;
        }
    }

    /**
     * The model that settings name, for the data they name.
     *
     * @throws SettingsException if there is none of that name, or settings name weights that it does not have
     */
    static Model model(Spec spec, TrainAndTest data) {
        Model model;
        try {
            model = Models.of(spec.model(), data.train().example(), data.train().classes());
        } catch (IllegalArgumentException e) {
            throw new SettingsException(e.getMessage());
        }
        for (String name : spec.pruning().layerRates().keySet()) {
            if (model.prunable().stream().noneMatch(weight -> weight.name().equals(name))) {
                throw new SettingsException("pruning.layer-rates: " + model.name() + " has no prunable weight \"" + name + "\", only "
                        + String.join(", ", model.prunable().stream().map(Parameter::name).toList()));
            }
        }
        return model;
    }

    private static Splits split(Spec spec, TrainAndTest data) {
        if (spec.data().validation() >= data.train().size()) {
            throw new SettingsException("data.validation: must be below the " + data.train().size() + " training examples, got "
                    + spec.data().validation());
        }
        return Splits.of(data, spec.data().validation(), Seed.of(spec.seed()).in("validation"));
    }

    private static void requireBatch(Spec spec, Splits splits) {
        if (spec.training().batch() > splits.train().size()) {
            throw new SettingsException("training.batch: must be at most the " + splits.train().size()
                    + " examples left to train on, got " + spec.training().batch());
        }
    }

    private void requireRewindWithin(long rewind) {
        if (rewind >= steps()) {
            throw new SettingsException("pruning.rewind: must lie before the end of training at step " + steps() + ", got step " + rewind);
        }
    }

    /** A network without weights learns nothing, and a level that prunes nothing repeats the one before. One layer may end empty. */
    private static void requireSurvivors(Spec spec, Model model) {
        var pruning = new MagnitudePruning(spec.pruning());
        long before = Masks.NONE.weightsLeft(model);
        for (int level = 1; level <= spec.pruning().levels(); level++) {
            long left = pruning.survivors(model, level);
            if (left == 0 || left == before) {
                throw new SettingsException("pruning.levels: " + (left == 0 ? "no weight is left" : "no weight goes any more") + " at level " + level
                        + " of " + spec.pruning().levels() + "; must be at most " + (level - 1) + " at this pruning.rate, "
                        + spec.pruning().rate());
            }
            before = left;
        }
    }

    private static Normalisation standard(View train) {
        if (train.data() instanceof ImageFiles) {
            throw new SettingsException("data.scale: \"standard\" would look at every picture first; choose imagenet or unit");
        }
        return Normalisation.of(train);
    }

    private static Normalisation imageNet(TrainAndTest data) {
        Normalisation imageNet = Normalisation.imageNet();
        if (data.train().example().size(0) != imageNet.channels()) {
            throw new SettingsException("data.scale: \"imagenet\" is for images of 3 channels, got " + data.train());
        }
        return imageNet;
    }

    private static Normalisation unit(int channels) {
        float[] one = new float[channels];
        Arrays.fill(one, 1);
        return new Normalisation(new float[channels], one);
    }

    Spec spec() {
        return spec;
    }

    Model model() {
        return recipe.model();
    }

    Evaluation test() {
        return test;
    }

    /** Steps of one training, from the start of the schedule. */
    long steps() {
        return spec.training().length().steps(stepsPerEpoch());
    }

    /** The step that levels are rewound to. */
    long rewindStep() {
        return spec.pruning().rewind().steps(stepsPerEpoch());
    }

    /** Steps from one measurement to the next. */
    long evaluateEvery() {
        return spec.training().evaluateEvery().steps(stepsPerEpoch());
    }

    /** The time from one checkpoint to the next: what a killed run loses at most. */
    Duration checkpointEvery() {
        return checkpointEvery;
    }

    private long stepsPerEpoch() {
        return splits.train().size() / spec.training().batch();
    }

    /** Fresh initial weights, before any step. @param source distinguishes one draw from another */
    Trainer.State initial(Seed source) {
        return Trainer.State.start(recipe.optimiser(), 0, Snapshot.initial(model(), spec.init(), spec.normScale(), source));
    }

    /** The weights of a state with zero moments, at the same step of the schedule. */
    Trainer.State restarted(Trainer.State state) {
        return Trainer.State.start(recipe.optimiser(), state.iteration(), state.weights());
    }

    /** The survivors of the next level. @param end the weights after training one */
    Masks prune(Snapshot end) {
        return new MagnitudePruning(spec.pruning()).prune(backend, model(), end);
    }

    /** A trainer that goes on from a state, through the training examples in the order of a level. */
    Trainer trainer(Stage stage, Trainer.State state) {
        Seed source = seed(stage.replicate());
        var order = new Order(source.in("order").in(stage.level()), splits.train(), spec.training().batch());
        return new Trainer(backend, recipe, order, batches, augmentation(), source.in("draws").in(stage.level()), state);
    }

    private Augmentation augmentation() {
        return switch (spec.data().augment()) {
            case NONE -> Augmentation.none();
            case CROP_FLIP -> Augmentation.cropAndFlip(BORDER);
            case RESIZED_CROP -> Augmentation.resizedCrop();
        };
    }

    /** Has the backend choose its kernels for every product, by a step with every other weight that is not looked at any further. */
    void chooseKernels() {
        var half = new LinkedHashMap<String, Mask>();
        for (Parameter weight : model().prunable()) {
            half.put(weight.name(), Mask.where(weight.shape(), position -> position % 2 == 0));
        }
        var stage = new Stage(1, 0, Branch.TICKET);
        try (Trainer trainer = trainer(stage, new Masks(half).restrict(initial(seed(stage.replicate()))))) {
            trainer.step();
        }
    }

    /**
     * One step of a training.
     *
     * @return the loss before it
     * @throws DivergedException if that is no longer a number
     */
    double step(Trainer trainer, Stage stage) {
        double loss = trainer.step();
        if (!Double.isFinite(loss)) {
            throw new DivergedException("loss", loss, trainer.iteration(), stage, spec.training());
        }
        return loss;
    }

    /**
     * How a network does on the validation examples.
     *
     * @throws DivergedException if its loss is no longer a number, as after a last step that was too long
     */
    Evaluation.Score validate(Trainer trainer, Stage stage) {
        Evaluation.Score score = validation.of(trainer.weights());
        if (!Double.isFinite(score.loss())) {
            throw new DivergedException("validation loss", score.loss(), trainer.iteration(), stage, spec.training());
        }
        return score;
    }

    /** The root of a replicate's randomness. */
    Seed seed(int replicate) {
        return Seed.of(spec.seed()).in("replicate").in(replicate);
    }

    /** Floating-point operations of one training step. */
    long stepFlops(Masks masks) {
        return model().stepFlops(spec.training().batch(), masks.sizes(model()));
    }

    @Override
    public void close() {
        validation.close();
        test.close();
        backend.close();
    }
}
