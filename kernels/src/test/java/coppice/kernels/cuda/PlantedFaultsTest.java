package coppice.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.Buffer;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The emulation finds the faults that kernels have: each is put into a kernel that is right without it. */
class PlantedFaultsTest {

    private static final Seed SEED = Seed.of(30);
    private static final long MEMORY = 1 << 24;
    private static final Shape WEIGHT = Shape.of(70, 130);
    private static final int BATCH = 68;

    @BeforeAll
    static void needsCompiler() {
        assumeTrue(Emulation.isAvailable(), "skipped: there is no g++ to compile the kernels with");
    }

    /** A library in which one line of one kernel is another. */
    private static Path with(String name, String right, String wrong) {
        int[] changes = new int[1];
        Path library = Emulation.build(name, text -> {
            int at = text.indexOf(right);
            if (at < 0) {
                return text;
            }
            changes[0]++;
            return text.substring(0, at) + wrong + text.substring(at + right.length());
        });
        assertEquals(1, changes[0], "the line must stand in one file: " + right);
        return library;
    }

    private static float[] drawn(String name, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) SEED.in(name).uniform(i) - 0.5f;
        }
        return values;
    }

    private static Buffer buffer(Backend backend, float... values) {
        Buffer buffer = backend.allocate(values.length);
        backend.write(buffer, values, values.length);
        return buffer;
    }

    private static float[] product(Backend backend, Form weight) {
        Buffer w = buffer(backend, drawn("w", weight.stored().size()));
        Buffer x = buffer(backend, drawn("x", WEIGHT.size(1) * BATCH));
        float[] g = new float[WEIGHT.size(0) * BATCH];
        Buffer result = buffer(backend, g);
        backend.matmul(Face.OUTPUT, weight, BATCH, w, x, result);
        backend.read(result, g, g.length);
        return g;
    }

    private static float[] sum(Backend backend) {
        Buffer x = buffer(backend, drawn("x", 3000));
        float[] sum = new float[1];
        Buffer result = buffer(backend, sum);
        backend.sum(Shape.of(3000), x, Shape.SCALAR, result);
        backend.read(result, sum, 1);
        return sum;
    }

    /** Of values of which many are equal. */
    private static float[] largest(Backend backend) {
        float[] values = drawn("x", 5000);
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.round(8 * values[i]);
        }
        float[] stays = new float[values.length];
        Buffer y = buffer(backend, stays);
        backend.keepLargest(2000, values.length, buffer(backend, values), y);
        backend.read(y, stays, stays.length);
        return stays;
    }

    private interface Work {
        float[] on(Backend backend);
    }

    /** Whether a result is the reference's for every order of threads. */
    private static boolean isRight(Path library, Work work) {
        float[] expected;
        try (Backend reference = new Reference()) {
            expected = work.on(reference);
        }
        boolean right = true;
        for (int order = 1; order <= 5; order++) {
            try (var backend = new CudaBackend("cuda", new EmulatedDevice(library, order, MEMORY), null)) {
                float[] got = work.on(backend);
                for (int i = 0; i < expected.length; i++) {
                    right &= Math.abs(expected[i] - got[i]) < 1e-3;
                }
            }
        }
        return right;
    }

    private static String error(Path library, Work work) {
        try (var backend = new CudaBackend("cuda", new EmulatedDevice(library, 1, MEMORY), null)) {
            return assertThrows(BackendException.class, () -> work.on(backend)).getMessage();
        }
    }

    private static float[] dense(Backend backend) {
        return product(backend, Form.dense(WEIGHT));
    }

    private static float[] sparse(Backend backend) {
        return product(backend, Form.masked(Mask.where(WEIGHT, position -> SEED.in("mask").uniform(position) < 0.1)));
    }

    @Test
    void nothingIsFoundWhereNothingIsWrong() {
        assertTrue(isRight(Emulation.library(), PlantedFaultsTest::dense));
        assertTrue(isRight(Emulation.library(), PlantedFaultsTest::sparse));
        assertTrue(isRight(Emulation.library(), PlantedFaultsTest::sum));
        assertTrue(isRight(Emulation.library(), PlantedFaultsTest::largest));
    }

    @Test
    void aMissingBarrierOfATile() {
        Path library = with("no-barrier", "        rightSlab.store(rightRoom[room]);\n        __syncthreads();\n",
                "        rightSlab.store(rightRoom[room]);\n");
        assertFalse(isRight(library, PlantedFaultsTest::dense));
    }

    @Test
    void aMissingBarrierOfASum() {
        Path library = with("no-barrier-in-sum", "        ofWarp[warp()] = value;\n    }\n    __syncthreads();\n",
                "        ofWarp[warp()] = value;\n    }\n");
        assertFalse(isRight(library, PlantedFaultsTest::sum));
    }

    @Test
    void aMissingBarrierOfARank() {
        Path library = with("no-barrier-in-rank", "        room[threadIdx.x] = sum;\n        __syncthreads();\n",
                "        room[threadIdx.x] = sum;\n");
        assertFalse(isRight(library, PlantedFaultsTest::largest));
    }

    @Test
    void oneRoomForTwoSlabs() {
        Path library = with("one-room", "room ^= 1", "room ^= 0");
        assertFalse(isRight(library, PlantedFaultsTest::dense));
    }

    @Test
    void aSumThatEndsOneTooEarly() {
        Path library = with("one-less", "int end = starts[row + 1];", "int end = starts[row + 1] - 1;");
        assertFalse(isRight(library, PlantedFaultsTest::sparse));
    }

    @Test
    void aBarrierThatOnlySomeThreadsReach() {
        Path library = with("some-threads", "    if (lane() == 0) {\n        ofWarp[warp()] = value;\n    }\n",
                "    if (lane() == 0) {\n        ofWarp[warp()] = value;\n        __syncthreads();\n    }\n");
        String message = error(library, PlantedFaultsTest::sum);
        assertTrue(message.contains("threads of one block wait at different barriers"), message);
    }

    @Test
    void aShuffleThatOnlySomeLanesReach() {
        Path library = with("some-lanes", "            float shared = __shfl_sync(ALL_LANES, weight, j);",
                "            float shared = lane() == 31 ? 0 : __shfl_sync(ALL_LANES, weight, j);");
        String message = error(library, PlantedFaultsTest::sparse);
        assertTrue(message.contains("lanes") || message.contains("collective"), message);
    }

    @Test
    void aBlockThatLeavesBeforeABarrier() {
        Path library = with("early-return", "    __syncthreads();    // whoever used the room before has read it\n",
                "    if (threadIdx.x == 7) {\n        return value;\n    }\n    __syncthreads();    // whoever used the room before has read it\n");
        String message = error(library, PlantedFaultsTest::sum);
        assertTrue(message.contains("a barrier that threads which have ended did not reach"), message);
    }

    @Test
    void aValueBesideTheResult() {
        Path library = with("beside", "KERNEL(fill, float value, int n, float* y) {\n    unsigned i = element();\n    if (i < n) {",
                "KERNEL(fill, float value, int n, float* y) {\n    unsigned i = element();\n    if (i <= n) {");
        var device = new EmulatedDevice(library, 1, MEMORY);
        var backend = new CudaBackend("cuda", device, null);
        Buffer y = backend.allocate(128);           // 512 bytes, as many as are allocated for it
        backend.fill(y, 1);
        String message = assertThrows(BackendException.class, () -> {
            backend.release(y);
            backend.close();
        }).getMessage();
        assertEquals("a kernel wrote beside an allocation", message);
    }

    @Test
    void aKernelThatDoesNotExist() {
        try (var device = new EmulatedDevice(Emulation.library(), 1, MEMORY)) {
            var error = assertThrows(BackendException.class, () -> device.launch(new Launch("Kernels", "nothing", Grid.blocks(1))));
            assertEquals("cuda: Kernels: nothing: there is no such kernel", error.getMessage());
        }
    }

    /** Several blocks, each of which uses the room of the one before. */
    @Test
    void sharedMemoryIsNotWhatABlockFindsInIt() {
        float[] rows = new float[8];
        try (var backend = new CudaBackend("cuda", new EmulatedDevice(Emulation.library(), 3, MEMORY), null)) {
            Buffer x = buffer(backend, drawn("x", 8 * 300));
            Buffer y = buffer(backend, rows);
            backend.sum(Shape.of(8, 300), x, Shape.of(8, 1), y);
            backend.read(y, rows, 8);
        }
        float[] expected = new float[8];
        float[] values = drawn("x", 8 * 300);
        for (int row = 0; row < 8; row++) {
            double sum = 0;
            for (float value : Arrays.copyOfRange(values, row * 300, (row + 1) * 300)) {
                sum += value;
            }
            expected[row] = (float) sum;
        }
        assertArrayEquals(expected, rows, 1e-4f);
    }
}
