package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Product.Face;
import coppice.engine.Reference;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CpuBackendTest {

    private final Backend backend = BackendProvider.named("cpu").open(2);

    @AfterEach
    void close() {
        backend.close();
    }

    @Test
    void isPreferredToTheReference() {
        assertEquals("cpu", BackendProvider.best().name());
    }

    @Test
    void refusesReleasedBuffers() {
        Buffer x = backend.allocate(9);
        backend.release(x);
        assertFails("cpu: a buffer of 9 floats was released and must not be used any more", () -> backend.fill(x, 1));
    }

    @Test
    void refusesShortBuffers() {
        assertFails("cpu: map needs 10 floats of y, got a buffer of 9 floats",
                () -> backend.map(Unary.RELU, 10, backend.allocate(10), backend.allocate(9)));
        assertFails("cpu: matmul needs 12 floats of x, got a buffer of 11 floats",
                () -> backend.matmul(Face.OUTPUT, Form.dense(Shape.of(2, 3)), 4, backend.allocate(6), backend.allocate(11), backend.allocate(8)));
        assertFails("cpu: copyRows needs 17 floats of x, got a buffer of 16 floats",
                () -> backend.copyRows(4, 2, backend.allocate(16), 0, 5, backend.allocate(16), 0, 2));
    }

    @Test
    void refusesOtherBackendsBuffers() {
        try (Backend other = BackendProvider.named("cpu").open(1)) {
            Buffer x = other.allocate(3);
            assertFails("cpu: y of fill must be a buffer of this backend, got a buffer of 3 floats", () -> backend.fill(x, 1));
        }
        assertThrows(BackendException.class, () -> backend.fill(new Reference().allocate(3), 1));
        Buffer x = backend.allocate(3);
        assertFails("cpu: keepLargest can keep 0 to 3 of 3 values, got 4", () -> backend.keepLargest(4, 3, x, x));
        assertFails("cpu: keepLargest can keep 0 to 3 of 3 values, got -1", () -> backend.keepLargest(-1, 3, x, x));
    }

    @Test
    void refusesFewerThanOneThread() {
        assertFails("cpu: threads must be at least 1, got 0", () -> BackendProvider.named("cpu").open(0));
    }

    /** Images that a convolution has put in blocks are overwritten without a kernel, which could not run beside another. */
    @Test
    void writesWholeBuffersBesideKernels() {
        Shape images = Shape.of(8, 16, 16, 64);
        Form weight = Form.dense(Shape.of(8, 8, 3, 3));
        Buffer x = Drawn.drawn(backend, "x", images.size());
        Buffer w = Drawn.drawn(backend, "w", weight.shape().size());
        Buffer y = backend.allocate(images.size());
        Buffer other = Drawn.drawn(backend, "other", images.size());
        float[] next = new float[images.size()];
        for (int step = 0; step < 50; step++) {
            backend.convolve(Face.OUTPUT, weight, Window.square(3, 1, 1), 1, images, w, x, y);
            backend.finish(y);
            Arrays.fill(next, step);
            Runnable written = backend.beside(() -> {
                backend.write(x, next, next.length);
                return false;
            });
            for (int i = 0; i < 5; i++) {
                backend.map(Unary.RELU, images.size(), other, y);
            }
            written.run();
            assertArrayEquals(next, Drawn.values(backend, x));
        }
    }

    private static void assertFails(String message, Runnable call) {
        assertEquals(message, assertThrows(BackendException.class, call::run).getMessage());
    }
}
