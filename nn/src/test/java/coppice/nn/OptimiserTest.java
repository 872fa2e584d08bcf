package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Shape;
import coppice.engine.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps worked out by hand. */
@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class OptimiserTest {

    private static final float TOLERANCE = 1e-6f;

    @Parameter
    Backend backend;

    @Test
    void sgdIsThePlainRule() {
        var sgd = new Optimiser.Sgd(0, false, 0);
        assertEquals(List.of(), sgd.moments());
        Tensor w = weight(1, -2);
        sgd.step(0.1f, 1, w, weight(0.5f, -1), List.of());
        assertArrayEquals(new float[] {0.95f, -1.9f}, w.values(), TOLERANCE);
    }

    @Test
    void momentumAddsUpVelocity() {
        var sgd = new Optimiser.Sgd(0.9, false, 0);
        Tensor w = weight(1, -2);
        Tensor v = weight(0, 0);
        sgd.step(0.1f, 1, w, weight(0.5f, -1), List.of(v));
        assertArrayEquals(new float[] {0.95f, -1.9f}, w.values(), TOLERANCE);      // v = g
        sgd.step(0.1f, 2, w, weight(1, 0), List.of(v));
        assertArrayEquals(new float[] {1.45f, -0.9f}, v.values(), TOLERANCE);      // 0.9 · 0.5 + 1, 0.9 · −1 + 0
        assertArrayEquals(new float[] {0.805f, -1.81f}, w.values(), TOLERANCE);
    }

    @Test
    void nesterovLooksAhead() {
        var sgd = new Optimiser.Sgd(0.9, true, 0);
        Tensor w = weight(1, -2);
        Tensor v = weight(0, 0);
        sgd.step(0.1f, 1, w, weight(0.5f, -1), List.of(v));
        assertArrayEquals(new float[] {0.905f, -1.81f}, w.values(), TOLERANCE);    // g + 0.9 · v = 1.9 · g
        sgd.step(0.1f, 2, w, weight(1, 0), List.of(v));
        assertArrayEquals(new float[] {0.905f - 0.1f * (1 + 0.9f * 1.45f), -1.81f + 0.081f}, w.values(), TOLERANCE);
    }

    @Test
    void decayPullsTowardsZeroThroughTheVelocity() {
        var sgd = new Optimiser.Sgd(0.5, false, 0.01);
        Tensor w = weight(1, -2);
        Tensor v = weight(0, 0);
        sgd.step(0.1f, 1, w, weight(0, 0), List.of(v));
        assertArrayEquals(new float[] {0.01f, -0.02f}, v.values(), TOLERANCE);
        assertArrayEquals(new float[] {0.999f, -1.998f}, w.values(), TOLERANCE);
    }

    @Test
    void adamCorrectsItsBias() {
        var adam = new Optimiser.Adam(0.9, 0.999, 1e-8, 0);
        assertEquals(List.of("mean", "square"), adam.moments());
        Tensor w = weight(1, -2);
        Tensor mean = weight(0, 0);
        Tensor square = weight(0, 0);
        adam.step(0.1f, 1, w, weight(0.5f, -3), List.of(mean, square));
        assertArrayEquals(new float[] {0.9f, -1.9f}, w.values(), TOLERANCE);       // the first step is the rate, whatever the gradient
        assertArrayEquals(new float[] {0.05f, -0.3f}, mean.values(), TOLERANCE);
        assertArrayEquals(new float[] {0.00025f, 0.009f}, square.values(), TOLERANCE);
        adam.step(0.1f, 2, w, weight(1, -3), List.of(mean, square));
        // mean 0.145 / 0.19, square 0.00124975 / 0.001999; the second has had the same gradient twice
        assertArrayEquals(new float[] {(float) (0.9 - 0.1 * (0.145 / 0.19) / Math.sqrt(0.00124975 / 0.001999)), -1.8f}, w.values(), TOLERANCE);
    }

    @Test
    void adamAddsDecayToTheGradient() {
        var adam = new Optimiser.Adam(0.9, 0.999, 1e-8, 0.01);
        Tensor w = weight(1, -2);
        Tensor mean = weight(0, 0);
        Tensor square = weight(0, 0);
        adam.step(0.1f, 1, w, weight(0, 0), List.of(mean, square));
        assertArrayEquals(new float[] {0.001f, -0.002f}, mean.values(), TOLERANCE);
        assertArrayEquals(new float[] {0.9f, -1.9f}, w.values(), 1e-5f);
    }

    @Test
    void aPrunedWeightHasNoMoments() {
        Mask mask = Mask.of(Shape.of(2, 3), 1, 5);
        var state = Trainer.State.start(new Optimiser.Adam(0.9, 0.999, 1e-8, 0), 0,
                SnapshotTest.snapshot("w", new Snapshot.Value(Form.masked(mask), new float[] {4, 5})));
        assertEquals(List.of("w/mean", "w/square"), List.copyOf(state.moments().values().keySet()));
        assertEquals(2, state.moments().count("w/mean"));
        assertEquals(Form.masked(mask), state.moments().get("w/square").form());
    }

    @Test
    void refusesSettingsOutOfRange() {
        refused("momentum: must be at least 0 and below 1, got 1.0", () -> new Optimiser.Sgd(1, false, 0));
        refused("momentum: must be at least 0 and below 1, got -0.1", () -> new Optimiser.Sgd(-0.1, false, 0));
        refused("nesterov: needs a momentum above 0", () -> new Optimiser.Sgd(0, true, 0));
        refused("weight-decay: must be at least 0 and finite, got -1.0", () -> new Optimiser.Sgd(0, false, -1));
        refused("beta1: must be at least 0 and below 1, got NaN", () -> new Optimiser.Adam(Double.NaN, 0.9, 1e-8, 0));
        refused("beta2: must be at least 0 and below 1, got 1.0", () -> new Optimiser.Adam(0.9, 1, 1e-8, 0));
        refused("beta2: must be below 1 in single precision, too, got 0.99999999", () -> new Optimiser.Adam(0.9, 0.99999999, 1e-8, 0));
        refused("epsilon: must be above 0 in single precision, too, got 1.0E-46", () -> new Optimiser.Adam(0.9, 0.9, 1e-46, 0));
        refused("epsilon: must be above 0 and finite, got 0.0", () -> new Optimiser.Adam(0.9, 0.9, 0, 0));
        refused("epsilon: must be above 0 and finite, got Infinity", () -> new Optimiser.Adam(0.9, 0.9, Double.POSITIVE_INFINITY, 0));
    }

    private static void refused(String message, Runnable optimiser) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, optimiser::run).getMessage());
    }

    private Tensor weight(float... values) {
        return Tensor.of(backend, Shape.of(values.length), values);
    }
}
