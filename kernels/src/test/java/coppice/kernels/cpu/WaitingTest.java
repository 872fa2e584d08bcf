package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions, and gradients of maxima, that wait to see what is done with their results make what they would have made at once, whatever that is. */
final class WaitingTest {

    private static final Window WINDOW = Window.square(3, 1, 1);
    private static final Window STRIDED = Window.square(3, 2, 1);
    private static final Window SPARSELY_STRIDED = Window.square(1, 2, 0);
    private static final float EPSILON = 0.1f;

    private final List<CpuBackend> backends = new ArrayList<>();
    private CpuBackend backend = open(2);

    private CpuBackend open(int threads) {
        CpuBackend opened = new CpuBackend(threads);
        backends.add(opened);
        return opened;
    }

    @AfterEach
    void close() {
        backends.forEach(CpuBackend::close);
    }

    /** A weight and images that stand in blocks, of whole vectors and of others. */
    private record Case(Form weight, Window window, Shape images) {

        Shape output() {
            return window.output("test", images, outputs());
        }

        int outputs() {
            return weight.shape().size(0);
        }

        int inputs() {
            return weight.shape().size(1);
        }

        int batch() {
            return images.size(3);
        }
    }

    private static Stream<Case> cases() {
        return Stream.of(3, 2, 1).flatMap(kept -> Stream.of(
                new Case(weight(kept, 5, 3, WINDOW), WINDOW, Shape.of(3, 5, 7, 128)),
                new Case(weight(kept, 5, 3, WINDOW), WINDOW, Shape.of(3, 33, 4, 128)),          // lines longer than a chunk of a sum
                new Case(weight(kept, 5, 3, WINDOW), WINDOW, Shape.of(3, 4, 8, 15 * 8)),        // lanes without images
                new Case(weight(kept, 5, 3, STRIDED), STRIDED, Shape.of(3, 7, 9, 128)),
                new Case(weight(kept, 5, 3, STRIDED), STRIDED, Shape.of(3, 8, 8, 15 * 8)),
                new Case(weight(kept, 5, 3, SPARSELY_STRIDED), SPARSELY_STRIDED, Shape.of(3, 6, 6, 128)),
                new Case(weight(kept, 5, 3, STRIDED), STRIDED, Shape.of(3, 1, 4, 128)),         // smaller than the stride
                new Case(weight(kept, 5, 3, WINDOW), WINDOW, Shape.of(3, 2, 2, 128)),           // narrow images, taken together
                new Case(weight(kept, 5, 3, STRIDED), STRIDED, Shape.of(3, 5, 4, 128)),
                new Case(weight(kept, 5, 48, WINDOW), WINDOW, Shape.of(48, 7, 8, 15 * 8)),      // more channels than a first-level cache holds
                new Case(weight(kept, 5, 48, WINDOW), WINDOW, Shape.of(48, 3, 3, 128)),
                new Case(weight(kept, 48, 5, WINDOW), WINDOW, Shape.of(5, 7, 9, 128)),
                new Case(weight(kept, 192, 5, STRIDED), STRIDED, Shape.of(5, 9, 9, 128)),
                new Case(weight(kept, 5, 1200, WINDOW), WINDOW, Shape.of(1200, 4, 4, 128)),     // more channels than a panel holds
                new Case(weight(kept, 1200, 5, WINDOW), WINDOW, Shape.of(5, 4, 4, 128)),
                new Case(weight(kept, 1200, 5, STRIDED), STRIDED, Shape.of(5, 4, 4, 15 * 8))));
    }

    /** Dense of 3, of nearly all weights of 2, of few of 1, and none of the second input. */
    private static Form weight(int kept, int outputs, int inputs, Window window) {
        Shape shape = Shape.of(outputs, inputs, window.y().size(), window.x().size());
        return switch (kept) {
            case 3 -> Form.dense(shape);
            case 2 -> Form.masked(Mask.where(shape, position -> position % 11 > 1));
            default -> Form.masked(Mask.where(shape, position -> position % 7 < 1 && position / window.size() % inputs != 1));
        };
    }

    private Buffer drawn(String name, int count) {
        return Drawn.drawn(backend, name, count);
    }

    private float[] values(Buffer buffer) {
        return Drawn.values(backend, buffer);
    }

    private Buffer output(Case of, Buffer w) {
        Buffer g = backend.allocate(of.output().size());
        backend.convolve(Face.OUTPUT, of.weight, of.window, 1, of.images, w, drawn("x", of.images.size()), g);
        return g;
    }

    private Buffer output(Case of) {
        return output(of, drawn("w", of.weight.stored().size()));
    }

    private Buffer input(Case of, Buffer g) {
        Buffer dx = backend.allocate(of.images.size());
        backend.convolve(Face.INPUT, of.weight, of.window, 1, of.images, drawn("w", of.weight.stored().size()), dx, g);
        return dx;
    }

    private Buffer weight(Case of, Buffer g) {
        Buffer dw = backend.allocate(of.weight.stored().size());
        backend.convolve(Face.WEIGHT, of.weight, of.window, 1, of.images, dw, drawn("x", of.images.size()), g);
        return dw;
    }

    /** What the plain loops make of the same. */
    private float[] byReference(Face face, Case of) {
        try (Backend reference = BackendProvider.named("reference").open(1)) {
            Buffer w = copy(reference, drawn("w", of.weight.stored().size()));
            Buffer x = copy(reference, drawn("x", of.images.size()));
            Buffer g = copy(reference, drawn("g", of.output().size()));
            reference.convolve(face, of.weight, of.window, 1, of.images, w, x, g);
            Buffer made = switch (face) {
                case OUTPUT -> g;
                case INPUT -> x;
                case WEIGHT -> w;
            };
            float[] values = new float[made.length()];
            reference.read(made, values, values.length);
            return values;
        }
    }

    private Buffer copy(Backend to, Buffer from) {
        Buffer copy = to.allocate(from.length());
        to.write(copy, values(from), from.length());
        return copy;
    }

    private static void assertNear(float[] expected, float[] actual, double tolerance) {
        double scale = 0;
        for (float value : expected) {
            scale = Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], tolerance * scale, "at " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void momentsAreTakenWhileImagesAreMade(Case of) {
        Buffer made = output(of);
        Buffer moments = backend.allocate(2 * of.outputs());
        backend.moments(of.output(), made, moments);
        Buffer before = output(of);
        float[] images = values(before);
        Buffer expected = backend.allocate(2 * of.outputs());
        backend.moments(of.output(), before, expected);
        assertArrayEquals(images, values(made));
        assertNear(values(expected), values(moments), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void functionsJoin(Case of) {
        Shape shape = of.images;
        Shape perChannel = Shape.of(of.inputs(), 1, 1, 1);
        Buffer g = drawn("g", of.output().size());
        Buffer other = drawn("other", shape.size());
        Buffer bias = drawn("bias", of.inputs());
        float[] dx = values(input(of, g));
        float[] expected = new float[dx.length];
        float[] others = values(other);
        float[] biases = values(bias);
        for (int i = 0; i < dx.length; i++) {
            float sum = dx[i] + others[i];
            float shifted = (others[i] <= 0 ? 0 : sum) + biases[i / shape.rowSize()];
            expected[i] = shifted <= 0 ? 0 : shifted;
        }
        Buffer made = input(of, g);
        Buffer sum = backend.allocate(shape.size());
        Buffer passed = backend.allocate(shape.size());
        Buffer shifted = backend.allocate(shape.size());
        Buffer rectified = backend.allocate(shape.size());
        backend.combine(Binary.ADD, shape, shape, other, shape, made, sum);                 // symmetric: either operand
        backend.combine(Binary.WHERE_POSITIVE, shape, shape, sum, shape, other, passed);
        backend.combine(Binary.ADD, shape, shape, passed, perChannel, bias, shifted);
        backend.map(Unary.RELU, shape.size(), shifted, rectified);
        assertArrayEquals(expected, values(rectified));
        assertArrayEquals(dx, values(made));                                                // who asks for it still finds it
        for (int i = 0; i < dx.length; i++) {
            dx[i] += others[i];
        }
        assertArrayEquals(dx, values(sum));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreSummedWhileTheyAreMade(Case of) {
        Shape shape = of.images;
        Buffer raw = drawn("raw", shape.size());
        Buffer moments = backend.allocate(2 * of.inputs());
        backend.moments(shape, raw, moments);
        Buffer scale = drawn("scale", of.inputs());
        Buffer shift = drawn("shift", of.inputs());
        Buffer g = drawn("g", of.output().size());
        Buffer[] sums = {backend.allocate(2 * of.inputs()), backend.allocate(2 * of.inputs())};
        float[][] gradients = new float[2][];
        float[][] weights = new float[2][];
        for (int atOnce = 0; atOnce < 2; atOnce++) {
            Buffer dw = weight(of, g);
            if (atOnce == 1) {
                values(dw);
            }
            Buffer dx = input(of, g);
            if (atOnce == 1) {
                values(dx);
            }
            backend.normaliseSums(shape, EPSILON, true, raw, moments, scale, shift, dx, sums[atOnce]);
            gradients[atOnce] = values(dx);
            weights[atOnce] = values(dw);
        }
        assertArrayEquals(gradients[1], gradients[0]);
        assertNear(weights[1], weights[0], 1e-5);
        assertNear(values(sums[1]), values(sums[0]), 1e-5);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothGradientsAreThoseOfThePlainLoops(Case of) {
        Buffer g = drawn("g", of.output().size());
        Buffer dw = weight(of, g);
        Buffer dx = input(of, g);
        backend.release(g);
        assertNear(byReference(Face.INPUT, of), values(dx), 5e-6);
        assertNear(byReference(Face.WEIGHT, of), values(dw), 2e-5);
        assertNear(byReference(Face.OUTPUT, of), values(output(of)), 5e-6);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bitsDoNotDependOnTheThreads(Case of) {
        float[][] weights = new float[3][];
        float[][] moments = new float[3][];
        for (int threads = 1; threads <= 3; threads++) {
            backend = open(threads);
            Buffer g = drawn("g", of.output().size());
            Buffer dw = weight(of, g);
            Buffer dx = input(of, g);
            Buffer pairs = backend.allocate(2 * of.inputs());
            backend.moments(of.images, dx, pairs);
            moments[threads - 1] = values(pairs);
            weights[threads - 1] = values(dw);
        }
        assertArrayEquals(weights[0], weights[1]);
        assertArrayEquals(weights[0], weights[2]);
        assertArrayEquals(moments[0], moments[1]);
        assertArrayEquals(moments[0], moments[2]);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theWeightOfTheTimeCounts(Case of) {
        float[] expected = values(output(of));
        Buffer w = drawn("w", of.weight.stored().size());
        Buffer made = output(of, w);
        Buffer rectified = backend.allocate(made.length());
        backend.map(Unary.RELU, made.length(), made, rectified);
        backend.fill(w, 7);
        backend.release(w);
        assertArrayEquals(expected, values(made));
        for (int i = 0; i < expected.length; i++) {
            expected[i] = expected[i] <= 0 ? 0 : expected[i];
        }
        assertArrayEquals(expected, values(rectified));
    }

    private static Stream<Arguments> maxima() {
        return Stream.of(Window.square(2, 2, 0), Window.square(3, 2, 1), Window.square(1, 3, 0))
                .flatMap(window -> Stream.of(Shape.of(5, 6, 8, 128), Shape.of(3, 7, 5, 15 * 8), Shape.of(1, 33, 32, 64), Shape.of(1, 32, 32, 64))
                        .map(images -> Arguments.of(window, images)));
    }

    /** The gradient of a maximum, with what is done with it: by itself, and after everything else was asked for. */
    @ParameterizedTest
    @MethodSource("maxima")
    void gradientsOfMaximaWait(Window window, Shape shape) {
        Shape pooled = window.output("test", shape, shape.size(0));
        Buffer x = drawn("x", shape.size());
        Buffer g = drawn("g", pooled.size());
        Buffer placed = placed(window, shape, x, g);
        float[] dx = values(placed);
        Buffer moments = backend.allocate(2 * shape.size(0));
        backend.moments(shape, x, moments);
        Buffer scale = drawn("scale", shape.size(0));
        Buffer shift = drawn("shift", shape.size(0));
        Buffer expected = backend.allocate(2 * shape.size(0));
        backend.normaliseSums(shape, EPSILON, true, x, moments, scale, shift, placed, expected);

        Buffer waiting = placed(window, shape, x, g);
        Buffer sums = backend.allocate(2 * shape.size(0));
        backend.normaliseSums(shape, EPSILON, true, x, moments, scale, shift, waiting, sums);
        assertArrayEquals(values(expected), values(sums));
        assertArrayEquals(dx, values(waiting));

        Buffer joined = placed(window, shape, x, g);
        Buffer passed = backend.allocate(shape.size());
        backend.combine(Binary.WHERE_POSITIVE, shape, shape, joined, shape, x, passed);
        float[] xs = values(x);
        backend.release(joined);
        backend.release(g);
        backend.fill(x, 1);
        for (int i = 0; i < dx.length; i++) {
            dx[i] = xs[i] <= 0 ? 0 : dx[i];
        }
        assertArrayEquals(dx, values(passed));
    }

    private Buffer placed(Window window, Shape shape, Buffer x, Buffer g) {
        Buffer dx = backend.allocate(shape.size());
        backend.place(window, shape, x, g, dx);
        return dx;
    }

    @Test
    void finishingMakesThem() {
        Case of = new Case(weight(1, 5, 3, WINDOW), WINDOW, Shape.of(3, 5, 7, 128));
        Buffer g = output(of);
        long waiting = backend.bytesInUse();
        backend.finish(g);
        assertEquals(waiting + 4 * Memory.capacity(g.length()), backend.bytesInUse());
    }

    @Test
    void whatNoOneReadsIsNotMade() {
        Case of = new Case(weight(1, 5, 3, WINDOW), WINDOW, Shape.of(3, 5, 7, 128));
        long before = backend.bytesInUse();
        Buffer g = drawn("g", of.output().size());
        Buffer x = drawn("x", of.images.size());
        Buffer w = drawn("w", of.weight.stored().size());
        long operands = backend.bytesInUse();
        Buffer dw = backend.allocate(of.weight.stored().size());
        Buffer dx = backend.allocate(of.images.size());
        Buffer sum = backend.allocate(of.images.size());
        backend.convolve(Face.WEIGHT, of.weight, of.window, 1, of.images, dw, x, g);
        backend.convolve(Face.INPUT, of.weight, of.window, 1, of.images, w, dx, g);
        backend.combine(Binary.ADD, of.images, of.images, dx, of.images, x, sum);
        assertEquals(operands, backend.bytesInUse(), "waiting needs no memory");
        Stream.of(g, x, w).forEach(backend::release);
        assertEquals(operands, backend.bytesInUse(), "operands stay as long as they are waited for");
        Stream.of(dw, dx, sum).forEach(backend::release);
        assertEquals(before, backend.bytesInUse());
    }

    @Test
    void aResultInThePlaceOfAnOperandIsMadeAtOnce() {
        Case of = new Case(weight(1, 5, 3, WINDOW), WINDOW, Shape.of(3, 5, 7, 128));
        Buffer other = drawn("other", of.images.size());
        Buffer g = drawn("g", of.output().size());
        float[] expected = values(input(of, g));
        float[] others = values(other);
        for (int i = 0; i < expected.length; i++) {
            expected[i] += others[i];
        }
        Buffer dx = input(of, g);
        backend.combine(Binary.ADD, of.images, of.images, dx, of.images, other, other);
        assertArrayEquals(expected, values(other));
        backend.combine(Binary.SUBTRACT, of.images, of.images, other, of.images, dx, dx);
        for (int i = 0; i < expected.length; i++) {
            expected[i] -= expected[i] - others[i];
        }
        assertNear(others, values(dx), 1e-5);
    }

    /** The sum is computed when its operand is about to be overwritten; its moments then are of what is in memory. */
    @Test
    void momentsMayOverwriteWhatTheImagesAreMadeOf() {
        Case of = cases().findFirst().orElseThrow();
        Buffer apart = backend.allocate(2 * of.outputs());
        backend.moments(of.output(), sum(of, drawn("b", of.output().size())), apart);
        Buffer b = drawn("b", of.output().size());
        backend.moments(of.output(), sum(of, b), b);
        assertNear(values(apart), Arrays.copyOf(values(b), 2 * of.outputs()), 1e-5);
    }

    @Test
    void sumsMayOverwriteWhatTheGradientsAreMadeOf() {
        Case of = cases().findFirst().orElseThrow();
        Buffer x = drawn("normalised", of.output().size());
        Buffer moments = backend.allocate(2 * of.outputs());
        backend.moments(of.output(), x, moments);
        Buffer apart = backend.allocate(2 * of.outputs());
        backend.normaliseSums(of.output(), EPSILON, false, x, moments, null, null, sum(of, drawn("b", of.output().size())), apart);
        Buffer b = drawn("b", of.output().size());
        backend.normaliseSums(of.output(), EPSILON, false, x, moments, null, null, sum(of, b), b);
        assertNear(values(apart), Arrays.copyOf(values(b), 2 * of.outputs()), 1e-5);
    }

    /** What a convolution makes and another operand, which it waits for. */
    private Buffer sum(Case of, Buffer b) {
        Buffer y = backend.allocate(of.output().size());
        backend.combine(Binary.ADD, of.output(), of.output(), output(of), of.output(), b, y);
        return y;
    }
}
