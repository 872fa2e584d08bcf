package coppice.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.Buffer;
import coppice.engine.Crossovers;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Memory and errors of the backend, on a device that is emulated. */
class CudaBackendTest {

    private static final long MEMORY = 1 << 20;

    @BeforeAll
    static void needsCompiler() {
        assumeTrue(Emulation.isAvailable(), "skipped: there is no g++ to compile the kernels with");
    }

    private static CudaBackend backend() {
        return backend(null);
    }

    private static CudaBackend backend(Crossovers crossovers) {
        return new CudaBackend("cuda", new ReplayingDevice(new EmulatedDevice(Emulation.library(), 1, MEMORY)), crossovers);
    }

    @Test
    void whatIsReleasedIsUsedAgain() {
        try (CudaBackend backend = backend()) {
            for (int step = 0; step < 1000; step++) {
                Buffer x = backend.allocate(10_000);
                Buffer y = backend.allocate(300);
                backend.fill(x, step);
                backend.release(x);
                backend.release(y);
            }
            assertEquals(0, backend.bytesInUse());
            assertTrue(backend.bytesHeld() <= 42_000, () -> "holds " + backend.bytesHeld());
        }
    }

    /** A step that needs a scratch buffer and indices of a mask, again and again. */
    @Test
    void stepsDoNotGrow() {
        try (CudaBackend backend = backend()) {
            long held = 0;
            for (int step = 0; step < 50; step++) {
                Mask mask = Mask.where(Shape.of(40, 50), position -> position % 3 == 0);
                Buffer w = backend.allocate(mask.count());
                Buffer x = backend.allocate(50 * 4);
                Buffer g = backend.allocate(40 * 4);
                backend.matmul(Face.OUTPUT, Form.masked(mask), 4, w, x, g);
                backend.release(w);
                backend.release(x);
                backend.release(g);
                mask = null;
                if (step % 10 == 9) {
                    System.gc();
                }
                held = step == 30 ? backend.bytesHeld() : held;
            }
            assertTrue(backend.bytesHeld() <= 2 * held, "holds " + backend.bytesHeld() + " after " + held);
        }
    }

    @Test
    void saysHowMuchThereIsIfThereIsNoRoom() {
        try (CudaBackend backend = backend()) {
            Buffer x = backend.allocate(100_000);
            backend.fill(x, 3);
            var error = assertThrows(BackendException.class, () -> backend.allocate(200_000));
            assertEquals("cuda: there is no room for 0.8 MB on the device: 0.4 MB are in use and 0.6 MB free", error.getMessage());
            float[] values = new float[1];
            backend.read(x, values, 1);
            assertArrayEquals(new float[] {3}, values, "the backend can be used as before");
            backend.release(x);
            backend.release(backend.allocate(200_000));     // in the room of what waits for reuse
        }
    }

    /** So many that each of the most blocks has more than its least share. */
    @Test
    void keepsTheLargestOfMillions() {
        int n = 2_200_000;
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) Math.floor(10 * Seed.of(1).uniform(i));
        }
        try (var backend = new CudaBackend("cuda", new EmulatedDevice(Emulation.library(), 1, 1 << 26), null); var reference = new Reference()) {
            assertArrayEquals(largest(reference, values), largest(backend, values));
        }
    }

    private static float[] largest(Backend backend, float[] values) {
        float[] stays = new float[values.length];
        Buffer x = backend.allocate(values.length);
        Buffer y = backend.allocate(values.length);
        backend.write(x, values, values.length);
        backend.keepLargest(values.length / 3, values.length, x, y);
        backend.read(y, stays, stays.length);
        return stays;
    }

    @Test
    void refusesBuffersThatAreGoneForeignOrShort() {
        CudaBackend backend = backend();
        CudaBackend other = backend();
        Buffer x = backend.allocate(3);
        Buffer foreign = other.allocate(3);
        assertMessage("cuda: y of fill must be a buffer of this backend, got a buffer of 3 floats", () -> backend.fill(foreign, 1));
        assertMessage("cuda: keepLargest can keep 0 to 3 of 3 values, got 4", () -> backend.keepLargest(4, 3, x, x));
        assertMessage("cuda: softmax needs 4 floats of z, got a buffer of 3 floats", () -> backend.softmax(Shape.of(2, 2), x, x));
        backend.release(x);
        assertMessage("cuda: a buffer of 3 floats was released and must not be used any more", () -> backend.fill(x, 1));
        assertMessage("cuda: a buffer of 3 floats was released before", () -> backend.release(x));
        Buffer last = backend.allocate(3);
        backend.close();
        other.close();
        assertMessage("cuda: a buffer of 3 floats is gone, its backend was closed", () -> backend.fill(last, 1));
        assertMessage("cuda: the backend was closed", () -> backend.allocate(3));
    }

    /** Where a sparse kernel is used, an infinity meets no pruned weight; among zeros it becomes NaN. */
    @Test
    void decidesByWhatIsRemembered() {
        Mask mask = Mask.where(Shape.of(2, 2), position -> position == 3);
        for (double density : new double[] {0.1, 0.9}) {
            var asked = new ArrayList<String>();
            Crossovers remembered = (product, measure) -> {
                asked.add(product);
                return density;
            };
            try (CudaBackend backend = backend(remembered)) {
                Buffer x = backend.allocate(2);
                backend.fill(x, Float.POSITIVE_INFINITY);
                Buffer w = backend.allocate(1);
                backend.fill(w, 1);
                Buffer g = backend.allocate(2);
                backend.matmul(Face.OUTPUT, Form.masked(mask), 1, w, x, g);
                float[] values = new float[2];
                backend.read(g, values, 2);
                assertArrayEquals(new float[] {density > 0.5 ? 0 : Float.NaN, density > 0.5 ? Float.POSITIVE_INFINITY : Float.NaN}, values);
            }
            assertEquals(List.of("cuda-1 emulation matmul output 2x2"), asked);
        }
    }

    @Test
    void measuresAndGivesItsMemoryBack() {
        Mask mask = Mask.where(Shape.of(3, 2, 1, 1), position -> position % 2 == 0);
        Window window = Window.square(1, 1, 0);
        Shape images = Shape.of(2, 32, 16, 16);
        var measured = new ArrayList<Double>();
        Crossovers remembered = (product, measure) -> {
            measured.add(measure.getAsDouble());
            return measured.getLast();
        };
        try (CudaBackend backend = backend(remembered)) {
            Buffer w = backend.allocate(mask.count());
            Buffer x = backend.allocate(images.size());
            Buffer g = backend.allocate(window.output("test", images, 3).size());
            List.of(w, x, g).forEach(each -> backend.fill(each, 1));
            long before = backend.bytesInUse();
            for (Face face : Face.values()) {
                backend.convolve(face, Form.masked(mask), window, 1, images, w, x, g);
            }
            assertTrue(measured.stream().allMatch(density -> density >= 0 && density <= 1), measured::toString);
            assertEquals(3, measured.size());
            assertTrue(backend.bytesInUse() < before + 4L * images.size(), "operands are gone, indices of masks may still be there");
        }
    }

    private static void assertMessage(String message, Runnable use) {
        assertEquals(message, assertThrows(BackendException.class, use::run).getMessage());
    }
}
