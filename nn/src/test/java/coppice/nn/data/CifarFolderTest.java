package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Shape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarFolderTest {

    private static final int PIXELS = 3 * 32 * 32;

    @TempDir
    private Path folder;

    /** A file of one record for each list of label bytes; pixel {@code i} of record {@code n} is {@code i · 7 + n}. */
    private static void write(Path file, int[]... labels) throws IOException {
        int head = labels[0].length;
        byte[] bytes = new byte[labels.length * (head + PIXELS)];
        for (int record = 0; record < labels.length; record++) {
            int at = record * (head + PIXELS);
            for (int label : labels[record]) {
                bytes[at++] = (byte) label;
            }
            for (int i = 0; i < PIXELS; i++) {
                bytes[at + i] = (byte) (i * 7 + record);
            }
        }
        Files.write(file, bytes);
    }

    private void write10(Path where) throws IOException {
        for (int batch = 1; batch <= 5; batch++) {
            write(where.resolve("data_batch_" + batch + ".bin"), new int[] {batch}, new int[] {9 - batch});
        }
        write(where.resolve("test_batch.bin"), new int[] {9}, new int[] {0}, new int[] {3});
    }

    private void write100() throws IOException {
        write(folder.resolve("train.bin"), new int[] {19, 99}, new int[] {0, 42});
        write(folder.resolve("test.bin"), new int[] {7, 1});
    }

    @Test
    void readsTheFiveBatchesInOrder() throws IOException {
        write10(folder);
        TrainAndTest data = new CifarFolder("cifar-10", folder).read();
        assertEquals("cifar-10 train: 10 images of [3, 32, 32] in 10 classes", data.train().toString());
        assertEquals("cifar-10 test: 3 images of [3, 32, 32] in 10 classes", data.test().toString());
        assertArrayEquals(new byte[] {1, 8, 2, 7, 3, 6, 4, 5, 5, 4}, ((Dataset) data.train()).labels());
        assertArrayEquals(new byte[] {9, 0, 3}, ((Dataset) data.test()).labels());
        for (int i : new int[] {0, 1, 1023, 1024, PIXELS - 1}) {
            assertEquals((byte) (i * 7), ((Dataset) data.train()).pixels()[4 * PIXELS + i]);
            assertEquals((byte) (i * 7 + 1), ((Dataset) data.train()).pixels()[9 * PIXELS + i]);
        }
    }

    @Test
    void readsTheFineLabels() throws IOException {
        write100();
        TrainAndTest data = new CifarFolder("cifar-100", folder).read();
        assertEquals("cifar-100 train: 2 images of [3, 32, 32] in 100 classes", data.train().toString());
        assertArrayEquals(new byte[] {99, 42}, ((Dataset) data.train()).labels());
        assertArrayEquals(new byte[] {1}, ((Dataset) data.test()).labels());
        assertEquals((byte) 8, ((Dataset) data.train()).pixels()[PIXELS + 1]);
    }

    @Test
    void readsTheFolderOfAnUnpackedArchive() throws IOException {
        write10(Files.createDirectory(folder.resolve("cifar-10-batches-bin")));
        assertEquals(10, new CifarFolder("cifar-10", folder).read().train().size());
    }

    @Test
    void namesTheFileAtFault() throws IOException {
        write10(folder);
        Path file = folder.resolve("data_batch_3.bin");
        byte[] sound = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(sound, sound.length - 10));
        refused("cifar-10", "/data_batch_3.bin: has 6136 bytes, which are 1 records of 3073 bytes and 3063 bytes more; is it"
                + " truncated, or not of cifar-10?");
        Files.write(file, new byte[0]);
        refused("cifar-10", "/data_batch_3.bin: is empty, expected 1 to 10000 records of 3073 bytes");
        write(file, new int[] {0}, new int[] {10});
        refused("cifar-10", "/data_batch_3.bin: label of record 1 is 10, expected 0 to 9");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(10_001L * 3073);
        }
        refused("cifar-10", "/data_batch_3.bin: has 30733073 bytes, which are 10001 records of 3073 bytes, more than the 10000"
                + " of the published file");
        Files.delete(file);
        refused("cifar-10", ": has no file data_batch_3.bin; cifar-10 is data_batch_1.bin, data_batch_2.bin,"
                + " data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, test_batch.bin");
    }

    @Test
    void namesTheLabelAtFault() throws IOException {
        write100();
        write(folder.resolve("train.bin"), new int[] {19, 99}, new int[] {20, 1});
        refused("cifar-100", "/train.bin: coarse label of record 1 is 20, expected 0 to 19");
        write(folder.resolve("train.bin"), new int[] {19, 100});
        refused("cifar-100", "/train.bin: label of record 0 is 100, expected 0 to 99");
        refused("cifar-10", ": has no file data_batch_1.bin; cifar-10 is data_batch_1.bin, data_batch_2.bin,"
                + " data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, test_batch.bin");
    }

    @Test
    void namesTheFolderAtFault() throws IOException {
        Path missing = folder.resolve("none");
        assertEquals(missing + ": no such folder; it should hold train.bin, test.bin",
                assertThrows(DataException.class, () -> new CifarFolder("cifar-100", missing).read()).getMessage());
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals(file + ": is a file, expected a folder; it should hold train.bin, test.bin",
                assertThrows(DataException.class, () -> new CifarFolder("cifar-100", file).read()).getMessage());
        assertEquals("cifar folder: name must be cifar-10 or cifar-100, got mnist",
                assertThrows(IllegalArgumentException.class, () -> new CifarFolder("mnist", folder)).getMessage());
    }

    @Test
    void aCheckTellsWhatIsThere() throws IOException {
        write100();
        FolderCheck check = FolderCheck.of(folder, Catalogue.PUBLISHED);
        assertEquals(List.of(), check.problems());
        assertEquals("train.bin: 6148 bytes, MD5 " + Md5.of(folder.resolve("train.bin")).hex()
                + ", not as published in the catalogue", check.findings().getFirst());
        assertEquals("train: 2 images of [3, 32, 32] in 100 classes, 0 to 1 of each", check.findings().get(2));
        Files.delete(folder.resolve("test.bin"));
        assertEquals(List.of(folder + ": has no file test.bin; cifar-100 is train.bin, test.bin"),
                FolderCheck.of(folder, Catalogue.PUBLISHED).problems());
    }

    @Test
    void readsCifar10() {
        Path path = Path.of(System.getProperty("coppice.data", "../../shared/data")).resolve("cifar-10-batches-bin");
        assumeTrue(Files.isDirectory(path), () -> "skipped: no folder " + path.toAbsolutePath().normalize()
                + "; the property coppice.data names the folder that holds cifar-10-batches-bin");
        TrainAndTest data = new CifarFolder("cifar-10", path).read();
        assertEquals(50_000, data.train().size());
        assertEquals(10_000, data.test().size());
        assertEquals(Shape.of(3, 32, 32), data.train().example());
        int[] histogram = new int[10];
        Arrays.fill(histogram, 5000);
        assertArrayEquals(histogram, data.train().histogram());
        Arrays.fill(histogram, 1000);
        assertArrayEquals(histogram, data.test().histogram());
        Normalisation normalisation = Normalisation.of(View.all(data.train()));
        assertArrayEquals(new float[] {0.4914f, 0.4822f, 0.4465f}, normalisation.mean(), 1e-4f);
        assertArrayEquals(new float[] {0.2470f, 0.2435f, 0.2616f}, normalisation.std(), 1e-4f);
        FolderCheck check = FolderCheck.of(path, Catalogue.PUBLISHED);
        assertTrue(check.sound(), check.toString());
        check.findings().subList(0, 6).forEach(
                finding -> assertTrue(finding.endsWith("as long as in the published archive: cifar-10"), finding));
    }

    private void refused(String name, String problem) {
        assertEquals(folder + problem,
                assertThrows(DataException.class, () -> new CifarFolder(name, folder).read()).getMessage());
    }
}
