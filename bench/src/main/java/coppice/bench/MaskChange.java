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
 * one by columns of all its weights; and the first step of a trainer with new masks, which makes what its kernels need to know of them, and
 * notes what a step does, to compare with a later one.
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
    private Snapshot weights;
    private Map<String, Mask> masks;
    private Backend backend;
    private int survivors;
    private Buffer values;
    private Buffer stays;
    private Trainer trainer;

    @Setup(Level.Trial)
    public void setUp() {
        task = TrainingStep.task(network);
        masks = TrainingStep.randomMasks(network, density);
        weights = TrainingStep.initial(network).restrict(masks);
        backend = Backends.measured(threads);
        survivors = masks.values().stream().mapToInt(Mask::count).sum();
        values = backend.allocate(survivors);
        stays = backend.allocate(survivors);
        backend.write(values, Backends.drawn("weights", survivors), survivors);
        trainer = TrainingStep.trainer(backend, task, weights);
    }

    /** Masks of which nothing is known yet. */
    @Setup(Level.Invocation)
    public void forget() {
        masks.replaceAll((name, mask) -> Mask.of(mask.shape(), mask.positions()));
    }

    @TearDown(Level.Trial)
    public void close() {
        trainer.close();
        backend.close();
    }

    @Benchmark
    public void choose() {
        backend.keepLargest((int) (0.8 * survivors), survivors, values, stays);
        backend.finish(stays);
    }

    @Benchmark
    public void rebuild(Blackhole uses) {
        for (Mask mask : masks.values()) {
            uses.consume(mask.rows());
            uses.consume(mask.columns());
        }
    }

    @Benchmark
    public double firstStep() {
        var values = new LinkedHashMap<>(weights.values());
        masks.forEach((name, mask) -> values.compute(name, (same, value) -> new Snapshot.Value(Form.masked(mask), value.values())));
        try (Trainer fresh = TrainingStep.trainer(backend, task, new Snapshot(values))) {
            return fresh.step();
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
