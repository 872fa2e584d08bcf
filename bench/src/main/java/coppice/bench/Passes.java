package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Shape;
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

/** Kernels that go once over images and do little with each: their limit is memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(3)
public class Passes {

    private static final float EPSILON = 1e-5f;

    /** Channels, the side of the images, and the batch: 8, 32 and 128 MB. */
    @Param({"16x32x128", "64x32x128", "64x64x128"})
    private String images;

    @Param("2")
    private int threads;

    private Backend backend;
    private Shape shape;
    private Shape perChannel;
    private Buffer a;
    private Buffer b;
    private Buffer y;
    private Buffer sums;
    private Buffer moments;
    private Buffer scale;
    private Buffer shift;
    private Buffer pairs;

    @Setup(Level.Trial)
    public void setUp() {
        backend = BackendProvider.best().open(threads);
        shape = shape(images);
        int channels = shape.size(0);
        perChannel = Shape.of(channels, 1, 1, 1);
        a = Backends.drawn(backend, "a", shape.size());
        b = Backends.drawn(backend, "b", shape.size());
        y = backend.allocate(shape.size());
        sums = backend.allocate(channels);
        moments = backend.allocate(2 * channels);
        scale = Backends.drawn(backend, "scale", channels);
        shift = Backends.drawn(backend, "shift", channels);
        pairs = backend.allocate(2 * channels);
        backend.moments(shape, a, moments);
    }

    static Shape shape(String images) {
        if (!images.matches("\\d{1,9}x\\d{1,9}x\\d{1,9}")) {
            throw new IllegalArgumentException("images: must be such as 16x32x128, got " + images);
        }
        String[] sizes = images.split("x");
        return Shape.of(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), Integer.parseInt(sizes[1]), Integer.parseInt(sizes[2]));
    }

    @TearDown(Level.Trial)
    public void tearDown() {
        backend.close();
    }

    @Benchmark
    public Buffer rectify() {
        backend.map(Unary.RELU, shape.size(), a, y);
        return y;
    }

    @Benchmark
    public Buffer add() {
        backend.combine(Binary.ADD, shape, shape, a, shape, b, y);
        return y;
    }

    /** Such as the gradient of a bias. */
    @Benchmark
    public Buffer sum() {
        backend.sum(shape, a, perChannel, sums);
        return sums;
    }

    /** Batch norm forward, its results written to memory. */
    @Benchmark
    public Buffer normalise() {
        backend.moments(shape, a, pairs);
        backend.normalise(shape, EPSILON, true, a, pairs, scale, shift, y);
        backend.finish(y);
        return y;
    }

    /** Batch norm backward, likewise. */
    @Benchmark
    public Buffer normaliseGradient() {
        backend.normaliseSums(shape, EPSILON, true, a, moments, scale, shift, b, pairs);
        backend.normaliseInput(shape, EPSILON, true, a, moments, scale, shift, b, pairs, y);
        backend.finish(y);
        return y;
    }

    /** Each operand once for each time it must be read, and the result once. */
    static Work work(String method, String images) {
        double bytes = (double) Float.BYTES * shape(images).size();
        return new Work(0, bytes * switch (method) {
            case "sum" -> 1;
            case "rectify" -> 2;
            case "add", "normalise" -> 3;
            case "normaliseGradient" -> 5;
            default -> throw new IllegalArgumentException("Passes has no " + method);
        });
    }
}
