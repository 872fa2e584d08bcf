package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("coppice.engine.Backends#present")
final class TensorTest {

    private static final Mask MASK = Mask.of(Shape.of(3, 4), 1, 3, 8, 9);

    @Parameter
    Backend backend;

    @Test
    void holdsAValueForEachElement() {
        Tensor x = Tensor.of(backend, Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        assertEquals(Shape.of(2, 3), x.shape());
        assertEquals(6, x.count());
        assertFalse(x.isMasked());
        assertNull(x.mask());
        assertNull(x.tape());
        assertSame(backend, x.backend());
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, x.values());
    }

    @Test
    void maskedHoldsAValueForEachSurvivorAndNoMore() {
        var counted = new CountingBackend(backend);
        Tensor w = Tensor.masked(counted.backend(), MASK, 1, 2, 3, 4);
        assertEquals(Shape.of(3, 4), w.shape());
        assertEquals(4, w.count());
        assertTrue(w.isMasked());
        assertSame(MASK, w.mask());
        assertArrayEquals(new float[] {1, 2, 3, 4}, w.values());
        assertEquals(4, counted.liveFloats());
    }

    @Test
    void mayHoldNothing() {
        assertArrayEquals(new float[0], Tensor.of(backend, Shape.of(3, 0)).values());
        assertArrayEquals(new float[0], Tensor.masked(backend, Mask.of(Shape.of(3, 4))).values());
    }

    @Test
    void zerosAreZero() {
        Tensor.of(backend, Shape.of(40), new float[40]).close();
        assertArrayEquals(new float[40], Tensor.zeros(backend, Form.dense(Shape.of(5, 8))).values());
        assertArrayEquals(new float[4], Tensor.zeros(backend, Form.masked(MASK)).values());
    }

    @Test
    void valuesAreACopy() {
        Tensor x = Tensor.of(backend, Shape.of(2), 1, 2);
        x.values()[0] = 9;
        float[] values = {3, 4};
        Tensor y = Tensor.of(backend, Shape.of(2), values);
        values[0] = 9;
        assertArrayEquals(new float[] {1, 2}, x.values());
        assertArrayEquals(new float[] {3, 4}, y.values());
    }

    @Test
    void aWriteReplacesAllValues() {
        Tensor w = Tensor.masked(backend, MASK, 1, 2, 3, 4);
        w.write(5, 6, 7, 8);
        assertArrayEquals(new float[] {5, 6, 7, 8}, w.values());
    }

    @Test
    void aWriteOfAnotherSizeIsRefused() {
        Tensor w = Tensor.masked(backend, MASK, 1, 2, 3, 4);
        assertRefused("write: [3, 4] masked to 4 stores 4 values, got 12", () -> w.write(new float[12]));
        assertRefused("write: [2, 3] stores 6 values, got 5", () -> Tensor.of(backend, Shape.of(2, 3), 1, 2, 3, 4, 5));
        assertRefused("write: [] stores 1 values, got 0", () -> Tensor.of(backend, Shape.SCALAR));
        assertArrayEquals(new float[] {1, 2, 3, 4}, w.values());
    }

    @Test
    void anItemIsTheOnlyValue() {
        assertEquals(7, Tensor.of(backend, Shape.SCALAR, 7).item());
        assertEquals(7, Tensor.of(backend, Shape.of(1, 1), 7).item());
        assertEquals(7, Tensor.masked(backend, Mask.of(Shape.of(3, 4), 5), 7).item());
        assertRefused("item: needs a tensor of one stored value, got [2]", () -> Tensor.of(backend, Shape.of(2), 1, 2).item());
        assertRefused("item: needs a tensor of one stored value, got [3, 4] masked to 4",
                () -> Tensor.masked(backend, MASK, 1, 2, 3, 4).item());
    }

    @Test
    void closesOnce() {
        var counted = new CountingBackend(backend);
        Tensor x = Tensor.of(counted.backend(), Shape.of(2), 1, 2);
        assertEquals(1, counted.live());
        x.close();
        x.close();
        assertEquals(0, counted.live());
        assertEquals(1, counted.calls("release"));
    }

    @Test
    void aViewSharesTheMemoryAndNeverFreesIt() {
        var counted = new CountingBackend(backend);
        Tensor x = Tensor.of(counted.backend(), Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
        Tensor view = Layout.reshape(x, Shape.of(6));
        assertEquals(1, counted.live());
        x.write(6, 5, 4, 3, 2, 1);
        assertArrayEquals(new float[] {6, 5, 4, 3, 2, 1}, view.values());
        view.close();
        assertEquals(1, counted.live());
        x.close();
        assertEquals(0, counted.live());
    }

    @Test
    void unreachableTensorsGiveTheirMemoryBack() throws InterruptedException {
        var counted = new CountingBackend(backend);
        for (int i = 0; i < 10; i++) {
            Elementwise.negate(Tensor.of(counted.backend(), Shape.of(2), 1, 2));
        }
        for (int i = 0; i < 100 && counted.live() > 0; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertEquals(0, counted.live());
    }

    @Test
    void printsItsFormAndFirstValues() {
        assertEquals("[3, 4] masked to 4 [1.0, 2.0, 3.0, 4.0]", Tensor.masked(backend, MASK, 1, 2, 3, 4).toString());
        assertEquals("[] [2.5]", Tensor.of(backend, Shape.SCALAR, 2.5f).toString());
        assertEquals("[9] [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, …]", Tensor.zeros(backend, Form.dense(Shape.of(9))).toString());
    }

    @Test
    void ofAClosedTapeIsGone() {
        Tape tape = new Tape();
        Tensor y = Elementwise.negate(tape.watch(Tensor.of(backend, Shape.of(2), 1, 2)));
        tape.close();
        assertEquals("tape: closed already; its tensors are gone", assertThrows(TapeException.class, y::values).getMessage());
        assertThrows(TapeException.class, () -> y.write(1, 2));
        assertThrows(TapeException.class, y::buffer);
        assertEquals("[2] of a closed tape", y.toString());
    }

    private static void assertRefused(String message, Runnable action) {
        assertEquals(message, assertThrows(ShapeException.class, action::run).getMessage());
    }
}
