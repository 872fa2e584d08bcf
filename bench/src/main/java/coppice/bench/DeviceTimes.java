package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Form;
import coppice.engine.Precision;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.nn.Trainer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Times of a device that works ahead of the program: products, dense and over survivors, many of them between one wait and the next, since
 * a wait takes as long as some of them; and training steps, each of which waits for its loss. A table on standard output, for
 * {@code bench/gpu/verify}; benchmarks of the CPU are JMH's.
 */
public final class DeviceTimes {

    private static final List<String> WORDS = List.of("products", "matrices", "steps", "tf32", "short");
    private static final List<Double> DENSITIES = List.of(1.0, 0.2, 0.1, 0.05, 0.02);
    private static final List<String> NETWORKS = List.of("lenet-300-100/60", "conv-2/60", "resnet-20/128", "vgg-16/128");

    /** Those of ResNet-18 at a batch of 128 on images of 56×56 and smaller, as in {@link ConvolutionShape}. */
    private static final List<String> LAYERS = List.of("64x64x3x3/1@56x56x128", "128x128x3x3/1@28x28x128", "256x256x3x3/1@14x14x128",
            "512x512x3x3/1@7x7x128", "128x64x3x3/2@56x56x128", "128x64x1x1/2@56x56x128");

    /** Linear layers, and the weights of ResNet-18's layers as matrices, with 8192 columns: products that other libraries have, too. */
    private static final List<String> MATRICES = List.of("1024x1024x128", "4096x4096x128", "4096x4096x1024", "64x576x8192", "128x1152x8192",
            "256x2304x8192", "512x4608x8192");

    /** A density up to which survivors are not put among zeros. */
    private static final double ALWAYS_SPARSE = 1;

    private static final long LEAST_NANOS = 50_000_000;
    private static final int ROUNDS = 3;

    private DeviceTimes() {}

    /**
     * @param arguments the backend's name; what to time, {@code products} or {@code steps} or both; {@code matrices} for no convolutions;
     *     {@code tf32} for that precision; {@code short} for a look whether it works
     */
    public static void main(String[] arguments) {
        List<String> asked = arguments.length == 0 ? List.of() : List.of(arguments).subList(1, arguments.length);
        if (Collections.disjoint(asked, List.of("products", "steps")) || !WORDS.containsAll(asked)) {
            System.err.println("DeviceTimes: needs a backend and what to time, products or steps or both, matrices for no other products, tf32,"
                    + " and short for a look; got " + List.of(arguments));
            System.exit(2);
        }
        boolean isShort = asked.contains("short");
        Precision precision = asked.contains("tf32") ? Precision.TF32 : Precision.FP32;
        System.out.println("| what | density | µs | Gflop/s | least GB/s |\n|---|---|---|---|---|");
        BackendProvider provider = BackendProvider.named(arguments[0]);
        int threads = Runtime.getRuntime().availableProcessors();
        if (asked.contains("products")) {
            try (Backend backend = provider.open(threads, (product, measure) -> ALWAYS_SPARSE, precision)) {
                for (String shape : isShort ? MATRICES.subList(0, 1) : MATRICES) {
                    DENSITIES.forEach(density -> matmul(backend, shape, density));
                }
                for (String layer : asked.contains("matrices") ? List.<String>of() : isShort ? List.of("16x16x3x3/1@16x16x16") : LAYERS) {
                    DENSITIES.forEach(density -> convolution(backend, layer, density));
                }
            }
        }
        if (asked.contains("steps")) {
            try (Backend backend = provider.open(threads, null, precision)) {
                for (String network : isShort ? NETWORKS.subList(0, 1) : NETWORKS) {
                    DENSITIES.forEach(density -> step(backend, network, density));
                }
            }
        }
    }

    private static void matmul(Backend backend, String shape, double density) {
        MatrixShape sizes = MatrixShape.of(shape);
        Form form = Operands.weight(sizes.weight(), density);
        Operands its = Operands.drawn(backend, form.stored().size(), sizes.k() * sizes.n(), sizes.m() * sizes.n());
        double bytes = bytes(form, sizes.k() * sizes.n(), sizes.m() * sizes.n());
        for (Face face : Face.values()) {
            time("matmul " + face + " " + shape, density, 2.0 * form.stored().size() * sizes.n(), bytes,
                    () -> backend.matmul(face, form, sizes.n(), its.w(), its.x(), its.g()), () -> backend.finish(its.result(face)));
        }
        List.of(its.w(), its.x(), its.g()).forEach(backend::release);
    }

    private static void convolution(Backend backend, String layer, double density) {
        ConvolutionShape sizes = ConvolutionShape.of(layer);
        Form form = Operands.weight(sizes.weight(), density);
        Window window = sizes.window();
        Shape images = sizes.images();
        Operands its = Operands.drawn(backend, form.stored().size(), images.size(), sizes.output().size());
        double bytes = bytes(form, images.size(), sizes.output().size());
        for (Face face : Face.values()) {
            time("convolve " + face + " " + layer, density, 2.0 * form.stored().size() * sizes.output().rowSize(), bytes,
                    () -> backend.convolve(face, form, window, 1, images, its.w(), its.x(), its.g()), () -> backend.finish(its.result(face)));
        }
        List.of(its.w(), its.x(), its.g()).forEach(backend::release);
    }

    /** What a face moves at least: weights, with an index each where they are survivors, and x and g, once. */
    private static double bytes(Form form, int x, int g) {
        return Float.BYTES * ((form.isMasked() ? 2.0 : 1.0) * form.stored().size() + x + g);
    }

    private static void step(Backend backend, String network, double density) {
        try (Trainer trainer = TrainingStep.trainer(backend, network, TrainingStep.randomMasks(network, density))) {
            time("step of " + network, density, TrainingStep.work(network, density).flops(), Double.NaN, trainer::step, () -> {});
        }
    }

    /** The median of some rounds, each of so many runs that it takes a while. @param bytes NaN where nobody counted them */
    private static void time(String what, double density, double flops, double bytes, Runnable run, Runnable finish) {
        round(1, run, finish);                       // what is compiled and copied once
        int runs = 1;
        while (round(runs, run, finish) < LEAST_NANOS) {
            runs *= 2;
        }
        var rounds = new ArrayList<Double>();
        for (int i = 0; i < ROUNDS; i++) {
            rounds.add((double) round(runs, run, finish) / runs);
        }
        rounds.sort(null);
        double median = rounds.get(ROUNDS / 2);
        String moved = Double.isNaN(bytes) ? "" : String.format(Locale.ROOT, "%.0f", bytes / median);
        System.out.printf(Locale.ROOT, "| %s | %.0f %% | %.1f | %.0f | %s |%n", what, 100 * density, median / 1000, flops / median, moved);
    }

    private static long round(int runs, Runnable run, Runnable finish) {
        long start = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            run.run();
        }
        finish.run();
        return System.nanoTime() - start;
    }
}
