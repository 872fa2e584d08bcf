package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.BackendException;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Values that are computed later are those that would have been computed at once, whatever happens in between. */
final class DeferredTest {

    private static final Shape IMAGES = Shape.of(5, 4, 6, 32);
    private static final int CHANNELS = 5;

    private final CpuBackend backend = new CpuBackend(2);
    private Buffer x;
    private Buffer y;
    private float[] expected;

    @BeforeEach
    void normalise() {
        x = drawn("x", IMAGES.size());
        expected = values(normalised(x, backend.allocate(IMAGES.size())));
        y = normalised(x, backend.allocate(IMAGES.size()));
    }

    @AfterEach
    void close() {
        backend.close();
    }

    private Buffer drawn(String name, int count) {
        return Drawn.drawn(backend, name, count);
    }

    private Buffer normalised(Buffer x, Buffer y) {
        Buffer moments = backend.allocate(2 * CHANNELS);
        Buffer scale = drawn("scale", CHANNELS);
        Buffer shift = drawn("shift", CHANNELS);
        backend.moments(IMAGES, x, moments);
        backend.normalise(IMAGES, 0.1f, true, x, moments, scale, shift, y);
        for (Buffer operand : new Buffer[] {moments, scale, shift}) {
            backend.fill(operand, Float.NaN);                // what was known when it was asked for counts
            backend.release(operand);
        }
        return y;
    }

    private float[] values(Buffer buffer) {
        return Drawn.values(backend, buffer);
    }

    @Test
    void needsNoMemoryUntilItIsRead() {
        long before = backend.bytesInUse();
        values(y);
        assertTrue(backend.bytesInUse() >= before + 4L * IMAGES.size() - 1024, before + " then " + backend.bytesInUse());
    }

    @Test
    void isComputedBeforeItsOperandChanges() {
        backend.fill(x, 7);
        assertArrayEquals(expected, values(y));
    }

    @Test
    void isComputedBeforeAnotherResultTakesItsOperandsPlace() {
        backend.convolve(Face.OUTPUT, Form.dense(Shape.of(5, 5, 1, 1)), Window.square(1, 1, 0), 1, IMAGES, drawn("w", 25), y, x);
        assertArrayEquals(expected, values(y));
    }

    @Test
    void isComputedBeforeItsOperandIsPutInAnotherOrder() {
        Buffer other = backend.allocate(IMAGES.size());
        backend.permute(IMAGES, new int[] {3, 0, 1, 2}, x, other);
        assertArrayEquals(expected, values(y));
    }

    @Test
    void outlivesItsOperand() {
        backend.release(x);
        Buffer other = backend.allocate(IMAGES.size());
        backend.fill(other, 7);
        assertArrayEquals(expected, values(y));
    }

    @Test
    void leavesNothingBehind() {
        backend.release(y);
        long without = backend.bytesInUse();
        Buffer again = normalised(x, backend.allocate(IMAGES.size()));
        backend.release(x);
        backend.release(again);
        assertEquals(without - 4 * Memory.capacity(IMAGES.size()), backend.bytesInUse());
    }

    @Test
    void isForgottenWhenItIsOverwritten() {
        long before = backend.bytesInUse();
        backend.fill(y, 2);
        backend.pick(Window.square(1, 1, 0), IMAGES, x, x, y);
        assertArrayEquals(values(x), values(y));
        assertTrue(backend.bytesInUse() >= before, "it has memory again");
    }

    @Test
    void takesThePlaceOfItsOwnOperand() {
        assertArrayEquals(expected, values(normalised(x, x)));
    }

    @Test
    void isAddedWhereItStands() {
        float[] sum = values(x);
        for (int i = 0; i < sum.length; i++) {
            sum[i] = expected[i] + sum[i];
        }
        Buffer apart = backend.allocate(IMAGES.size());
        backend.combine(Binary.ADD, IMAGES, IMAGES, y, IMAGES, x, apart);
        assertArrayEquals(sum, values(apart));
        backend.combine(Binary.ADD, IMAGES, IMAGES, normalised(x, backend.allocate(IMAGES.size())), IMAGES, x, x);
        assertArrayEquals(sum, values(x));
    }

    @Test
    void isAddedInThePlaceOfItsOperand() {
        Buffer other = drawn("other", IMAGES.size());
        float[] sum = values(other);
        for (int i = 0; i < sum.length; i++) {
            sum[i] = expected[i] + sum[i];
        }
        backend.combine(Binary.ADD, IMAGES, IMAGES, y, IMAGES, other, x);
        assertArrayEquals(sum, values(x));
        assertArrayEquals(expected, values(y));
    }

    @Test
    void aResultOfAnotherBackendIsRefused() {
        try (CpuBackend another = new CpuBackend(1)) {
            Buffer foreign = another.allocate(IMAGES.size());
            var error = assertThrows(BackendException.class, () -> normalised(x, foreign));
            assertTrue(error.getMessage().startsWith("cpu: y of normalise must be a buffer of this backend"), error.getMessage());
        }
    }

    @Test
    void convolutionsComputeItOnTheWay() {
        Shape weight = Shape.of(7, 5, 3, 3);
        for (Form form : new Form[] {Form.dense(weight), Form.masked(Mask.where(weight, position -> position % 11 < 2))}) {
            for (Window window : new Window[] {Window.square(3, 1, 1), Window.square(3, 2, 1)}) {
                Shape output = window.output("test", IMAGES, 7);
                Buffer stored = backend.allocate(IMAGES.size());
                backend.write(stored, expected, expected.length);
                Buffer w = drawn("w", form.stored().size());
                Buffer g = backend.allocate(output.size());
                Buffer fromStored = backend.allocate(output.size());
                backend.convolve(Face.OUTPUT, form, window, 1, IMAGES, w, normalised(x, backend.allocate(IMAGES.size())), g);
                backend.convolve(Face.OUTPUT, form, window, 1, IMAGES, w, stored, fromStored);
                assertArrayEquals(values(fromStored), values(g));
                Buffer dw = backend.allocate(form.stored().size());
                Buffer dwFromStored = backend.allocate(form.stored().size());
                backend.convolve(Face.WEIGHT, form, window, 1, IMAGES, dw, normalised(x, backend.allocate(IMAGES.size())), g);
                backend.convolve(Face.WEIGHT, form, window, 1, IMAGES, dwFromStored, stored, g);
                assertArrayEquals(values(dwFromStored), values(dw));
            }
        }
    }

    /** The gradient of batch norm, from which a convolution makes those of its input and its weight. */
    @Test
    void gradientsAreComputedOnTheWay() {
        Shape weight = Shape.of(5, 3, 3, 3);
        Shape input = Shape.of(3, 4, 6, 32);
        Form form = Form.masked(Mask.where(weight, position -> position % 7 == 0));
        Window window = Window.square(3, 1, 1);
        float[][] results = new float[2][];
        float[][] weights = new float[2][];
        for (int stored = 0; stored < 2; stored++) {
            Buffer dy = backend.allocate(IMAGES.size());
            Buffer moments = backend.allocate(2 * CHANNELS);
            Buffer sums = backend.allocate(2 * CHANNELS);
            Buffer scale = drawn("scale", CHANNELS);
            Buffer shift = drawn("shift", CHANNELS);
            Buffer g = drawn("g", IMAGES.size());
            backend.moments(IMAGES, x, moments);
            backend.normaliseSums(IMAGES, 0.1f, true, x, moments, scale, shift, g, sums);
            backend.normaliseInput(IMAGES, 0.1f, true, x, moments, scale, shift, g, sums, dy);
            if (stored == 1) {
                values(dy);
            }
            Buffer dx = backend.allocate(input.size());
            Buffer dw = backend.allocate(form.stored().size());
            backend.convolve(Face.WEIGHT, form, window, 1, input, dw, drawn("a", input.size()), dy);
            backend.convolve(Face.INPUT, form, window, 1, input, drawn("w", form.stored().size()), dx, dy);
            results[stored] = values(dx);
            weights[stored] = values(dw);
        }
        assertArrayEquals(results[1], results[0]);
        assertArrayEquals(weights[1], weights[0]);
    }

    /** y is computed from x while x becomes the result of a convolution of y. */
    @Test
    void aConvolutionMayOverwriteWhatItsOperandIsComputedFrom() {
        Form form = Form.dense(Shape.of(CHANNELS, CHANNELS, 1, 1));
        Window window = Window.square(1, 1, 0);
        Buffer w = drawn("w", form.stored().size());
        Buffer stored = backend.allocate(IMAGES.size());
        backend.write(stored, expected, expected.length);
        Buffer apart = backend.allocate(IMAGES.size());
        backend.convolve(Face.OUTPUT, form, window, 1, IMAGES, w, stored, apart);
        backend.convolve(Face.OUTPUT, form, window, 1, IMAGES, w, y, x);
        assertArrayEquals(values(apart), values(x));
    }
}
