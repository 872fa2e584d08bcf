package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.engine.Window;
import coppice.nn.data.Augmentation;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.StrokesRgb;
import coppice.nn.data.View;
import java.util.Arrays;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;

final class ResidualTest {

    private final Backend backend = new Reference();

    @Test
    void theZeroPaddedShortcutTakesEverySecondPixelAndAddsEmptyChannels() {
        try (Tape tape = new Tape()) {
            Tensor x = tape.input(backend, Shape.of(1, 3, 3, 1), new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9});
            Tensor y = new ZeroPadded(1, 2, 2).forward(null, x);
            assertEquals(Shape.of(2, 2, 2, 1), y.shape());
            assertArrayEquals(new float[] {1, 3, 7, 9, 0, 0, 0, 0}, y.values());
        }
    }

    @Test
    void bodyAndShortcutMustEndAlike() {
        var residual = new Residual(Conv2d.of3x3("conv", 2, 4, 1), Residual.identity());
        assertEquals("residual: body and shortcut must end in one shape, got [4, 5, 5] and [2, 5, 5]",
                assertThrows(ShapeException.class, () -> residual.output(Shape.of(2, 5, 5))).getMessage());
    }

    @Test
    void dropoutDependsOnTheSeedOfTheStepAndTheLayer() {
        float[] first = dropped("drop", Seed.of(1));
        assertArrayEquals(first, dropped("drop", Seed.of(1)));
        assertNotEquals(Arrays.toString(first), Arrays.toString(dropped("drop", Seed.of(2))));
        assertNotEquals(Arrays.toString(first), Arrays.toString(dropped("other", Seed.of(1))));
        for (float value : first) {
            assertTrue(value == 0 || value == 4, "either dropped or 1 / (1 − 0.75) times itself, got " + value);
        }
    }

    private float[] dropped(String name, Seed draws) {
        try (Tape tape = new Tape()) {
            float[] ones = new float[64];
            Arrays.fill(ones, 1);
            Weights none = Weights.of(backend, new Snapshot(new LinkedHashMap<>()));
            return new Dropout(name, 0.75).forward(Pass.training(tape, none, draws), tape.input(backend, Shape.of(1, 8, 8, 1), ones)).values();
        }
    }

    /** A small network of every layer there is learns, with augmented images, and the same again gives the same bits. */
    @Test
    void aNetworkOfEveryLayerLearns() {
        Layer block = new Residual(
                Sequential.of(Conv2d.of3x3("conv1", 4, 8, 2), new BatchNorm2d("norm1", 8), new Relu()), new ZeroPadded(4, 8, 2));
        var model = new Model("all", Shape.of(3, 32, 32), Sequential.of(
                Conv2d.of1x1("stem", 3, 4, 4).withBias(), block,
                Branches.of(new MaxPool(Window.square(2, 2, 0)), new AveragePool(Window.square(2, 2, 0))),
                new Dropout("drop", 0.1), new GlobalAveragePool(), new Linear("fc", 16, 10)));
        double[] losses = losses(model);
        assertTrue(losses[29] + losses[28] + losses[27] < losses[0] + losses[1] + losses[2], "the loss must fall, got " + Arrays.toString(losses));
        assertArrayEquals(losses, losses(model));
    }

    private double[] losses(Model model) {
        Dataset data = StrokesRgb.generate(Seed.of(3), 40);
        View all = View.all(data);
        var recipe = new Recipe(model, Loss.CROSS_ENTROPY, new Optimiser.Sgd(0.9, false, 1e-4),
                new Schedule(0.02, new Span(0, 0), new Schedule.Shape.Constant()));
        Snapshot start = Snapshot.initial(model, Initialiser.KAIMING_NORMAL, Seed.of(4));
        double[] losses = new double[30];
        try (var trainer = new Trainer(backend, recipe, new Order(Seed.of(5), all, 20), new Batches(data, Normalisation.of(all)),
                Augmentation.cropAndFlip(4), Seed.of(6), Trainer.State.start(recipe.optimiser(), 0, start))) {
            for (int step = 0; step < losses.length; step++) {
                losses[step] = trainer.step();
            }
        }
        return losses;
    }
}
