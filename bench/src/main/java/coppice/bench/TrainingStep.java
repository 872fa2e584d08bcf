package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.imp.store.Entry;
import coppice.imp.store.Safetensors;
import coppice.nn.Initialiser;
import coppice.nn.Loss;
import coppice.nn.Model;
import coppice.nn.Optimiser;
import coppice.nn.Parameter;
import coppice.nn.Recipe;
import coppice.nn.Schedule;
import coppice.nn.Snapshot;
import coppice.nn.Span;
import coppice.nn.Trainer;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.Strokes;
import coppice.nn.data.StrokesRgb;
import coppice.nn.data.View;
import coppice.nn.models.Models;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole training step, data to optimiser, of networks in the papers' batches, with momentum and decay, against the density of random
 * masks; or under the masks that a run found, with {@code -p mask=runs/…/mask.safetensors -p density=1.0}, whatever the density is then.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class TrainingStep {

    private static final int EXAMPLES = 1000;

    /** A model and its batch. */
    @Param({"lenet-300-100/60", "conv-2/60", "resnet-20/128", "vgg-16/128"})
    private String network;

    @Param({"1.0", "0.5", "0.2", "0.1", "0.05", "0.02"})
    private double density;

    /** {@code random}, or a file of masks for this network, which says the density. */
    @Param("random")
    private String mask;

    @Param("2")
    private int threads;

    private Backend backend;
    private Trainer trainer;

    @Setup(Level.Trial)
    public void setUp() {
        backend = Backends.measured(threads);
        trainer = trainer(backend, network, mask.equals("random") ? randomMasks(network, density) : masks(network, Path.of(mask)));
        double loss = trainer.step();
        if (!(loss > 1 && loss < 10)) {
            throw new IllegalStateException("the first loss of a fresh network of ten classes must be near 2.3, got " + loss);
        }
    }

    /** A trainer of a network on drawn examples. */
    static Trainer trainer(Backend backend, String network, Map<String, Mask> masks) {
        return trainer(backend, task(network), initial(network).restrict(masks));
    }

    /** What a network learns, and from what, in which order. */
    record Task(Recipe recipe, Order order, Batches batches) {}

    static Task task(String network) {
        Model model = model(network);
        Dataset data = model.example().size(0) == 3 ? StrokesRgb.generate(Seed.of(1), EXAMPLES) : Strokes.generate(Seed.of(1), EXAMPLES);
        var recipe = new Recipe(model, Loss.CROSS_ENTROPY, new Optimiser.Sgd(0.9, false, 1e-4),
                new Schedule(0.01, new Span(0, 0), new Schedule.Shape.Constant()));
        View all = View.all(data);
        return new Task(recipe, new Order(Seed.of(1).in("order"), all, batch(network)), new Batches(data, Normalisation.of(all)));
    }

    static Snapshot initial(String network) {
        return Snapshot.initial(model(network), Initialiser.KAIMING_NORMAL, Seed.of(1).in("init"));
    }

    static Trainer trainer(Backend backend, Task task, Snapshot weights) {
        return new Trainer(backend, task.recipe(), task.order(), task.batches(), Trainer.State.start(task.recipe().optimiser(), 0, weights));
    }

    /** For drawn examples of ten classes, which are as large as those the models were published for. */
    static Model model(String network) {
        Models.Published published = Models.published(network.split("/")[0]);
        return Models.of(network.split("/")[0], published.example(), published.classes());
    }

    /** @throws IllegalArgumentException unless it is a known network with a batch, such as {@code conv-2/60} */
    static void check(String network) {
        if (!network.matches("[^/]+/[1-9][0-9]{0,8}")) {
            throw new IllegalArgumentException("network: must be such as conv-2/60, with its batch, got " + network);
        }
        model(network);
    }

    private static int batch(String network) {
        return Integer.parseInt(network.split("/")[1]);
    }

    /** Masks by which each weight survives with a probability; none if that is 1. */
    static Map<String, Mask> randomMasks(String network, double density) {
        var masks = new LinkedHashMap<String, Mask>();
        for (Parameter weight : density == 1 ? List.<Parameter>of() : model(network).prunable()) {
            Seed seed = Seed.of(1).in("mask").in(weight.name());
            masks.put(weight.name(), Mask.where(weight.shape(), position -> seed.uniform(position) < density));
        }
        return masks;
    }

    /** Those of a file. */
    private static Map<String, Mask> masks(String network, Path file) {
        var masks = new LinkedHashMap<String, Mask>();
        Map<String, Entry> found = Safetensors.read(file).entries();
        for (Parameter weight : model(network).prunable()) {
            if (!(found.get(weight.name()) instanceof Entry.Ints positions)) {
                throw new IllegalArgumentException("mask: " + file + " has none for " + weight.name() + " of " + network);
            }
            masks.put(weight.name(), Mask.of(weight.shape(), positions.values()));
        }
        return masks;
    }

    /** The multiplications and additions of a step at a density. Its bytes depend on what is kept in caches, so they are not counted. */
    static Work work(String network, double density) {
        Model model = model(network);
        var left = new HashMap<String, Long>();
        model.parameters().forEach(parameter -> left.put(parameter.name(), (long) parameter.shape().size()));
        model.prunable().forEach(weight -> left.put(weight.name(), Math.round(density * weight.shape().size())));
        return new Work(model.stepFlops(batch(network), left::get), 0);
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        trainer.close();
        backend.close();
    }

    @Benchmark
    public double step() {
        return trainer.step();
    }
}
