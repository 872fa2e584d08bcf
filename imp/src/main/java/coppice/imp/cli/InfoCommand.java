package coppice.imp.cli;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Product;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.Model;
import coppice.nn.models.Models;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice info}. */
@Command(name = "info", description = {"Versions, backends and which one is chosen, a speed self-test, and the models;",
        "of one model its layers, shapes, parameters and multiply-adds, and what of them survives a mask."}, mixinStandardHelpOptions = true)
final class InfoCommand implements Callable<Integer> {

    /** A product of two such matrices takes 0.27 Gflop. */
    private static final int SIDE = 512;
    private static final int ROUNDS = 60;
    /** A kernel that the compiler gave up on runs at about 1; any vector unit makes ten times this. */
    private static final double STUCK = 5;

    @Spec
    private CommandSpec command;

    @Parameters(paramLabel = "MODEL", arity = "0..1", description = "A model to look into, such as resnet-20.")
    private String model;

    @Option(names = "--example", paramLabel = "CxHxW", description = "The shape of its examples (default: what it was published for).")
    private String example;

    @Option(names = "--classes", paramLabel = "N", description = "Its classes (default: likewise).")
    private Integer classes;

    @Option(names = "--mask", paramLabel = "FILE", description = "Count what survives: a run's replicate-…/level-…/mask.safetensors.")
    private Path mask;

    @Override
    public Integer call() {
        PrintWriter out = command.commandLine().getOut();
        if (model != null) {
            out.print(table().text());
            out.flush();
            return 0;
        }
        if (example != null || classes != null || mask != null) {
            throw new ParameterException(command.commandLine(), "--example, --classes and --mask: need a MODEL");
        }
        int threads = Runtime.getRuntime().availableProcessors();
        out.println("coppice   " + Version.number());
        out.println("java      " + System.getProperty("java.vm.name") + " " + Runtime.version());
        out.println("machine   " + System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", " + threads + " threads, heap up to "
                + Runtime.getRuntime().maxMemory() / (1 << 20) + " MB");
        BackendProvider chosen = BackendProvider.best();
        for (BackendProvider provider : BackendProvider.all()) {
            out.println(String.format("backend   %-10s %s%s", provider.name(), provider.description(),
                    provider.name().equals(chosen.name()) ? "  <- preferred of those that can be used here" : ""));
        }
        selfTest(out, chosen, threads);
        for (String name : Models.names()) {
            Models.Published published = Models.published(name);
            Model model = Models.of(name, published.example(), published.classes());
            out.println(String.format(Locale.ROOT, "model     %-18s %,12d parameters on images of %s, %d classes", name, model.parameterCount(),
                    published.example(), published.classes()));
        }
        out.flush();
        return 0;
    }

    private ModelTable table() {
        try {
            return ModelTable.of(model, example, classes, mask);
        } catch (IllegalArgumentException refused) {
            throw new ParameterException(command.commandLine(), refused.getMessage());
        }
    }

    private static void selfTest(PrintWriter out, BackendProvider provider, int threads) {
        if (provider.name().equals("reference")) {
            return;
        }
        double best = 0;
        try (Backend backend = provider.open(threads)) {
            Tensor a = random(backend, "a");
            Tensor b = random(backend, "b");
            for (int round = 0; round < ROUNDS; round++) {
                long began = System.nanoTime();
                try (Tape tape = new Tape()) {
                    Product.matmul(a, tape.hold(b));
                }
                best = Math.max(best, 2.0 * SIDE * SIDE * SIDE / (System.nanoTime() - began));
            }
        }
        out.println(String.format(Locale.ROOT, "speed     %.0f GF/s on a %d×%d product%s", best, SIDE, SIDE, best > STUCK ? ""
                : ": far too slow; the kernels were not compiled well, start through imp/coppice, which passes the flags they need"));
    }

    private static Tensor random(Backend backend, String name) {
        Seed seed = Seed.of(1).in(name);
        float[] values = new float[SIDE * SIDE];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) seed.uniform(i);
        }
        return Tensor.of(backend, Shape.of(SIDE, SIDE), values);
    }
}
