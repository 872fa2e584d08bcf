package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend.Adam;
import coppice.engine.Backend.Sgd;
import coppice.engine.Elementwise.Unary;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A network whose masks keep some inputs and some hidden units is the smaller network of those inputs and units: the same loss
 * and gradients, and the same training, momentum and decay included.
 */
@ParameterizedClass
@MethodSource("coppice.engine.Backends#present")
final class SmallerNetworkTest {

    private static final Seed SEED = Seed.of(6);
    private static final int IN = 11;
    private static final int HIDDEN = 13;
    private static final int CLASSES = 4;
    private static final int N = 37;
    private static final List<Integer> INPUTS = List.of(0, 3, 4, 7, 10);
    private static final List<Integer> UNITS = List.of(1, 2, 5, 8, 9, 12);

    /** Rounding of sums of up to 37 terms of size 1, 20 times over; a term too many would show in the second digit. */
    private static final float TOLERANCE = 1e-5f;

    @Parameter
    Backend backend;

    /** One update of a weight in place. @param state two tensors of the weight's form, zero at first */
    private interface Update {
        void apply(int iteration, Tensor w, Tensor gradient, Tensor[] state);
    }

    @Test
    void lossAndGradientsAreEqual() {
        Mlp masked = masked();
        Mlp smaller = smaller(masked);
        try (Tape tape = new Tape()) {
            Mlp large = masked.on(tape);
            Mlp small = smaller.on(tape);
            Tensor largeLoss = large.loss(Unary.RELU, inputs(), labels());
            Tensor smallLoss = small.loss(Unary.RELU, rows(inputs(), INPUTS), labels());
            assertEquals(smallLoss.item(), largeLoss.item(), TOLERANCE);
            List<Tensor> expected = tape.gradients(smallLoss, small.parameters());
            List<Tensor> actual = tape.gradients(largeLoss, large.parameters());
            assertArrayEquals(expected.get(0).values(), actual.get(0).values(), TOLERANCE);
            assertArrayEquals(expected.get(1).values(), rows(actual.get(1), UNITS).values(), TOLERANCE);
            assertArrayEquals(expected.get(2).values(), actual.get(2).values(), TOLERANCE);
            assertArrayEquals(expected.get(3).values(), actual.get(3).values(), TOLERANCE);
        }
    }

    @Test
    void sgdTrainsBothAlike() {
        assertTrainedAlike((iteration, w, gradient, state) ->
                backend.sgd(new Sgd(buffer(0.1f), 0.9f, false, 0.01f), w.count(), w.buffer(), gradient.buffer(), state[0].buffer()));
    }

    @Test
    void nesterovTrainsBothAlike() {
        assertTrainedAlike((iteration, w, gradient, state) ->
                backend.sgd(new Sgd(buffer(0.1f), 0.9f, true, 0.01f), w.count(), w.buffer(), gradient.buffer(), state[0].buffer()));
    }

    @Test
    void adamTrainsBothAlike() {
        assertTrainedAlike((iteration, w, gradient, state) -> {
            float[] scales = new float[2];
            Adam.scales(0.01f, 0.9f, 0.999f, iteration, scales);
            backend.adam(new Adam(buffer(scales), 0.9f, 0.999f, 1e-8f, 0.01f), w.count(), w.buffer(), gradient.buffer(), state[0].buffer(), state[1].buffer());
        });
    }

    private Buffer buffer(float... values) {
        Buffer buffer = backend.allocate(values.length);
        backend.write(buffer, values, values.length);
        return buffer;
    }

    private void assertTrainedAlike(Update update) {
        Mlp masked = masked();
        Mlp smaller = smaller(masked);
        float[] start = masked.w1().values();
        float[] actual = train(masked, inputs(), update);
        float[] expected = train(smaller, rows(inputs(), INPUTS), update);
        assertArrayEquals(expected, actual, TOLERANCE, "losses");
        assertTrue(expected[expected.length - 1] < 0.9 * expected[0], "nothing was learned, so nothing was shown");
        assertArrayEquals(smaller.w1().values(), masked.w1().values(), TOLERANCE);
        assertArrayEquals(smaller.b1().values(), rows(masked.b1(), UNITS).values(), TOLERANCE);
        assertArrayEquals(smaller.w2().values(), masked.w2().values(), TOLERANCE);
        assertArrayEquals(smaller.b2().values(), masked.b2().values(), TOLERANCE);
        assertEquals(start.length, masked.w1().values().length);
    }

    /** Twenty steps. @return the loss before each */
    private float[] train(Mlp network, Tensor x, Update update) {
        List<Tensor[]> state = new ArrayList<>();
        for (Tensor w : network.parameters()) {
            state.add(new Tensor[] {Tensor.zeros(backend, w.form()), Tensor.zeros(backend, w.form())});
        }
        float[] losses = new float[20];
        for (int step = 0; step < losses.length; step++) {
            try (Tape tape = new Tape()) {
                Mlp watched = network.on(tape);
                Tensor loss = watched.loss(Unary.RELU, x, labels());
                losses[step] = loss.item();
                List<Tensor> gradients = tape.gradients(loss, watched.parameters());
                for (int p = 0; p < gradients.size(); p++) {
                    update.apply(step + 1, network.parameters().get(p), gradients.get(p), state.get(p));
                }
            }
        }
        return losses;
    }

    /** w1 [13, 11] keeps 6 rows and 5 columns, w2 [4, 13] keeps 6 columns. */
    private Mlp masked() {
        Mask m1 = Mask.where(Shape.of(HIDDEN, IN), position -> UNITS.contains(position / IN) && INPUTS.contains(position % IN));
        Mask m2 = Mask.where(Shape.of(CLASSES, HIDDEN), position -> UNITS.contains(position % HIDDEN));
        return Mlp.drawn(backend, SEED, Form.masked(m1), Form.masked(m2));
    }

    /** The survivors as dense matrices [6, 5] and [4, 6]: both are stored in the same order. */
    private Mlp smaller(Mlp masked) {
        return new Mlp(
                Tensor.of(backend, Shape.of(UNITS.size(), INPUTS.size()), masked.w1().values()),
                rows(masked.b1(), UNITS),
                Tensor.of(backend, Shape.of(CLASSES, UNITS.size()), masked.w2().values()),
                Tensor.of(backend, Shape.of(CLASSES, 1), masked.b2().values()));
    }

    private Tensor inputs() {
        return Mlp.drawn(backend, SEED.in("x"), Form.dense(Shape.of(IN, N)));
    }

    private Tensor labels() {
        return Mlp.labels(backend, SEED.in("labels"), CLASSES, N);
    }

    private static Tensor rows(Tensor x, List<Integer> rows) {
        return Layout.concat(0, rows.stream().map(row -> Layout.slice(x, 0, row, row + 1)).toArray(Tensor[]::new));
    }
}
