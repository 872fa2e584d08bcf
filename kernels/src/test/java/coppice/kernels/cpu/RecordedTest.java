package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend.Recording;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When recorded work can be done again, and when it cannot. */
final class RecordedTest {

    private static final int COUNT = 1000;
    private static final Shape IMAGES = Shape.of(3, 6, 6, 64);

    private final CpuBackend backend = new CpuBackend(2);
    private final Buffer x = Drawn.drawn(backend, "x", COUNT);
    private final Buffer y = backend.allocate(COUNT);

    @AfterEach
    void close() {
        backend.close();
    }

    /** y = √(x²), by way of a buffer of its own. */
    private void work() {
        Buffer square = backend.allocate(COUNT);
        backend.map(Unary.SQUARE, COUNT, x, square);
        backend.map(Unary.SQRT, COUNT, square, y);
        backend.release(square);
    }

    private float[] expected() {
        work();
        return Drawn.values(backend, y);
    }

    @Test
    void isDoneAgainOnNewValues() {
        Buffer[] drawn = {Drawn.drawn(backend, "a", COUNT), Drawn.drawn(backend, "b", COUNT)};
        Recording recording = backend.record(this::work);
        for (Buffer next : drawn) {
            backend.write(x, Drawn.values(backend, next), COUNT);
            assertTrue(recording.replay());
            float[] got = Drawn.values(backend, y);
            assertArrayEquals(expected(), got);
        }
    }

    /** Of which after a while some are done by one thread, to see whether that is faster. */
    @Test
    void givesTheSameBitsWhoeverDoesItsTasks() {
        int size = 64;
        Buffer w = Drawn.drawn(backend, "w", size * size);
        Buffer inputs = Drawn.drawn(backend, "inputs", size * size);
        Buffer outputs = backend.allocate(size * size);
        Form weight = Form.dense(Shape.of(size, size));
        Recording recording = backend.record(() -> backend.matmul(Face.OUTPUT, weight, size, w, inputs, outputs));
        float[] expected = Drawn.values(backend, outputs);
        for (int replay = 0; replay < 800; replay++) {
            backend.fill(outputs, Float.NaN);
            assertTrue(recording.replay());
            assertArrayEquals(expected, Drawn.values(backend, outputs), "replay " + replay);
        }
    }

    @Test
    void leavesTheMemoryOfOthersAlone() {
        Recording recording = backend.record(this::work);
        Buffer other = backend.allocate(COUNT);                  // takes the place of the square
        backend.fill(other, 7);
        assertFalse(recording.replay());
        assertTrue(Drawn.values(backend, other)[COUNT - 1] == 7);
        backend.release(other);
        assertTrue(recording.replay());
    }

    @Test
    void holdsNoMemory() {
        long before = backend.bytesInUse();
        Recording recording = backend.record(this::work);
        assertTrue(recording.replay() && backend.bytesInUse() == before);
    }

    @Test
    void isNotDoneOnABufferThatIsGone() {
        Recording recording = backend.record(this::work);
        backend.release(x);
        assertFalse(recording.replay());
    }

    @Test
    void isNotDoneWhereItTookPartOfTheProgram() {
        float[] one = new float[1];
        assertFalse(backend.record(() -> backend.write(x, one, 1)).replay());
        assertFalse(backend.record(() -> backend.read(x, one, 1)).replay());
    }

    @Test
    void isNotDoneWhereItLeftABufferBehind() {
        assertFalse(backend.record(() -> backend.fill(backend.allocate(COUNT), 1)).replay());
    }

    /** What is written beside it is not part of it. */
    @Test
    void isDoneAgainThoughTheNextValuesWereWrittenMeanwhile() {
        float[] next = new float[COUNT];
        Buffer room = backend.allocate(COUNT);
        Recording recording = backend.record(() -> {
            work();
            Thread beside = new Thread(() -> backend.write(room, next, COUNT));
            beside.start();
            assertTrue(joined(beside));
        });
        assertTrue(recording.replay());
    }

    private static boolean joined(Thread thread) {
        try {
            thread.join();
            return true;
        } catch (InterruptedException error) {
            return false;
        }
    }

    /** Images stand as the program wrote them before, and in blocks afterwards: in the same place. */
    @Test
    void isDoneAgainOnImagesThatItPutsInBlocks() {
        Buffer images = Drawn.drawn(backend, "images", IMAGES.size());
        Buffer w = Drawn.drawn(backend, "w", 4 * 3);
        Buffer sum = backend.allocate(4);
        float[] others = Drawn.values(backend, Drawn.drawn(backend, "others", IMAGES.size()));
        Runnable work = () -> {
            Buffer made = backend.allocate(4 * IMAGES.size() / 3);
            backend.convolve(Face.OUTPUT, Form.dense(Shape.of(4, 3, 1, 1)), Window.square(1, 1, 0), 1, IMAGES, w, images, made);
            backend.sum(IMAGES.with(0, 4), made, Shape.of(4, 1, 1, 1), sum);
            backend.release(made);
        };
        Recording recording = backend.record(work);
        assertFalse(recording.replay(), "they stand in blocks now");
        backend.write(images, others, others.length);
        assertTrue(recording.replay());
        float[] got = Drawn.values(backend, sum);
        assertArrayEquals(others, Drawn.values(backend, images));
        work.run();
        assertArrayEquals(Drawn.values(backend, sum), got);
    }

    /** Values that are still to be computed from what it changes would be lost. */
    @Test
    void isNotDoneWhileOthersWaitForItsOperands() {
        Buffer images = Drawn.drawn(backend, "images", IMAGES.size());
        backend.sum(IMAGES, images, Shape.SCALAR, backend.allocate(1));                      // which puts them in blocks
        Recording recording = backend.record(() -> backend.map(Unary.SQUARE, IMAGES.size(), images, images));
        Buffer waiting = backend.allocate(4 * IMAGES.size() / 3);
        backend.convolve(Face.OUTPUT, Form.dense(Shape.of(4, 3, 1, 1)), Window.square(1, 1, 0), 1, IMAGES, Drawn.drawn(backend, "w", 12), images, waiting);
        assertFalse(recording.replay());
        Drawn.values(backend, waiting);
        assertTrue(recording.replay());
    }

    @Test
    void isNotRecordedWithinOther() {
        assertThrows(IllegalStateException.class, () -> backend.record(() -> backend.record(this::work)));
        assertTrue(backend.record(this::work).replay());
    }

    @Test
    void isForgottenWhenItFails() {
        assertThrows(IllegalArgumentException.class, () -> backend.record(() -> {
            work();
            throw new IllegalArgumentException("in vain");
        }));
        assertTrue(backend.record(this::work).replay());
    }
}
