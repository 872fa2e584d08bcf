package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Backend.Sgd;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One step by hand, with weights 0 … 9, inputs of 1, the loss (y − 40)² and a rate of 0.01; the numbers are those of open_lth's
 * own test of its pruned model. Each weight moves by 0.01 · 2 (y − 40).
 */
@ParameterizedClass
@MethodSource("coppice.engine.Backends#present")
final class PrunedWeightTest {

    private static final Shape ROW = Shape.of(1, 10);

    @Parameter
    Backend backend;

    @Test
    void aDenseStepMovesAllTenWeights() {
        Tensor w = Tensor.of(backend, ROW, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        assertEquals(45, output(w).item());
        step(w);
        assertEquals(44, output(w).item(), 1e-5f);                                           // 45 − 10 · 0.1
        assertArrayEquals(new float[] {-0.1f, 0.9f, 1.9f, 2.9f, 3.9f, 4.9f, 5.9f, 6.9f, 7.9f, 8.9f}, w.values(), 1e-6f);
    }

    @Test
    void aMaskedStepMovesTheFiveThatExist() {
        Mask mask = Mask.where(ROW, position -> position % 2 == 0);
        Tensor w = Tensor.masked(backend, mask, 0, 2, 4, 6, 8);
        assertEquals(20, output(w).item());
        step(w);
        assertEquals(22, output(w).item(), 1e-5f);                                           // 20 + 5 · 0.4
        assertArrayEquals(new float[] {0.4f, 2.4f, 4.4f, 6.4f, 8.4f}, w.values(), 1e-6f);
        assertEquals(5, w.count());
        assertArrayEquals(new float[] {0.4f, 0, 2.4f, 0, 4.4f, 0, 6.4f, 0, 8.4f, 0}, Masking.dense(w).values(), 1e-6f);
    }

    private Tensor output(Tensor w) {
        return Product.matmul(w, Tensor.of(backend, Shape.of(10, 1), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    }

    private void step(Tensor w) {
        try (Tape tape = new Tape()) {
            Tensor watched = tape.watch(w);
            Tensor loss = Elementwise.square(Elementwise.affine(output(watched), 1, -40));
            Tensor gradient = tape.gradients(loss, List.of(watched)).getFirst();
            assertEquals(w.form(), gradient.form());
            Tensor rate = Tensor.of(backend, Shape.SCALAR, 0.01f);
            backend.sgd(new Sgd(rate.buffer(), 0, false, 0), w.count(), w.buffer(), gradient.buffer(), null);
        }
    }
}
