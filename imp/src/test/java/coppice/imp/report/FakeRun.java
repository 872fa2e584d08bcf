package coppice.imp.report;

import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.imp.store.AtomicFile;
import coppice.imp.store.Branch;
import coppice.imp.store.Entry;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import coppice.imp.store.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The folder of a run that never ran: numbers drawn from a seed around the shape of the LeNet curves of Frankle and Carbin
 * (2019, figures 1 and 3), for a small network of three layers and two controls.
 *
 * @param gain accuracy that its tickets have over those of gain 0, as a fraction
 * @param lastReplicateStopsAfter the last level of the last replicate, as if the run had been killed there
 */
record FakeRun(String name, long seed, int replicates, int levels, double gain, int lastReplicateStopsAfter) {

    private static final Map<String, Shape> LAYERS = layers();
    private static final double KEPT_PER_LEVEL = 0.62;
    private static final long ITERATIONS = 20_000;

    FakeRun(String name) {
        this(name, 7, 3, 7, 0, 7);
    }

    private static Map<String, Shape> layers() {
        var layers = new LinkedHashMap<String, Shape>();
        layers.put("fc1.weight", Shape.of(100, 196));
        layers.put("fc1.bias", Shape.of(100));
        layers.put("fc2.weight", Shape.of(40, 100));
        layers.put("fc2.bias", Shape.of(40));
        layers.put("fc3.weight", Shape.of(10, 40));
        layers.put("fc3.bias", Shape.of(10));
        return layers;
    }

    String spec() {
        return """
                model: lenet-100-40
                data: digits
                seed: %d
                replicates: %d
                levels: %d
                iterations: %d
                batch: 60
                optimiser:
                  name: adam
                  learning-rate: %s
                pruning:
                  criterion: magnitude
                  scope: layerwise
                  fraction: 0.38   # the output layer half of it
                rewind: 0it
                controls: [random-reinit, random-mask]
                """.formatted(seed, replicates, levels, ITERATIONS, gain == 0 ? "0.0012" : "0.003");
    }

    /** Writes the run below {@code parent} and gives its folder. */
    RunFolder write(Path parent) {
        var folder = new RunFolder(parent.resolve(name));
        new AtomicFile(folder.spec()).write(spec());
        var rows = new ArrayList<Results.Row>();
        for (int replicate = 1; replicate <= replicates; replicate++) {
            int last = replicate == replicates ? lastReplicateStopsAfter : levels;
            for (int level = 0; level <= last; level++) {
                for (Branch branch : level == 0 ? new Branch[] {Branch.TICKET} : Branch.values()) {
                    rows.add(train(folder.level(replicate, level, branch), branch, replicate, level));
                }
            }
        }
        new Results(rows).write(folder.results());
        return folder;
    }

    private Results.Row train(LevelFolder files, Branch branch, int replicate, int level) {
        Seed draw = Seed.of(seed).in(branch.label()).in(replicate).in(level);
        double density = writeWeights(files, branch, replicate, level);
        double end = accuracy(branch, density) + 0.0008 * draw.normal(0);
        long earlyStop = Math.round((earlyStop(branch, density) * (1 + 0.05 * draw.normal(1))) / 100) * 100;
        LearningCurve curve = curve(draw, end, Math.clamp(earlyStop, 500, ITERATIONS - 500));
        curve.write(files.metrics());
        var best = curve.rows().stream().reduce((a, b) -> b.validationLoss() < a.validationLoss() ? b : a).get();
        var last = curve.rows().getLast();
        double left = density * 24_000;
        return new Results.Row(branch, replicate, level, density, Math.round(left), best.iteration(), best.testAccuracy().getAsDouble(),
                last.testAccuracy().getAsDouble(), last.validationLoss(), 12 + 30 * density + 0.6 * draw.uniform(2),
                Math.round(6 * 60 * left) + 400_000);
    }

    /** Halvings of the network move the accuracies as in figure 3 of the paper: a bump for the ticket, a slope for the controls. */
    private double accuracy(Branch branch, double density) {
        double halvings = -Math.log(density) / Math.log(2);
        return switch (branch) {
            case TICKET -> 0.9805 + (halvings == 0 ? 0 : gain) + 0.0035 * Math.exp(-Math.pow(halvings - 2.6, 2) / 2.5) - 0.00003 * Math.exp(halvings);
            case RANDOM_REINIT -> 0.9805 - 0.0018 * halvings - 0.00012 * Math.exp(0.95 * halvings);
            case RANDOM_MASK -> 0.9805 - 0.0022 * halvings - 0.00016 * Math.exp(0.95 * halvings);
        };
    }

    private static double earlyStop(Branch branch, double density) {
        double halvings = -Math.log(density) / Math.log(2);
        return branch == Branch.TICKET ? 7300 - 2800 * Math.exp(-Math.pow(halvings - 2.4, 2) / 3) + 60 * halvings * halvings
                : 7300 + (branch == Branch.RANDOM_REINIT ? 1300 : 1650) * halvings;
    }

    private LearningCurve curve(Seed draw, double end, long earlyStop) {
        Seed noise = draw.in("curve");
        var rows = new ArrayList<LearningCurve.Row>();
        double least = Double.POSITIVE_INFINITY;
        for (long iteration = 0; iteration <= ITERATIONS; iteration += 100) {
            double progress = (double) iteration / earlyStop;
            double validationAccuracy = end - 0.002 - (end - 0.11) * Math.exp(-14 * Math.pow(progress, 0.6)) - 0.035 * Math.exp(-2.2 * progress)
                    + 0.0006 * noise.normal(2 * iteration);
            double validationLoss = 0.07 + 2.2 * Math.exp(-14 * Math.pow(progress, 0.6)) + 0.13 * Math.exp(-2.6 * progress) + 0.022 * progress
                    + 0.0012 * noise.normal(2 * iteration + 1);
            double trainingLoss = iteration == 0 ? Double.NaN : 2.2 * Math.exp(-14 * Math.pow(progress, 0.6)) + 0.2 * Math.exp(-1.7 * progress);
            boolean measured = validationLoss < least || iteration == ITERATIONS;
            least = Math.min(least, validationLoss);
            rows.add(new LearningCurve.Row(iteration, trainingLoss, validationLoss, Math.clamp(validationAccuracy, 0, 1),
                    measured ? OptionalDouble.of(Math.clamp(validationAccuracy + 0.002, 0, 1)) : OptionalDouble.empty()));
        }
        return new LearningCurve(rows);
    }

    /** Writes mask, start and end, and gives the density over all weights. */
    private double writeWeights(LevelFolder files, Branch branch, int replicate, int level) {
        var mask = new LinkedHashMap<String, Entry>();
        var shapes = new LinkedHashMap<String, String>();
        var start = new LinkedHashMap<String, Entry>();
        var end = new LinkedHashMap<String, Entry>();
        int left = 0;
        for (var layer : LAYERS.entrySet()) {
            String name = layer.getKey();
            Shape shape = layer.getValue();
            Seed init = Seed.of(seed).in(replicate).in(name);
            boolean prunable = name.endsWith(".weight");
            int[] positions = prunable ? survivors(init, name, shape.size(), level) : IntStream.range(0, shape.size()).toArray();
            Seed step = init.in("step").in(level);
            var before = new float[positions.length];
            var after = new float[positions.length];
            for (int i = 0; i < positions.length; i++) {
                before[i] = prunable ? weight(init, positions[i]) : 0;
                after[i] = before[i] + 0.05f * (1 + level / 5f) * (float) step.normal(positions[i]);
            }
            boolean masked = prunable && level > 0;
            if (masked) {
                mask.put(name, new Entry.Ints(Shape.of(positions.length), positions));
                shapes.put(name, shape.size(0) + "," + shape.size(1));
            }
            left += prunable ? positions.length : 0;
            start.put(name, new Entry.Floats(masked ? Shape.of(positions.length) : shape, before));
            end.put(name, new Entry.Floats(masked ? Shape.of(positions.length) : shape, after));
        }
        if (branch != Branch.RANDOM_REINIT) {
            new Safetensors(mask, shapes).write(files.mask());
        }
        new Safetensors(start, Map.of()).write(files.start());
        new Safetensors(end, Map.of()).write(files.end());
        return left / 24_000.0;
    }

    private static float weight(Seed init, int position) {
        return 0.1f * (float) init.normal(position);
    }

    /** The positions of the largest weights, ascending; the output layer is pruned half as fast. */
    private static int[] survivors(Seed init, String name, int size, int level) {
        double kept = Math.pow(name.startsWith("fc3") ? (1 + KEPT_PER_LEVEL) / 2 : KEPT_PER_LEVEL, level);
        var weights = new float[size];
        IntStream.range(0, size).forEach(i -> weights[i] = weight(init, i));
        List<Integer> bySize = IntStream.range(0, size).boxed()
                .sorted((a, b) -> Float.compare(Math.abs(weights[b]), Math.abs(weights[a]))).toList();
        return bySize.subList(0, (int) Math.round(kept * size)).stream().mapToInt(Integer::intValue).sorted().toArray();
    }
}
