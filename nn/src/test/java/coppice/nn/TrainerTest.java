package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Tensor;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.View;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class TrainerTest {

    private static final Schedule CONSTANT = new Schedule(0.01, new Span(0, 0), new Schedule.Shape.Constant());

    @Parameter
    Backend backend;

    /** w · x without a bias. */
    private record Dot(int in) implements Layer {

        @Override
        public Shape output(Shape input) {
            return Shape.of(1);
        }

        @Override
        public List<coppice.nn.Parameter> parameters() {
            return List.of(new coppice.nn.Parameter("w", Shape.of(1, in), coppice.nn.Parameter.Role.WEIGHT));
        }

        @Override
        public Tensor forward(Pass pass, Tensor x) {
            return Product.matmul(pass.weight("w"), x);
        }

        @Override
        public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
            return survivors.applyAsLong("w");
        }
    }

    /** w = 0 … 9, x = 1, target 40, rate 0.01: an output of 45 goes to 44, and of 20 under 1010101010 to 22, by hand. */
    @Test
    void aPrunedWeightTakesNoStep() {
        assertEquals(List.of(45f, 44f), outputs(Mask.full(Shape.of(1, 10))));
        assertEquals(List.of(20f, 22f), outputs(Mask.where(Shape.of(1, 10), position -> position % 2 == 0)));
    }

    /** The output before and after one step towards 40: the label's target is 1, so inputs and weights are scaled by 1/40. */
    private List<Float> outputs(Mask mask) {
        var model = new Model("dot", Shape.of(1, 1, 10), Sequential.of(new Flatten(), new Dot(10)));
        byte[] ones = new byte[10];
        Arrays.fill(ones, (byte) 255);
        var data = new Dataset("ones", Shape.of(1, 1, 10), 1, ones, new byte[1]);
        var batches = new Batches(data, new Normalisation(new float[] {0}, new float[] {1}));
        float[] values = new float[mask.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = mask.position(i) / 40f;
        }
        var recipe = new Recipe(model, Loss.SQUARED_ERROR, new Optimiser.Sgd(0, false, 0), CONSTANT);
        Snapshot start = SnapshotTest.snapshot("w", new Snapshot.Value(Form.masked(mask), values));
        try (var trainer = new Trainer(backend, recipe, new Order(Seed.of(1), View.all(data), 1), batches,
                Trainer.State.start(recipe.optimiser(), 0, start))) {
            trainer.step();
            float[] after = trainer.weights().get("w").values();
            assertEquals(mask.count(), after.length);
            return List.of(sum(values), sum(after));
        }
    }

    private static float sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return Math.round(sum * 40 * 1e4) / 1e4f;
    }

    @Test
    void goesOnFromItsStateBitForBit() {
        Examples examples = Examples.drawn(Seed.of(2), 4, 4, 3, 50);
        for (Optimiser optimiser : List.of(new Optimiser.Sgd(0.9, true, 1e-3), new Optimiser.Adam(0.9, 0.999, 1e-8, 1e-3))) {
            var recipe = recipe(optimiser);
            Trainer.State start = start(recipe);
            Trainer.State whole = train(recipe, examples, start, 23);
            Trainer.State half = train(recipe, examples, start, 9);
            assertEquals(9, half.iteration());
            assertEquals(9, half.updates());
            assertSameBits(whole, train(recipe, examples, half, 14));
        }
    }

    @Test
    void aStepTakesTheRateOfItsIteration() {
        Examples examples = Examples.drawn(Seed.of(3), 4, 4, 3, 50);
        var warm = new Recipe(model(), Loss.CROSS_ENTROPY, new Optimiser.Sgd(0, false, 0),
                new Schedule(0.1, new Span(0, 5), new Schedule.Shape.Constant()));
        Trainer.State start = start(warm);
        assertSameBits(start.weights(), train(warm, examples, start, 1).weights());
        assertTrue(Math.abs(distance(start, train(warm, examples, start, 2))) > 0);
    }

    @Test
    void updatesCountFromTheRestartOfTheMoments() {
        Examples examples = Examples.drawn(Seed.of(4), 4, 4, 3, 50);
        var recipe = recipe(new Optimiser.Adam(0.9, 0.999, 1e-8, 0));
        Trainer.State later = Trainer.State.start(recipe.optimiser(), 7, start(recipe).weights());
        Trainer.State after = train(recipe, examples, later, 2);
        assertEquals(9, after.iteration());
        assertEquals(2, after.updates());
    }

    /** A layer that lost all its weights still passes its biases on, and the rest is trained. */
    @Test
    void trainsAroundAnEmptyLayer() {
        Examples examples = Examples.drawn(Seed.of(5), 4, 4, 3, 50);
        var recipe = recipe(new Optimiser.Sgd(0.9, false, 1e-3));
        Snapshot start = start(recipe).weights().restrict(Map.of("fc1.weight", Mask.of(Shape.of(5, 16))));
        Trainer.State end = train(recipe, examples, Trainer.State.start(recipe.optimiser(), 0, start), 10);
        assertEquals(0, end.weights().count("fc1.weight"));
        assertTrue(Float.isFinite(end.weights().get("fc2.bias").values()[0]) && end.weights().get("fc2.bias").values()[0] != 0);
    }

    private static Model model() {
        return new Model("two", Shape.of(1, 4, 4), Sequential.of(new Flatten(), new Linear("fc1", 16, 5), new Relu(), new Linear("fc2", 5, 3)));
    }

    private static Recipe recipe(Optimiser optimiser) {
        return new Recipe(model(), Loss.CROSS_ENTROPY, optimiser, CONSTANT);
    }

    private static Trainer.State start(Recipe recipe) {
        return Trainer.State.start(recipe.optimiser(), 0, Snapshot.initial(recipe.model(), Initialiser.GLOROT_NORMAL, Seed.of(6)));
    }

    private Trainer.State train(Recipe recipe, Examples examples, Trainer.State from, int steps) {
        try (var trainer = new Trainer(backend, recipe, examples.order(Seed.of(8), 10), examples.batches(), from)) {
            for (int step = 0; step < steps; step++) {
                trainer.step();
            }
            return trainer.state();
        }
    }

    private static double distance(Trainer.State a, Trainer.State b) {
        double squares = 0;
        for (String name : a.weights().values().keySet()) {
            for (int i = 0; i < a.weights().count(name); i++) {
                squares += Math.pow(a.weights().get(name).values()[i] - b.weights().get(name).values()[i], 2);
            }
        }
        return Math.sqrt(squares);
    }

    private static void assertSameBits(Trainer.State expected, Trainer.State actual) {
        assertEquals(expected.iteration(), actual.iteration());
        assertEquals(expected.updates(), actual.updates());
        assertSameBits(expected.weights(), actual.weights());
        assertSameBits(expected.moments(), actual.moments());
    }

    private static void assertSameBits(Snapshot expected, Snapshot actual) {
        assertEquals(expected.values().keySet(), actual.values().keySet());
        expected.values().forEach((name, value) -> assertArrayEquals(value.values(), actual.get(name).values(), name));
    }
}
