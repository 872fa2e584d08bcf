package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.imp.settings.Spec.Moments;
import coppice.imp.settings.Spec.Pruning;
import coppice.imp.settings.Spec.Scope;
import coppice.nn.Flatten;
import coppice.nn.Initialiser;
import coppice.nn.Linear;
import coppice.nn.Model;
import coppice.nn.Sequential;
import coppice.nn.Snapshot;
import coppice.nn.Span;
import coppice.nn.models.Models;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MagnitudePruningTest {

    private static final Backend BACKEND = new Reference();

    /** Weights a [2, 5] and b [5, 2], ten values each. */
    private static final Model MODEL = new Model("two", Shape.of(1, 1, 5),
            Sequential.of(new Flatten(), new Linear("a", 5, 2), new Linear("b", 2, 5)));
    private static final Model LENET = Models.of("lenet-300-100", Shape.of(1, 28, 28), 10);

    private static MagnitudePruning pruning(Scope scope, double rate, Map<String, Double> layerRates) {
        return new MagnitudePruning(new Pruning(1, scope, rate, new LinkedHashMap<>(layerRates), new Span(0, 0), Moments.RESTART));
    }

    private static Snapshot weights(float[] a, float[] b) {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        values.put("a.weight", new Snapshot.Value(Form.dense(Shape.of(2, 5)), a));
        values.put("a.bias", new Snapshot.Value(Form.dense(Shape.of(2)), new float[2]));
        values.put("b.weight", new Snapshot.Value(Form.dense(Shape.of(5, 2)), b));
        values.put("b.bias", new Snapshot.Value(Form.dense(Shape.of(5)), new float[5]));
        return new Snapshot(values);
    }

    private static final float[] RISING = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

    @Test
    void judgesByMagnitudeWhateverTheSign() {
        float[] mixed = {-9, 8, -7, 6, -5, 4, -3, 2, -1, 0};
        Masks kept = pruning(Scope.LAYERWISE, 0.4, Map.of()).prune(BACKEND, MODEL, weights(mixed, RISING));
        assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, kept.byWeight().get("a.weight").positions());
        assertArrayEquals(new int[] {4, 5, 6, 7, 8, 9}, kept.byWeight().get("b.weight").positions());
    }

    /** Not ceil(p·n) + 1, and no more than that for ties. */
    @Test
    void prunesExactlyTheRoundedShareAndBreaksTiesByPosition() {
        float[] equal = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
        assertArrayEquals(new int[] {3, 4, 5, 6, 7, 8, 9},
                pruning(Scope.LAYERWISE, 0.34, Map.of()).prune(BACKEND, MODEL, weights(equal, RISING)).byWeight().get("a.weight").positions());
        assertArrayEquals(new int[] {4, 5, 6, 7, 8, 9},
                pruning(Scope.LAYERWISE, 0.35, Map.of()).prune(BACKEND, MODEL, weights(equal, RISING)).byWeight().get("a.weight").positions());
        assertEquals(10, pruning(Scope.LAYERWISE, 0.04, Map.of()).prune(BACKEND, MODEL, weights(equal, RISING)).byWeight().get("a.weight").count());
        // Over both layers, the first stands first.
        Masks global = pruning(Scope.GLOBAL, 0.55, Map.of()).prune(BACKEND, MODEL, weights(equal, equal));
        assertEquals(0, global.byWeight().get("a.weight").count());
        assertArrayEquals(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, global.byWeight().get("b.weight").positions());
    }

    @Test
    void layerwiseTakesAShareOfEachLayerAndGlobalOfAll() {
        float[] small = new float[10];
        for (int i = 0; i < small.length; i++) {
            small[i] = RISING[i] / 100;
        }
        Masks layerwise = pruning(Scope.LAYERWISE, 0.2, Map.of()).prune(BACKEND, MODEL, weights(small, RISING));
        assertEquals(List.of(8, 8), counts(layerwise));
        Masks global = pruning(Scope.GLOBAL, 0.2, Map.of()).prune(BACKEND, MODEL, weights(small, RISING));
        // Magnitude 0 of the second layer is below all but the 0 of the first.
        assertEquals(List.of(7, 9), counts(global));
        assertEquals(List.of("a.weight", "b.weight"), List.copyOf(global.byWeight().keySet()));
    }

    @Test
    void aLayersOwnRateHoldsUnderEitherScope() {
        for (Scope scope : Scope.values()) {
            assertEquals(List.of(8, 5), counts(pruning(scope, 0.2, Map.of("b.weight", 0.5)).prune(BACKEND, MODEL, weights(RISING, RISING))));
        }
    }

    @Test
    void aLayerOfRateZeroStaysDense() {
        for (Scope scope : Scope.values()) {
            Masks kept = pruning(scope, 0.5, Map.of("b.weight", 0.0)).prune(BACKEND, MODEL, weights(RISING, new float[10]));
            assertEquals(List.of("a.weight"), List.copyOf(kept.byWeight().keySet()));
            assertEquals(5, kept.byWeight().get("a.weight").count());
        }
    }

    @Test
    void biasesAreNeverPruned() {
        assertFalse(pruning(Scope.GLOBAL, 0.9, Map.of()).prune(BACKEND, MODEL, weights(RISING, RISING)).byWeight().containsKey("a.bias"));
    }

    @ParameterizedTest
    @EnumSource
    void aSecondPruningTakesFromTheSurvivorsOfTheFirst(Scope scope) {
        var pruning = pruning(scope, 0.3, Map.of("fc3.weight", 0.1));
        Snapshot first = Snapshot.initial(LENET, Initialiser.GLOROT_NORMAL, Seed.of(1));
        Masks once = pruning.prune(BACKEND, LENET, first);
        // Between the two, training has changed the weights.
        Snapshot later = once.restrict(Snapshot.initial(LENET, Initialiser.KAIMING_UNIFORM, Seed.of(2)));
        Masks twice = pruning.prune(BACKEND, LENET, later);
        for (String name : once.byWeight().keySet()) {
            assertTrue(twice.byWeight().get(name).isSubsetOf(once.byWeight().get(name)), name);
        }
        if (scope == Scope.LAYERWISE) {
            assertEquals(1 - (1 - 0.7 * 0.7), twice.byWeight().get("fc1.weight").density(), 1e-5);
            assertEquals(0.81, twice.byWeight().get("fc3.weight").density(), 1e-5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void noPrunedWeightIsLargerThanAKeptOne(Scope scope) {
        var pruning = pruning(scope, 0.35, Map.of());
        Snapshot end = Snapshot.initial(LENET, Initialiser.GLOROT_NORMAL, Seed.of(3));
        Masks kept = pruning.prune(BACKEND, LENET, end);
        double largestPruned = 0;
        double smallestKept = Double.POSITIVE_INFINITY;
        for (String name : kept.byWeight().keySet()) {
            Mask mask = kept.byWeight().get(name);
            for (int i = 0; i < end.get(name).values().length; i++) {
                double magnitude = Math.abs(end.get(name).values()[i]);
                if (mask.contains(i)) {
                    smallestKept = Math.min(smallestKept, magnitude);
                } else {
                    largestPruned = Math.max(largestPruned, magnitude);
                }
            }
            if (scope == Scope.LAYERWISE) {
                assertTrue(largestPruned <= smallestKept, name + ": " + largestPruned + " went, " + smallestKept + " stayed");
                largestPruned = 0;
                smallestKept = Double.POSITIVE_INFINITY;
            }
        }
        assertTrue(largestPruned <= smallestKept, largestPruned + " went, " + smallestKept + " stayed");
    }

    /** Rounding to whole weights leaves at most half a weight in each layer at each level. */
    @ParameterizedTest
    @EnumSource
    void theDensityAfterLevelsIsAPower(Scope scope) {
        var pruning = pruning(scope, 0.2, Map.of());
        Snapshot weights = Snapshot.initial(LENET, Initialiser.GLOROT_NORMAL, Seed.of(4));
        for (int level = 1; level <= 8; level++) {
            Masks masks = pruning.prune(BACKEND, LENET, weights);
            assertEquals(Math.pow(0.8, level), masks.density(LENET), 1.5 * level / 266_200);
            assertEquals(pruning.survivors(LENET, level), masks.weightsLeft(LENET));
            weights = masks.restrict(weights);
        }
    }

    @Test
    void knowsBeforehandWhenNothingWillBeLeft() {
        assertEquals(20, pruning(Scope.LAYERWISE, 0.9, Map.of()).survivors(MODEL, 0));
        assertEquals(2, pruning(Scope.LAYERWISE, 0.9, Map.of()).survivors(MODEL, 1));
        assertEquals(0, pruning(Scope.LAYERWISE, 0.9, Map.of()).survivors(MODEL, 2));
        assertEquals(10, pruning(Scope.LAYERWISE, 0.9, Map.of("b.weight", 0.0)).survivors(MODEL, 5));
    }

    private static List<Integer> counts(Masks masks) {
        return masks.byWeight().values().stream().map(Mask::count).toList();
    }
}
