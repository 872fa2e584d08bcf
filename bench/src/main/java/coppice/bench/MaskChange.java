package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.nn.Model;
import coppice.nn.Parameter;
import coppice.nn.models.Models;
import java.util.ArrayList;
import java.util.List;
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
 * What a new mask costs beside the training steps that follow: choosing which of a network's survivors stay, four of five, and the index by rows
 * and the one by columns of all its weights. On one thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class MaskChange {

    @Param({"lenet-300-100", "conv-2", "resnet-20", "vgg-16"})
    private String network;

    @Param({"0.5", "0.2", "0.1", "0.05", "0.02"})
    private double density;

    private Model model;
    private List<int[]> positions;
    private Backend backend;
    private int survivors;
    private Buffer weights;
    private Buffer stays;

    @Setup(Level.Trial)
    public void setUp() {
        Models.Published published = Models.published(network);
        model = Models.of(network, published.example(), published.classes());
        positions = new ArrayList<>();
        for (Parameter weight : model.prunable()) {
            Seed seed = Seed.of(1).in("mask").in(weight.name());
            positions.add(Mask.where(weight.shape(), position -> seed.uniform(position) < density).positions());
        }
        survivors = positions.stream().mapToInt(all -> all.length).sum();
        backend = Backends.measured(1);
        weights = backend.allocate(survivors);
        stays = backend.allocate(survivors);
        backend.write(weights, Backends.drawn("weights", survivors), survivors);
    }

    @TearDown(Level.Trial)
    public void close() {
        backend.close();
    }

    @Benchmark
    public void choose() {
        backend.keepLargest((int) (0.8 * survivors), survivors, weights, stays);
        backend.finish(stays);
    }

    @Benchmark
    public void rebuild(Blackhole uses) {
        for (int i = 0; i < positions.size(); i++) {
            Mask mask = Mask.of(model.prunable().get(i).shape(), positions.get(i));
            uses.consume(mask.rows());
            uses.consume(mask.columns());
        }
    }

    /**
     * Of {@code choose}: weights read, and written which stay. Of {@code rebuild}: positions read, and both indices written, a row's column, a
     * column's row and its place among the values.
     */
    static Work work(String method, String network, double density) {
        Models.Published published = Models.published(network);
        Model model = Models.of(network, published.example(), published.classes());
        double weights = model.prunable().stream().mapToLong(weight -> weight.shape().size()).sum();
        return new Work(0, (method.equals("choose") ? 2 * Float.BYTES : 4 * Integer.BYTES) * density * weights);
    }
}
