package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.nn.Snapshot;
import coppice.nn.Trainer;
import java.util.LinkedHashMap;
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
import org.openjdk.jmh.infra.Blackhole;

/**
 * What a new mask costs beside the training steps that follow: choosing which of a network's survivors stay, four of five; the index by rows and the
 * one by columns of all its weights; and the first step of a trainer, which notes what a step does, with masks of which nothing is known yet
 * ({@code firstStep}) and with masks of which kernels know all ({@code firstStepAgain}). The difference of these two is what they derive from a mask,
 * whatever that is, to compare with {@code laterStep}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 8, time = 1)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class MaskChange {

    /** A model and its batch. */
    @Param({"lenet-300-100/60", "conv-2/60", "resnet-20/128", "vgg-16/128"})
    private String network;

    @Param({"0.5", "0.2", "0.1", "0.05", "0.02"})
    private double density;

    @Param("2")
    private int threads;

    private TrainingStep.Task task;
    private Map<String, Mask> masks;
    private Snapshot weights;
    private Backend backend;
    private int survivors;
    private Buffer magnitudes;
    private Buffer stays;
    private Trainer trainer;

    @Setup(Level.Trial)
    public void setUp() {
        task = TrainingStep.task(network);
        masks = TrainingStep.randomMasks(network, density);
        survivors = masks.values().stream().mapToInt(Mask::count).sum();
        if (survivors == 0) {
            throw new IllegalArgumentException("MaskChange: density must be above 0 and below 1, so that there is a mask, got " + density);
        }
        weights = TrainingStep.initial(network).restrict(masks);
        backend = Backends.measured(threads);
        magnitudes = backend.allocate(survivors);
        stays = backend.allocate(survivors);
        backend.write(magnitudes, Backends.drawn("weights", survivors), survivors);
        trainer = TrainingStep.trainer(backend, task, weights);
        trainer.step();
    }

    @TearDown(Level.Trial)
    public void close() {
        trainer.close();
        backend.close();
    }

    /** The same masks and weights at each call, but masks of which nothing is known yet. */
    @State(Scope.Benchmark)
    public static class Fresh {

        private Map<String, Mask> masks;
        private Snapshot weights;

        @Setup(Level.Invocation)
        public void forget(MaskChange change) {
            masks = new LinkedHashMap<>(change.masks);
            masks.replaceAll((_, mask) -> Mask.of(mask.shape(), mask.positions()));
            var values = new LinkedHashMap<>(change.weights.values());
            masks.forEach((name, mask) -> values.compute(name, (_, value) -> new Snapshot.Value(Form.masked(mask), value.values())));
            weights = new Snapshot(values);
        }
    }

    @Benchmark
    public void choose() {
        backend.keepLargest((int) (0.8 * survivors), survivors, magnitudes, stays);
        backend.finish(stays);
    }

    @Benchmark
    public void rebuild(Fresh fresh, Blackhole uses) {
        for (Mask mask : fresh.masks.values()) {
            uses.consume(mask.rows());
            uses.consume(mask.columns());
        }
    }

    @Benchmark
    public double firstStep(Fresh fresh) {
        return firstStep(fresh.weights);
    }

    /** @param fresh as for {@link #firstStep(Fresh)}, so that both find the same of their data in the caches */
    @Benchmark
    public double firstStepAgain(Fresh fresh) {
        return firstStep(weights);
    }

    private double firstStep(Snapshot initial) {
        try (Trainer untrained = TrainingStep.trainer(backend, task, initial)) {
            return untrained.step();
        }
    }

    @Benchmark
    public double laterStep() {
        return trainer.step();
    }

    /**
     * Of {@code choose}: weights read, and written which stay. Of {@code rebuild}: positions read, and both indices written, a row's column, a
     * column's row and its place among the values.
     */
    static Work work(String method, String network, double density) {
        return switch (method) {
            case "choose" -> new Work(0, 2 * Float.BYTES * survivors(network, density));
            case "rebuild" -> new Work(0, 4 * Integer.BYTES * survivors(network, density));
            default -> TrainingStep.work(network, density);
        };
    }

    private static double survivors(String network, double density) {
        return density * TrainingStep.model(network).prunable().stream().mapToLong(weight -> weight.shape().size()).sum();
    }
}
