package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import coppice.engine.Backend;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchNorm2dTest {

    /** One channel of four values, 1 3 5 7: mean 4, biased variance 5, unbiased 20 / 3. */
    private static final Model ONE = new Model("one", Shape.of(1, 1, 2), Sequential.of(new BatchNorm2d("norm", 1), new Flatten()));
    private static final float[] X = {1, 3, 5, 7};

    private final Backend backend = new Reference();
    private final Weights weights = Weights.of(backend, Snapshot.initial(ONE, Initialiser.KAIMING_NORMAL, Seed.of(1)));

    @Test
    void statisticsAreWeightsButNotParameters() {
        assertEquals(List.of("norm.scale", "norm.shift", "norm.mean", "norm.variance"), weights.names());
        assertEquals(2, ONE.parameterCount());
        assertEquals(List.of(), ONE.prunable());
        assertFalse(ONE.parameters().get(2).isTrained());
    }

    @Test
    void trainingNormalisesByTheBatchAndMovesTheRunningStatisticsATenth() {
        try (Tape tape = new Tape()) {
            Pass pass = Pass.training(tape, weights);
            Tensor y = ONE.body().forward(pass, tape.input(backend, Shape.of(1, 1, 2, 2), X));
            float r = (float) (1 / Math.sqrt(5 + 1e-5));
            assertArrayEquals(new float[] {-3 * r, -r, r, 3 * r}, y.values(), 1e-6f);
            weights.updateRunningStatistics(pass.observations());
        }
        assertArrayEquals(new float[] {0.4f}, weights.get("norm.mean").values(), 1e-6f);
        assertArrayEquals(new float[] {0.9f + 0.1f * 20 / 3}, weights.get("norm.variance").values(), 1e-6f);
    }

    @Test
    void inferenceNormalisesByTheRunningStatistics() {
        weights.get("norm.mean").write(2);
        weights.get("norm.variance").write(4);
        weights.get("norm.scale").write(3);
        weights.get("norm.shift").write(1);
        try (Tape tape = new Tape()) {
            Pass pass = Pass.inference(weights);
            Tensor y = ONE.body().forward(pass, tape.input(backend, Shape.of(1, 1, 2, 2), X));
            assertArrayEquals(new float[] {-0.5f, 2.5f, 5.5f, 8.5f}, y.values(), 1e-4f);
            assertEquals(List.of(), pass.observations());
        }
    }
}
