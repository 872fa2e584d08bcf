package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Backend;
import coppice.engine.Shape;
import coppice.engine.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class LossTest {

    @Parameter
    Backend backend;

    @Test
    void crossEntropyIsTheNegativeLogarithmOfTheProbability() {
        Tensor logits = Tensor.of(backend, Shape.of(2, 3), 0, (float) Math.log(3), 100, 0, 0, -100);
        Tensor targets = Tensor.of(backend, Shape.of(2, 3), 1, 1, 0, 0, 0, 1);
        float[] expected = {(float) Math.log(2), (float) -Math.log(0.75), 200};
        assertEquals(Shape.of(1, 3), Loss.CROSS_ENTROPY.perExample(logits, targets).shape());
        assertArrayEquals(expected, Loss.CROSS_ENTROPY.perExample(logits, targets).values(), 2e-5f);
        assertEquals((expected[0] + expected[1] + expected[2]) / 3, Loss.CROSS_ENTROPY.of(logits, targets).item(), 2e-5f);
    }

    @Test
    void squaredErrorSumsOverTheOutputsAndAveragesOverTheBatch() {
        Tensor outputs = Tensor.of(backend, Shape.of(2, 2), 1, 2, 3, -4);
        Tensor targets = Tensor.of(backend, Shape.of(2, 2), 0, 2, 1, 0);
        assertArrayEquals(new float[] {1 + 4, 16}, Loss.SQUARED_ERROR.perExample(outputs, targets).values(), 1e-6f);
        assertEquals(10.5f, Loss.SQUARED_ERROR.of(outputs, targets).item(), 1e-6f);
    }
}
