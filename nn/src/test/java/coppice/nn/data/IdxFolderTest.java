package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFolderTest {

    @TempDir
    private Path folder;
    private IdxFiles files;

    @BeforeEach
    void writeFolder() {
        files = new IdxFiles(folder);
        files.writeAll();
    }

    @Test
    void readsBothParts() {
        TrainAndTest data = new IdxFolder("tiny", folder).read();
        assertEquals("tiny train: 3 images of [1, 2, 3] in 10 classes", data.train().toString());
        assertEquals("tiny test: 2 images of [1, 2, 3] in 10 classes", data.test().toString());
        assertArrayEquals(new byte[] {0, 9, 4}, ((Dataset) data.train()).labels());
        assertEquals((byte) (17 * 7), ((Dataset) data.train()).pixels()[17]);
    }

    @Test
    void namesTheFileAtFault() throws IOException {
        files.write("train-labels-idx1-ubyte.gz", IdxFiles.labels(0, 9));
        refused("/train-labels-idx1-ubyte.gz: must hold one label per image, got 2 labels for the 3 images of"
                + " train-images-idx3-ubyte.gz");
        files.write("train-labels-idx1-ubyte.gz", IdxFiles.labels(0, 10, 1));
        refused("/train-labels-idx1-ubyte.gz: label 1 is 10, expected 0 to 9");
        files.writeAll();
        files.write("t10k-images-idx3-ubyte", IdxFiles.images(2, 3, 2));
        refused(": images of train and test must have one shape, got [1, 2, 3] and [1, 3, 2]");
        Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
        refused(": has no file t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz");
    }

    @Test
    void namesTheFolderAtFault() {
        String expected = "; it should hold train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,"
                + " t10k-labels-idx1-ubyte, each with or without .gz";
        Path missing = folder.resolve("none");
        assertEquals(missing + ": no such folder" + expected,
                assertThrows(DataException.class, () -> new IdxFolder("x", missing).read()).getMessage());
        Path file = folder.resolve("t10k-images-idx3-ubyte");
        assertEquals(file + ": is a file, expected a folder" + expected,
                assertThrows(DataException.class, () -> new IdxFolder("x", file).read()).getMessage());
    }

    @Test
    void aCheckTellsWhatIsThere() {
        FolderCheck check = FolderCheck.of(folder, Catalogue.PUBLISHED);
        assertTrue(check.sound());
        assertEquals(List.of(), check.problems());
        assertEquals(6, check.findings().size());
        assertEquals("t10k-labels-idx1-ubyte: 10 bytes, MD5 " + Md5.of(folder.resolve("t10k-labels-idx1-ubyte")).hex()
                + ", not as published in the catalogue", check.findings().get(3));
        assertEquals("train: 3 images of [1, 2, 3], labels 0: 1, 1: 0, 2: 0, 3: 0, 4: 1, 5: 0, 6: 0, 7: 0, 8: 0, 9: 1",
                check.findings().get(4));
        assertTrue(check.toString().endsWith(folder + ": sound"), check.toString());
    }

    @Test
    void aCheckTellsEveryProblemOnce() throws IOException {
        Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
        files.write("train-images-idx3-ubyte.gz", new byte[3]);
        FolderCheck check = FolderCheck.of(folder, Catalogue.PUBLISHED);
        assertFalse(check.sound());
        assertEquals(List.of(
                folder + ": has no file t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz",
                folder.resolve("train-images-idx3-ubyte.gz")
                        + ": too short, an IDX file of 3 axes starts with a header of 16 bytes, got 3 bytes in all"),
                check.problems());
        FolderCheck nothing = FolderCheck.of(folder.resolve("none"), Catalogue.PUBLISHED);
        assertEquals(1, nothing.problems().size(), nothing.toString());
    }

    @Test
    void readsMnist() {
        published("mnist", new int[] {5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}, 0.1307f, 0.3081f);
    }

    @Test
    void readsFashionMnist() {
        published("fashion-mnist", new int[] {6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000, 6000}, 0.2860f,
                0.3530f);
    }

    private static void published(String name, int[] histogram, float mean, float std) {
        Path path = Path.of(System.getProperty("coppice.data", "../../shared/data")).resolve(name);
        assumeTrue(Files.isDirectory(path), () -> "skipped: no folder " + path.toAbsolutePath().normalize()
                + "; the property coppice.data names the folder that holds " + name);
        TrainAndTest data = new IdxFolder(name, path).read();
        assertEquals(60_000, data.train().size());
        assertEquals(10_000, data.test().size());
        assertEquals(Shape.of(1, 28, 28), data.train().example());
        assertArrayEquals(histogram, data.train().histogram());
        Normalisation normalisation = Normalisation.of(View.all(data.train()));
        assertEquals(mean, normalisation.mean()[0], 5e-5);
        assertEquals(std, normalisation.std()[0], 5e-5);
        FolderCheck check = FolderCheck.of(path, Catalogue.PUBLISHED);
        assertTrue(check.sound(), check.toString());
        check.findings().subList(0, 4).forEach(
                finding -> assertTrue(finding.endsWith("as published: " + name), finding));
    }

    private void refused(String problem) {
        assertEquals(folder + problem,
                assertThrows(DataException.class, () -> new IdxFolder("tiny", folder).read()).getMessage());
    }
}
