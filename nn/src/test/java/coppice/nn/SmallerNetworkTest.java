package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A network of three layers in the form of LeNet-300-100 whose masks leave some pixels and some hidden units is trained as the
 * smaller network of those pixels and units is: the same losses, weights, moments, momentum and decay included.
 */
@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class SmallerNetworkTest {

    private static final Seed SEED = Seed.of(31);
    private static final int SIDE = 6;
    private static final int FIRST = 17;
    private static final int SECOND = 11;
    private static final int CLASSES = 4;
    private static final int BATCH = 20;
    private static final int STEPS = 60;
    private static final List<Integer> PIXELS = List.of(0, 1, 5, 7, 8, 13, 14, 15, 21, 22, 28, 30, 35);
    private static final List<Integer> FIRST_UNITS = List.of(0, 2, 3, 7, 8, 11, 16);
    private static final List<Integer> SECOND_UNITS = List.of(1, 4, 5, 9, 10);

    /** Rounding of sums of up to 36 terms of size 1, 60 times over; a term too many would show in the second digit. */
    private static final float TOLERANCE = 2e-5f;

    private static final Map<String, Mask> MASKS = Map.of(
            "fc1.weight", block(FIRST, SIDE * SIDE, FIRST_UNITS, PIXELS),
            "fc2.weight", block(SECOND, FIRST, SECOND_UNITS, FIRST_UNITS),
            "fc3.weight", block(CLASSES, SECOND, List.of(0, 1, 2, 3), SECOND_UNITS));

    @Parameter
    Backend backend;

    @Test
    void sgdTrainsBothAlike() {
        assertTrainedAlike(new Optimiser.Sgd(0.9, false, 5e-3), 0.05);
    }

    @Test
    void nesterovTrainsBothAlike() {
        assertTrainedAlike(new Optimiser.Sgd(0.9, true, 5e-3), 0.05);
    }

    @Test
    void adamTrainsBothAlike() {
        // An epsilon above the rounding of the gradients, which would otherwise be divided by their own size.
        assertTrainedAlike(new Optimiser.Adam(0.9, 0.999, 1e-3, 5e-3), 0.01);
    }

    private void assertTrainedAlike(Optimiser optimiser, double rate) {
        Examples examples = Examples.drawn(SEED.in("data"), SIDE, SIDE, CLASSES, 200);
        Model model = model(SIDE * SIDE, FIRST, SECOND, Shape.of(1, SIDE, SIDE));
        Model smaller = model(PIXELS.size(), FIRST_UNITS.size(), SECOND_UNITS.size(), Shape.of(1, 1, PIXELS.size()));
        Snapshot start = Snapshot.initial(model, Initialiser.GLOROT_NORMAL, SEED.in("init")).restrict(MASKS);
        try (Trainer masked = trainer(model, examples, optimiser, rate, start);
                Trainer small = trainer(smaller, examples.pixels(PIXELS), optimiser, rate, smaller(smaller, start))) {
            double first = Double.NaN;
            double last = Double.NaN;
            for (int step = 0; step < STEPS; step++) {
                last = masked.step();
                first = step == 0 ? last : first;
                assertEquals(small.step(), last, TOLERANCE, "loss at step " + step);
            }
            assertTrue(last < 0.5 * first, "from " + first + " to " + last + " nothing was learned, so nothing was shown");
            assertSurvivorsEqual(small.state().weights(), masked.state().weights());
            assertSurvivorsEqual(small.state().moments(), masked.state().moments());
            assertBuffersOfSurvivors(small, masked);
        }
    }

    private Trainer trainer(Model model, Examples examples, Optimiser optimiser, double rate, Snapshot start) {
        var recipe = new Recipe(model, Loss.CROSS_ENTROPY, optimiser, new Schedule(rate, new Span(0, 0), new Schedule.Shape.Constant()));
        return new Trainer(backend, recipe, examples.order(SEED.in("order"), BATCH), examples.batches(),
                Trainer.State.start(optimiser, 0, start));
    }

    private static Model model(int inputs, int first, int second, Shape example) {
        return new Model("lenet", example, Sequential.of(new Flatten(),
                new Linear("fc1", inputs, first), new Relu(), new Linear("fc2", first, second), new Relu(), new Linear("fc3", second, CLASSES)));
    }

    /** The mask of the weights from some columns to some rows. */
    private static Mask block(int rows, int columns, List<Integer> keptRows, List<Integer> keptColumns) {
        return Mask.where(Shape.of(rows, columns),
                position -> keptRows.contains(position / columns) && keptColumns.contains(position % columns));
    }

    /** The survivors as dense weights: both are stored in the same order. Biases of units that are gone go, too. */
    private static Snapshot smaller(Model smaller, Snapshot start) {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        smaller.parameters().forEach(parameter ->
                values.put(parameter.name(), new Snapshot.Value(Form.dense(parameter.shape()), survivors(parameter.name(), start))));
        return new Snapshot(values);
    }

    private static float[] survivors(String name, Snapshot masked) {
        float[] values = masked.get(name).values();
        if (name.startsWith("fc1.bias")) {
            return picked(values, FIRST_UNITS);
        }
        return name.startsWith("fc2.bias") ? picked(values, SECOND_UNITS) : values;
    }

    private static float[] picked(float[] values, List<Integer> kept) {
        float[] picked = new float[kept.size()];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = values[kept.get(i)];
        }
        return picked;
    }

    private static void assertSurvivorsEqual(Snapshot small, Snapshot masked) {
        assertEquals(small.values().keySet(), masked.values().keySet());
        small.values().forEach((name, value) -> assertArrayEquals(value.values(), survivors(name, masked), TOLERANCE, name));
    }

    /** What a pruned weight takes: nothing, neither for its value nor for its moments. */
    private static void assertBuffersOfSurvivors(Trainer small, Trainer masked) {
        MASKS.forEach((name, mask) -> {
            assertEquals(mask.count(), masked.weights().get(name).buffer().length(), name);
            assertEquals(small.weights().get(name).buffer().length(), masked.weights().get(name).buffer().length(), name);
        });
        masked.state().moments().values().forEach((name, value) -> {
            Mask mask = MASKS.get(name.substring(0, name.indexOf('/')));
            assertEquals(mask == null ? value.form().shape().size() : mask.count(), value.values().length, name);
        });
    }
}
