package coppice.imp.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

    @TempDir
    Path folder;

    /** An odd number of bytes before the floats, an empty tensor, a scalar, names and metadata beyond ASCII. */
    private static Safetensors sample() {
        var entries = new LinkedHashMap<String, Entry>();
        entries.put("pixels", new Entry.Bytes(Shape.of(3), new byte[] {0, 127, -1}));
        entries.put("fc1.weight", new Entry.Floats(Shape.of(2, 3), new float[] {1, -2.5f, 1e-30f, -0f, Float.NaN, 7}));
        entries.put("steps", new Entry.Longs(Shape.of(2), new long[] {1L << 40, -5}));
        entries.put("größe", new Entry.Ints(Shape.of(4), new int[] {0, 7, 2_000_000_000, -1}));
        entries.put("nothing", new Entry.Floats(Shape.of(0, 4), new float[0]));
        entries.put("scale", new Entry.Floats(Shape.of(), new float[] {2.5f}));
        return new Safetensors(entries, Map.of("fc1.weight", "300,784", "note", "\"ja\"\n\t≥"));
    }

    private Path written(Safetensors content) {
        Path file = folder.resolve("weights.safetensors");
        content.write(file);
        return file;
    }

    @Test
    void whatIsWrittenIsRead() {
        Safetensors read = Safetensors.read(written(sample()));
        assertEquals(sample(), read);
        assertEquals(List.copyOf(sample().entries().keySet()), List.copyOf(read.entries().keySet()), "the order is kept");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16_384, 16_385, 100_003})
    void tensorsLongerThanTheBufferSurvive(int size) {
        Seed seed = Seed.of(size);
        var values = new float[size];
        var positions = new int[size];
        var bytes = new byte[size];
        var longs = new long[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) seed.normal(i);
            positions[i] = (int) seed.bits(i);
            bytes[i] = (byte) seed.bits(i);
            longs[i] = seed.bits(i);
        }
        var entries = new LinkedHashMap<String, Entry>();
        entries.put("bytes", new Entry.Bytes(Shape.of(size), bytes));
        entries.put("positions", new Entry.Ints(Shape.of(size), positions));
        entries.put("values", new Entry.Floats(Shape.of(size), values));
        entries.put("longs", new Entry.Longs(Shape.of(size), longs));
        var content = new Safetensors(entries, Map.of());
        assertEquals(content, Safetensors.read(written(content)));
    }

    @Test
    void theSameContentGivesTheSameBytes() throws IOException {
        byte[] first = Files.readAllBytes(written(sample()));
        byte[] second = Files.readAllBytes(written(sample()));
        assertArrayEquals(first, second);
        long header = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, header % 8, "the data section is aligned");
    }

    @Test
    void anEmptyFileIsAFile() {
        var empty = new Safetensors(new LinkedHashMap<>(), Map.of());
        assertEquals(empty, Safetensors.read(written(empty)));
    }

    @Test
    void aFileOfThePythonImplementationIsRead() {
        Safetensors read = Safetensors.importFrom(Path.of("..", "test-data", "safetensors", "golden.safetensors"));
        assertEquals(Map.of("made by", "safetensors for Python", "Gewicht", "größer als 0 – ≥"), read.metadata());
        assertEquals(Map.of(
                "fc1.weight", new Entry.Floats(Shape.of(2, 3), new float[] {0.5f, -1.25f, 3, 1e-30f, -0f, 65504}),
                "fc1.positions", new Entry.Ints(Shape.of(4), new int[] {0, 7, 2_000_000_000, -1}),
                "steps", new Entry.Longs(Shape.of(2), new long[] {1L << 40, -5}),
                "pixels", new Entry.Bytes(Shape.of(1, 3), new byte[] {0, 127, -1}),
                "scale", new Entry.Floats(Shape.of(), new float[] {2.5f}),
                "empty", new Entry.Floats(Shape.of(0, 4), new float[0])), read.entries());
    }

    @Test
    void aFileWithoutDigestIsNoneOfOurs() {
        Path golden = Path.of("..", "test-data", "safetensors", "golden.safetensors");
        var error = assertThrows(StoreException.class, () -> Safetensors.read(golden));
        assertTrue(error.getMessage().contains("golden.safetensors: the metadata have no coppice.sha256"), error.getMessage());
    }

    @Test
    void everyFlippedBitIsNoticed() throws IOException {
        Path file = written(sample());
        byte[] bytes = Files.readAllBytes(file);
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, damaged);
            String where = "bit " + bit % 8 + " of byte " + bit / 8;
            var error = assertThrows(StoreException.class, () -> Safetensors.read(file), where);
            assertTrue(error.getMessage().startsWith(file + ": "), error.getMessage());
        }
    }

    @Test
    void everyCutIsNoticed() throws IOException {
        Path file = written(sample());
        byte[] bytes = Files.readAllBytes(file);
        for (int length = 0; length < bytes.length; length++) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertThrows(StoreException.class, () -> Safetensors.read(file), "cut to " + length + " bytes");
        }
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
        assertThrows(StoreException.class, () -> Safetensors.read(file), "one byte more");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40, 100_000_001, 3})
    void anAbsurdHeaderLengthTakesNoMemory(long length) throws IOException {
        Path file = folder.resolve("absurd.safetensors");
        Files.write(file, ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put("{}".getBytes()).array());
        var error = assertThrows(StoreException.class, () -> Safetensors.importFrom(file));
        assertTrue(error.getMessage().contains("a header of " + Long.toUnsignedString(length)
                + " bytes is announced, at most 2 are possible in a file of 10 bytes"), error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(quoteCharacter = '`', delimiter = '|', textBlock = """
            {"a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}             | dtype must be one of [F32, I32, I64, U8], got "F16"
            {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}             | F32 [2] takes 8 bytes, its data_offsets [0, 4] hold 4
            {"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}            | no valid shape [-1]
            {"a": {"dtype": "F32", "shape": [65536, 65536], "data_offsets": [0, 4]}}  | no valid shape [65536, 65536]
            {"a": {"dtype": "F32", "shape": [4294967297], "data_offsets": [0, 4]}}    | no valid shape [4294967297]
            {"a": {"dtype": "F32", "shape": [1.5], "data_offsets": [0, 4]}}           | shape must hold integers, got [1.5]
            {"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}             | data_offsets must be [begin, end], got [4, 0]
            {"a": {"dtype": "F32", "shape": [1], "data_offsets": [2, 6]}}             | tensor a begins at byte 2 of the data section, the one before it ends at byte 0
            {"a": {"dtype": "F32", "shape": [500000000], "data_offsets": [0, 2000000000]}} | the header describes 2000000000 bytes of data, the file has 4
            {"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [3], "data_offsets": [1, 4]}} | tensor b begins at byte 1
            {"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}} | Duplicate
            {"a": {"dtype": "F32", "shape": [1]}}                                     | tensor a must have dtype, shape and data_offsets
            {"a": 7}                                                                  | tensor a must have dtype, shape and data_offsets
            {"__metadata__": {"a": 7}}                                                | the metadata entry a is no text
            {"__metadata__": "a"}                                                     | __metadata__ is no JSON object
            [7]                                                                       | the header is no JSON object
            """)
    void aWrongHeaderIsNamed(String json, String message) throws IOException {
        Path file = folder.resolve("wrong.safetensors");
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(12 + header.length).order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length).put(header).putInt(0).array());
        var error = assertThrows(StoreException.class, () -> Safetensors.importFrom(file));
        assertTrue(error.getMessage().contains(message), error.getMessage());
    }

    @Test
    void whatTheFormatCannotHoldIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Entry.Floats(Shape.of(2, 3), new float[5]));
        assertThrows(IllegalArgumentException.class, () -> new Safetensors(new LinkedHashMap<>(
                Map.of("__metadata__", new Entry.Bytes(Shape.of(0), new byte[0]))), Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new Safetensors(new LinkedHashMap<>(), Map.of("coppice.sha256", "")));
    }

    @Test
    void aTensorIsAskedForByNameAndType() {
        assertEquals(2.5f, sample().floats("scale").values()[0]);
        var wrongType = assertThrows(IllegalArgumentException.class, () -> sample().ints("scale"));
        assertEquals("safetensors: expected scale of type I32, got scale of type F32", wrongType.getMessage());
        var missing = assertThrows(IllegalArgumentException.class, () -> sample().floats("fc9.weight"));
        assertTrue(missing.getMessage().contains("got tensors [pixels, fc1.weight, "), missing.getMessage());
    }

    @Test
    void aTensorCannotBeChangedFromOutside() {
        var values = new float[] {1, 2};
        var floats = new Entry.Floats(Shape.of(2), values);
        values[0] = 9;
        floats.values()[1] = 9;
        assertArrayEquals(new float[] {1, 2}, floats.values());
    }
}
