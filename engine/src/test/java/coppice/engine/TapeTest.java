package coppice.engine;

import static coppice.engine.Elementwise.add;
import static coppice.engine.Elementwise.multiply;
import static coppice.engine.Elementwise.relu;
import static coppice.engine.Elementwise.scale;
import static coppice.engine.Elementwise.sign;
import static coppice.engine.Elementwise.square;
import static coppice.engine.Elementwise.tanh;
import static coppice.engine.Layout.reshape;
import static coppice.engine.Product.matmul;
import static coppice.engine.Reduction.sum;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Elementwise.Unary;
import coppice.engine.Product.Face;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is recorded, what is computed, what is given back, and what is refused. */
@ParameterizedClass
@MethodSource("coppice.engine.Backends#present")
final class TapeTest {

    private static final Seed SEED = Seed.of(5);

    @Parameter
    Backend inner;

    private CountingBackend counted;
    private Backend backend;

    @BeforeEach
    void count() {
        counted = new CountingBackend(inner);
        backend = counted.backend();
    }

    @Test
    void gradientsOfAnyOrder() {
        Tensor parameter = vector(2);
        try (Tape tape = new Tape()) {
            Tensor x = tape.watch(parameter);
            Tensor y = multiply(x, square(square(x)));                    // x⁵
            for (float expected : new float[] {80, 160, 240, 240, 120, 0}) {
                y = tape.differentiableGradients(y, List.of(x)).getFirst();
                assertEquals(expected, y.item());
                y = y.isTracked() ? y : scale(x, 0);
            }
        }
    }

    @Test
    void aTensorUsedTwiceGathersBothGradients() {
        Tensor parameter = vector(3, -2);
        try (Tape tape = new Tape()) {
            Tensor x = tape.watch(parameter);
            Tensor loss = sum(add(multiply(x, x), x));
            assertArrayEquals(new float[] {7, -3}, tape.gradients(loss, List.of(x)).getFirst().values());
        }
    }

    @Test
    void gradientsComeInTheOrderAskedFor() {
        Tensor parameter = vector(3);
        try (Tape tape = new Tape()) {
            Tensor x = tape.watch(parameter);
            Tensor unused = tape.watch(parameter);
            Tensor between = square(x);
            Tensor loss = scale(between, 5);
            Tensor later = square(loss);
            List<Tensor> gradients = tape.gradients(loss, List.of(loss, later, unused, between, x, x));
            float[] expected = {1, 0, 0, 5, 30, 30};
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], gradients.get(i).item(), "gradient " + i);
            }
        }
    }

    /** One gradient that is handed on as it is by additions, one that is a view, and ones that are made anew by every operation. */
    @Test
    void onlyTheGradientsAskedForKeepTheirMemory() {
        Tensor parameter = vector(3, -2);
        try (Tape tape = new Tape()) {
            Tensor x = tape.watch(parameter);
            Tensor between = add(x, square(x));
            Tensor y = between;
            for (int i = 0; i < 5; i++) {
                y = add(reshape(add(y, multiply(y, y)), Shape.of(1, 2)), scale(reshape(y, Shape.of(1, 2)), 0.5f));
                y = reshape(y, Shape.of(2));
            }
            Tensor loss = sum(y);
            int before = counted.live();
            List<Tensor> gradients = tape.gradients(loss, List.of(x, between));
            assertEquals(before + 2, counted.live());
            assertArrayEquals(gradients.getFirst().values(), tape.gradients(loss, List.of(x)).getFirst().values());
        }
    }

    @Test
    void aGradientThatIsFlatEverywhereIsZero() {
        Tensor parameter = vector(3, -2);
        try (Tape tape = new Tape()) {
            Tensor x = tape.watch(parameter);
            assertArrayEquals(new float[2], tape.gradients(sum(sign(x)), List.of(x)).getFirst().values());
        }
    }

    @Test
    void aMaskedParameterHasAMaskedGradient() {
        Mask mask = Mask.of(Shape.of(2, 3), 1, 5);
        Tensor parameter = Tensor.masked(backend, mask, 7, 8);
        Tensor input = Tensor.of(backend, Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
        try (Tape tape = new Tape()) {
            Tensor w = tape.watch(parameter);
            Tensor gradient = tape.gradients(sum(matmul(w, input)), List.of(w)).getFirst();
            assertEquals(Form.masked(mask), gradient.form());
            assertArrayEquals(new float[] {7, 11}, gradient.values());
        }
    }

    @Test
    void sameStepSameBits() {
        float[] first = null;
        for (int i = 0; i < 3; i++) {
            Mlp network = Mlp.drawn(backend, SEED, Form.dense(Shape.of(37, 53)), Form.dense(Shape.of(10, 37)));
            try (Tape tape = new Tape()) {
                Mlp watched = network.on(tape);
                Tensor loss = watched.loss(Unary.RELU, Mlp.drawn(backend, SEED.in("x"), Form.dense(Shape.of(53, 61))),
                        Mlp.labels(backend, SEED, 10, 61));
                float[] gradient = tape.gradients(loss, List.of(watched.w1())).getFirst().values();
                assertArrayEquals(first == null ? gradient : first, gradient, 0);
                first = gradient;
            }
        }
    }

    @Test
    void onlyWhatIsAskedForIsComputed() {
        Tensor x = Mlp.drawn(backend, SEED.in("x"), Form.dense(Shape.of(5, 4)));
        Tensor labels = Mlp.labels(backend, SEED, 3, 4);
        Mlp network = Mlp.drawn(backend, SEED, Form.dense(Shape.of(6, 5)), Form.dense(Shape.of(3, 6)));
        try (Tape tape = new Tape()) {
            Mlp watched = network.on(tape);
            Tensor images = tape.watch(x);
            Tensor loss = watched.loss(Unary.RELU, images, labels);
            counted.products().clear();
            tape.gradients(loss, List.of(watched.b2()));
            assertEquals(List.of(), takeProducts());
            tape.gradients(loss, List.of(watched.w2()));
            assertEquals(List.of(Face.WEIGHT), takeProducts());
            tape.gradients(loss, List.of(watched.w1()));
            assertEquals(List.of(Face.INPUT, Face.WEIGHT), takeProducts());
            tape.gradients(loss, watched.parameters());
            assertEquals(List.of(Face.WEIGHT, Face.INPUT, Face.WEIGHT), takeProducts());
            tape.gradients(loss, List.of(images));
            assertEquals(List.of(Face.INPUT, Face.INPUT), takeProducts());
        }
    }

    private List<Face> takeProducts() {
        List<Face> products = List.copyOf(counted.products());
        counted.products().clear();
        return products;
    }

    @Test
    void nothingIsRecordedWithoutWatchedOperands() {
        Mlp network = Mlp.drawn(backend, SEED, Form.dense(Shape.of(6, 5)), Form.dense(Shape.of(3, 6)));
        Tensor x = Mlp.drawn(backend, SEED.in("x"), Form.dense(Shape.of(5, 4)));
        Tensor labels = Mlp.labels(backend, SEED, 3, 4);
        assertNull(network.loss(Unary.RELU, x, labels).tape());
        int before = counted.live();
        try (Tape tape = new Tape()) {
            Tensor loss = network.loss(Unary.RELU, tape.hold(x), labels);
            assertEquals(tape, loss.tape());
            assertEquals("", tape.toString());
            assertTrue(counted.live() > before);
        }
        assertTrue(counted.live() <= before, "held memory goes back with the tape");
    }

    @Test
    void memoryGoesBackAtClose() {
        Mlp network = Mlp.drawn(backend, SEED, Form.masked(Mask.of(Shape.of(6, 5), 3, 4, 17)), Form.dense(Shape.of(3, 6)));
        Tensor x = Mlp.drawn(backend, SEED.in("x"), Form.dense(Shape.of(5, 4)));
        Tensor labels = Mlp.labels(backend, SEED, 3, 4);
        int before = counted.live();
        for (int step = 0; step < 3; step++) {
            Tape tape = new Tape();
            Mlp watched = network.on(tape);
            assertEquals(before, counted.live(), "watching copies nothing");
            Tensor loss = watched.loss(Unary.TANH, x, labels);
            tape.gradients(loss, watched.parameters());
            Hessian.product(tape, loss, watched.parameters(), network.parameters());
            assertTrue(counted.live() > before);
            tape.close();
            assertEquals(before, counted.live());
            tape.close();
        }
        assertEquals(before, network.parameters().size() + List.of(x, labels).size());
    }

    @Test
    void memoryOfAFailedOperationGoesBackToo() {
        Tensor parameter = vector(1, 2);
        int before = counted.live();
        try (Tape tape = new Tape()) {
            Tensor x = tape.watch(parameter);
            assertThrows(ShapeException.class, () -> tape.gradients(square(x), List.of(x)));
            assertThrows(ShapeException.class, () -> add(x, vector(1, 2, 3)));
            Tensor y = square(x);
            assertTrue(y.isTracked(), "recording goes on after an error");
        }
        assertTrue(counted.live() <= before + 1);
    }

    @Test
    void dataPutOnTheTapeIsUntrackedAndGoesBackWithIt() {
        int before = counted.live();
        try (Tape tape = new Tape()) {
            Tensor images = tape.input(backend, Shape.of(2, 2), new float[] {1, 2, 3, 4, 5});
            Tensor ones = tape.constant(backend, Form.masked(Mask.of(Shape.of(9), 3, 7)), 1);
            assertArrayEquals(new float[] {1, 2, 3, 4}, images.values());
            assertArrayEquals(new float[] {1, 1}, ones.values());
            relu(images);
            assertEquals("", tape.toString());
        }
        assertEquals(before, counted.live());
    }

    @Test
    void printsWhatRan() {
        Tensor weight = Tensor.masked(backend, Mask.of(Shape.of(2, 3), 0, 4), 1, 2);
        Tensor input = Tensor.zeros(backend, Form.dense(Shape.of(3, 4)));
        try (Tape tape = new Tape()) {
            Tensor w = tape.watch(weight);
            Tensor loss = sum(scale(relu(matmul(w, tape.hold(input))), 2));
            assertEquals("""
                    %0 = watch  [2, 3] masked to 2
                    %1 = MatMul[] %0 [3, 4]  [2, 4]
                    %2 = Map[f=RELU] %1  [2, 4]
                    %3 = Affine[scale=2.0, shift=0.0] %2  [2, 4]
                    %4 = Sum[to=[]] %3  []
                    """, tape.toString());
            tape.gradients(loss, List.of(w));
            assertEquals(5, tape.toString().lines().count());
            tape.differentiableGradients(loss, List.of(w));
            assertEquals("%5 = Combine[f=WHERE_POSITIVE] [2, 4] %2  [2, 4]", tape.toString().lines().skip(5).findFirst().orElseThrow());
        }
    }

    @Test
    void aClosedTapeIsRefused() {
        Tensor parameter = vector(1);
        Tape tape = new Tape();
        Tensor x = tape.watch(parameter);
        tape.close();
        String message = "tape: closed already; its tensors are gone";
        assertRefused(message, () -> tape.watch(parameter));
        assertRefused(message, () -> tape.hold(parameter));
        assertRefused(message, () -> tape.constant(backend, parameter.form(), 1));
        assertRefused(message, () -> tape.input(backend, parameter.shape(), new float[1]));
        assertRefused(message, () -> square(x));
        assertRefused(message, () -> tape.gradients(x, List.of(x)));
        assertRefused(message, () -> tape.differentiableGradients(x, List.of(x)));
        assertRefused(message, () -> Hessian.product(tape, x, List.of(x), List.of(parameter)));
    }

    @Test
    void twoTapesAreRefused() {
        Tensor parameter = vector(1, 2);
        try (Tape tape = new Tape(); Tape other = new Tape()) {
            Tensor a = tape.watch(parameter);
            Tensor b = other.watch(parameter);
            assertRefused("Combine[f=ADD]: operands live on two different tapes", () -> add(a, b));
            assertRefused("Concat[axis=0]: operands live on two different tapes", () -> Layout.concat(0, a, other.hold(parameter)));
            assertRefused("tape: the tensor [2] is on a tape already", () -> tape.watch(b));
            assertRefused("tape: the tensor [2] is on a tape already", () -> tape.hold(a));
        }
    }

    @Test
    void twoBackendsAreRefused() {
        Tensor here = vector(1);
        Tensor there = Tensor.of(inner, Shape.of(1), 1);
        assertRefused("Combine[f=ADD]: operands must be on one backend, got " + backend + " and " + inner, () -> add(here, there));
    }

    @Test
    void aTapeStaysOnOneBackend() {
        try (Tape tape = new Tape()) {
            tape.input(backend, Shape.of(1), new float[1]);
            assertRefused("tape: its tensors must be on one backend, got " + backend + " and " + inner,
                    () -> tape.input(inner, Shape.of(1), new float[1]));
        }
    }

    @Test
    void whatTheTapeDoesNotKnowIsRefused() {
        Tensor parameter = vector(3);
        try (Tape tape = new Tape(); Tape other = new Tape()) {
            Tensor x = tape.watch(parameter);
            Tensor held = tape.hold(parameter);
            Tensor elsewhere = other.watch(parameter);
            String loss = "gradients: the loss must be watched on this tape or computed from what is, got [1]";
            assertRefused(loss, () -> tape.gradients(parameter, List.of(x)));
            assertRefused(loss, () -> tape.gradients(tanh(held), List.of(x)));
            assertRefused(loss, () -> tape.gradients(elsewhere, List.of(x)));
            String each = "gradients: each tensor to differentiate for must be watched on this tape or computed from what is, got [1]";
            assertRefused(each, () -> tape.gradients(square(x), List.of(x, parameter)));
            assertRefused(each, () -> tape.gradients(square(x), List.of(held)));
            assertRefused(each, () -> tape.gradients(square(x), List.of(elsewhere)));
            Tensor gradient = tape.gradients(square(x), List.of(x)).getFirst();
            assertRefused(loss, () -> tape.gradients(gradient, List.of(x)));
        }
    }

    @Test
    void aLossThatIsNotAScalarIsRefused() {
        Tensor parameter = vector(1, 2);
        try (Tape tape = new Tape()) {
            Tensor x = tape.watch(parameter);
            assertEquals("gradients: the loss must be a scalar, got [2]",
                    assertThrows(ShapeException.class, () -> tape.gradients(square(x), List.of(x))).getMessage());
        }
    }

    private Tensor vector(float... values) {
        return Tensor.of(backend, Shape.of(values.length), values);
    }

    private static void assertRefused(String message, Runnable action) {
        assertEquals(message, assertThrows(TapeException.class, action::run).getMessage());
    }
}
