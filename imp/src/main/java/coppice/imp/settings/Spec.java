package coppice.imp.settings;

import coppice.engine.Precision;
import coppice.imp.store.Branch;
import coppice.nn.Initialiser;
import coppice.nn.Loss;
import coppice.nn.Optimiser;
import coppice.nn.ScaleInitialiser;
import coppice.nn.Schedule;
import coppice.nn.Span;
import coppice.nn.data.ImageFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/**
 * The settings of a run: everything that its results follow from, and nothing else. Read by {@link SpecReader}; each key of the
 * YAML file is a component here, in lower case with hyphens.
 *
 * @param name       what the run is called; starts the name of its folder
 * @param data       what is learnt
 * @param model      a name from {@link coppice.nn.models.Models}
 * @param init       how weights start
 * @param normScale  how the scales of batch norm start
 * @param training   how a level is trained
 * @param pruning    what happens between levels
 * @param controls   what is trained beside the ticket at each level after the first
 * @param replicates how often all of it is done, each time with its own branch of the seed
 * @param seed       the root of all randomness
 * @param backend    the name of a backend: {@code cpu}, {@code cuda}, {@code reference}
 * @param precision  of dense products on {@code cuda} that are large enough for cuBLAS; all else is single precision
 */
public record Spec(String name, Data data, String model, Initialiser init, ScaleInitialiser normScale, Training training, Pruning pruning,
                   List<Branch> controls, int replicates, long seed, String backend, Precision precision) {

    public Spec {
        if (!name.matches("[a-z0-9][a-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException(
                    "name: must be up to 64 lower-case letters, digits, hyphens, dots or underscores, got \"" + name + "\"");
        }
        controls = List.copyOf(controls);
        if (controls.contains(Branch.TICKET) || controls.stream().distinct().count() < controls.size()) {
            throw new IllegalArgumentException("controls: must be some of random-reinit and random-mask, each once, got "
                    + controls.stream().map(Branch::label).toList());
        }
        atLeast("replicates", replicates, 1);
        atMost("replicates", replicates, 1000);
    }

    /** How many networks are trained: in each replicate the dense one, and at each level a ticket and its controls. */
    public int trainings() {
        return replicates * (1 + pruning.levels() * (1 + controls.size()));
    }

    /** This run on another backend. */
    public Spec on(String backend) {
        return new Spec(name, data, model, init, normScale, training, pruning, controls, replicates, seed, backend, precision);
    }

    /**
     * @param name       {@code strokes} or {@code strokes-rgb}, which are drawn; {@code mnist}, {@code fashion-mnist}, {@code cifar-10}
     *                   or {@code cifar-100}, read from files; or {@code image-folder}, pictures in the layout of ImageNet
     * @param root       the folder with the files, absent for the folder that {@code coppice data fetch} fills; where the files
     *                   lie does not change a result, so it does not count towards the identity of a run
     * @param train      how many examples of the training part to use (or, of what is drawn, to draw), absent for all
     * @param test       likewise of the test part
     * @param side       of the images of an {@code image-folder}, in pixels; absent for anything else
     * @param validation how many training examples to hold out for early stopping
     * @param scale      how pixels become inputs
     * @param augment    how training examples are changed each time they are seen
     */
    public record Data(String name, Path root, Integer train, Integer test, Integer side, int validation, Scale scale, Augment augment) {

        public Data {
            if (train != null) {
                atLeast("train", train, 1);
            }
            if (test != null) {
                atLeast("test", test, 1);
            }
            if (side != null) {
                atLeast("side", side, 1);
                atMost("side", side, ImageFolder.MOST_SIDE);
            }
            atLeast("validation", validation, 1);
        }
    }

    /** How pixels of 0 … 255 become inputs. */
    public enum Scale {
        /** Divided by 255, as in the first lottery ticket experiments. */
        UNIT,
        /** Mean 0 and variance 1 in each channel of the training examples. */
        STANDARD,
        /** Mean 0 and variance 1 in each channel of ImageNet's. */
        IMAGENET
    }

    /** How training examples are changed at random each time they are seen. */
    public enum Augment {
        NONE,
        /** Cut out of a border of four black pixels at a random place; half of them mirrored (He et al. 2015, section 4.2). */
        CROP_FLIP,
        /** A part of the image, scaled to the whole; half of them mirrored (Szegedy et al. 2015). */
        RESIZED_CROP
    }

    /**
     * @param length        the training of one level, from the start of the schedule
     * @param batch         examples per step
     * @param evaluateEvery how often to measure on the validation examples
     * @param labelSmoothing the share of a target that is spread evenly over all classes; training only
     * @param momentum      of {@code sgd}, as is {@code nesterov}
     * @param beta1         of {@code adam}, as are {@code beta2} and {@code epsilon}
     * @param warmup        linear, from 0
     * @param milestones    of the schedule {@code milestones}: when the rate is multiplied by {@code factor}
     */
    public record Training(Span length, int batch, Span evaluateEvery, Loss loss, double labelSmoothing, OptimiserName optimiser, double learningRate,
                           double weightDecay, double momentum, boolean nesterov, double beta1, double beta2, double epsilon,
                           ScheduleName schedule, Span warmup, List<Span> milestones, double factor) {

        public Training {
            positive("length", length);
            positive("evaluate-every", evaluateEvery);
            atLeast("batch", batch, 1);
            if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
                throw new IllegalArgumentException("label-smoothing: must be at least 0 and below 1, got " + labelSmoothing);
            }
            milestones = List.copyOf(milestones);
            if (schedule == ScheduleName.MILESTONES && milestones.isEmpty()) {
                throw new IllegalArgumentException("milestones: the schedule \"milestones\" needs at least one, such as [80ep, 120ep]");
            }
            // What the chosen optimiser and schedule leave alone is checked as well: a bad value is a mistake wherever it stands.
            new Optimiser.Sgd(momentum, false, weightDecay);
            new Optimiser.Adam(beta1, beta2, epsilon, weightDecay);
            new Schedule.Shape.Milestones(milestones, factor);
            optimiser(optimiser, momentum, nesterov, beta1, beta2, epsilon, weightDecay);
            schedule(schedule, learningRate, warmup, milestones, factor, length);
        }

        public Optimiser toOptimiser() {
            return optimiser(optimiser, momentum, nesterov, beta1, beta2, epsilon, weightDecay);
        }

        public Schedule toSchedule() {
            return schedule(schedule, learningRate, warmup, milestones, factor, length);
        }

        private static Optimiser optimiser(OptimiserName name, double momentum, boolean nesterov, double beta1, double beta2,
                                           double epsilon, double weightDecay) {
            return switch (name) {
                case SGD -> new Optimiser.Sgd(momentum, nesterov, weightDecay);
                case ADAM -> new Optimiser.Adam(beta1, beta2, epsilon, weightDecay);
            };
        }

        private static Schedule schedule(ScheduleName name, double rate, Span warmup, List<Span> milestones, double factor, Span end) {
            return new Schedule(rate, warmup, switch (name) {
                case CONSTANT -> new Schedule.Shape.Constant();
                case MILESTONES -> new Schedule.Shape.Milestones(milestones, factor);
                case COSINE -> new Schedule.Shape.Cosine(end);
            });
        }
    }

    public enum OptimiserName {
        SGD,
        ADAM
    }

    public enum ScheduleName {
        CONSTANT,
        MILESTONES,
        COSINE
    }

    /**
     * @param levels     how often to prune; the dense network is level 0
     * @param scope      whether a layer gives up its own share, or all layers together
     * @param rate       the share of the surviving weights that goes at each level
     * @param layerRates rates of single weights, by name ({@code fc3.weight: 0.1}; 0 leaves a weight dense); such a weight is pruned
     *                   on its own under either scope
     * @param rewind     the step of the dense training whose weights each level starts from
     * @param moments    what the optimiser remembers at a rewind
     */
    public record Pruning(int levels, Scope scope, double rate, SequencedMap<String, Double> layerRates, Span rewind, Moments moments) {

        public Pruning {
            atLeast("levels", levels, 0);
            atMost("levels", levels, 1000);
            if (!(rate > 0 && rate < 1)) {
                throw new IllegalArgumentException("rate: must be above 0 and below 1, got " + rate);
            }
            layerRates.forEach((layer, own) -> {
                if (own == null || !(own >= 0 && own < 1)) {
                    throw new IllegalArgumentException("layer-rates." + layer + ": must be at least 0 and below 1, got " + own);
                }
            });
        }
    }

    /** Which weights compete for survival. */
    public enum Scope {
        LAYERWISE,
        GLOBAL
    }

    /** What happens to momentum at a rewind. */
    public enum Moments {
        /** It starts from zero. */
        RESTART,
        /** It is what it was at the rewind point, for the survivors. */
        RESTORE
    }

    private static void atLeast(String key, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(key + ": must be at least " + least + ", got " + value);
        }
    }

    private static void atMost(String key, int value, int most) {
        if (value > most) {
            throw new IllegalArgumentException(key + ": must be at most " + most + ", got " + value);
        }
    }

    private static void positive(String key, Span span) {
        if (span.equals(new Span(0, 0))) {
            throw new IllegalArgumentException(key + ": must be longer than 0, got " + span);
        }
    }
}
