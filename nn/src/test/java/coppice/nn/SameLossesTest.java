package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.Mask;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.Strokes;
import coppice.nn.data.StrokesRgb;
import coppice.nn.data.View;
import coppice.nn.models.Models;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole networks train on every backend as on the reference, dense and sparse: the losses of a few steps. */
@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class SameLossesTest {

    private static final Seed SEED = Seed.of(31);
    private static final int STEPS = 3;
    private static final int EXAMPLES = 32;

    @Parameter
    Backend backend;

    @ParameterizedTest
    @CsvSource({"lenet-300-100, 28, 16, 1.0", "lenet-300-100, 28, 15, 0.1", "conv-2, 8, 6, 0.3", "resnet-8, 12, 4, 1.0", "resnet-8, 12, 5, 0.1"})
    void losesAsTheReferenceDoes(String name, int side, int batch, double density) {
        Dataset data = name.startsWith("lenet") ? Strokes.generate(SEED, EXAMPLES) : corners(StrokesRgb.generate(SEED, EXAMPLES), side);
        Model model = Models.of(name, data.example(), data.classes());
        double[] expected;
        try (Backend reference = new Reference()) {
            expected = losses(reference, model, data, batch, density);
        }
        assertArrayEquals(expected, losses(backend, model, data, batch, density), 1e-4);
        assertTrue(expected[STEPS - 1] < expected[0], () -> "it learns nothing: " + expected[0] + " to " + expected[STEPS - 1]);
    }

    private static double[] losses(Backend backend, Model model, Dataset data, int batch, double density) {
        var recipe = new Recipe(model, Loss.CROSS_ENTROPY, new Optimiser.Sgd(0.9, false, 1e-4),
                new Schedule(0.02, new Span(0, 0), new Schedule.Shape.Constant()));
        Snapshot weights = initial(model, SEED, density);
        var few = new View(data, IntStream.range(0, batch).toArray());
        double[] losses = new double[STEPS];
        try (var trainer = new Trainer(backend, recipe, new Order(SEED.in("order"), few, batch), new Batches(data, Normalisation.of(few)),
                Trainer.State.start(recipe.optimiser(), 0, weights))) {
            for (int step = 0; step < STEPS; step++) {
                losses[step] = trainer.step();
            }
        }
        return losses;
    }

    /** Initial weights, under random masks unless the density is 1. */
    static Snapshot initial(Model model, Seed seed, double density) {
        Map<String, Mask> masks = new LinkedHashMap<>();
        for (coppice.nn.Parameter weight : model.prunable()) {
            if (density < 1) {
                masks.put(weight.name(), Mask.where(weight.shape(), position -> seed.in(weight.name()).uniform(position) < density));
            }
        }
        return Snapshot.initial(model, Initialiser.KAIMING_NORMAL, seed.in("init")).restrict(masks);
    }

    /** The same images, cut to a corner: the reference takes its time. */
    static Dataset corners(Dataset data, int side) {
        Shape whole = data.example();
        Shape example = Shape.of(whole.size(0), side, side);
        byte[] pixels = new byte[data.size() * example.size()];
        for (int i = 0; i < pixels.length; i++) {
            int row = i / side;
            int plane = row / side;
            pixels[i] = data.pixels()[(plane * whole.size(1) + row % side + 8) * whole.size(2) + i % side + 8];
        }
        byte[] labels = new byte[data.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = (byte) data.label(i);
        }
        return new Dataset("corners", example, data.classes(), pixels, labels);
    }
}
