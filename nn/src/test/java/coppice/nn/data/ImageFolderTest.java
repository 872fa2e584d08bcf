package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {

    private static final Path IMAGES = Path.of("../test-data/images");
    private static final Seed SEED = Seed.of(6);

    @TempDir
    private Path temporary;
    private Path root;

    @BeforeEach
    void writeFolder() throws IOException {
        root = Files.createDirectory(temporary.resolve("photos"));
        put("train/cat/b.png", "rgb.png");
        put("train/cat/a.JPEG", "rgb.jpg");
        put("train/ant/z.jpg", "cmyk.jpg");
        put("train/ant/y.jpg", "grey.jpg");
        put("train/ant/.hidden", "rgb.png");
        put("val/ant/1.png", "palette.png");
        put("val/cat/2.png", "grey-16.png");
    }

    private void put(String name, String image) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.copy(IMAGES.resolve(image), root.resolve(name));
    }

    private static float[] fill(Images images, int[] indices, Augmentation augmentation, long epoch) {
        float[] x = new float[images.example().size() * indices.length];
        float[] targets = new float[images.classes() * indices.length];
        new Batches(images, Normalisation.imageNet()).fill(indices, 0, indices.length, augmentation, SEED, epoch, x, targets);
        for (int n = 0; n < indices.length; n++) {
            assertEquals(1, targets[images.label(indices[n]) * indices.length + n]);
        }
        return x;
    }

    @Test
    void listsByClassAndName() {
        TrainAndTest parts = new ImageFolder(root, 14).read();
        ImageFiles train = (ImageFiles) parts.train();
        assertEquals("photos train: 4 images of [3, 14, 14] in 2 classes", train.toString());
        assertEquals("photos test: 2 images of [3, 14, 14] in 2 classes", parts.test().toString());
        assertEquals(List.of("ant", "cat"), train.classNames());
        assertEquals(List.of("ant/y.jpg", "ant/z.jpg", "cat/a.JPEG", "cat/b.png"), Stream.of(0, 1, 2, 3)
                .map(image -> root.resolve("train").relativize(train.file(image)).toString()).toList());
        assertArrayEquals(new int[] {0, 0, 1, 1}, new int[] {train.label(0), train.label(1), train.label(2), train.label(3)});
        Splits splits = Splits.of(train, parts.test(), 1, SEED);
        assertEquals(3, splits.train().size());
        assertEquals(2, splits.test().size());
    }

    @Test
    void aBatchHoldsTheMiddleOfEachPicture() {
        ImageFiles train = (ImageFiles) new ImageFolder(root, 14).read().train();
        int[] indices = {3, 0, 2};
        float[] x = new float[588 * 3];
        new Batches(train, Normalisation.imageNet()).fill(indices, 0, 3, x, new float[6]);
        assertArrayEquals(fill(train, indices, Augmentation.none(), 5), x);
        for (int n = 0; n < 3; n++) {
            byte[] middle = new byte[588];
            new PictureFile(train.file(indices[n])).read().centre(train.example(), middle, 0);
            for (int feature : new int[] {0, 195, 196, 587}) {
                int channel = feature / 196;
                double expected = ((middle[feature] & 0xFF) / 255.0 - Normalisation.imageNet().mean()[channel])
                        / Normalisation.imageNet().std()[channel];
                assertEquals(expected, x[feature * 3 + n], 1e-5);
            }
        }
    }

    @Test
    void anImageDependsOnSeedEpochAndImageOnly() {
        ImageFiles train = (ImageFiles) new ImageFolder(root, 14).read().train();
        for (Augmentation augmentation : List.of(Augmentation.resizedCrop(), Augmentation.cropAndFlip(3))) {
            float[] batch = fill(train, new int[] {3, 1, 0, 2}, augmentation, 1);
            float[] alone = fill(train, new int[] {0}, augmentation, 1);
            for (int feature = 0; feature < 588; feature++) {
                assertEquals(alone[feature], batch[feature * 4 + 2]);
            }
            assertFalse(Arrays.equals(alone, fill(train, new int[] {0}, augmentation, 2)), "epochs differ");
        }
    }

    /** The mean over many crops of a ramp is its middle; single crops are far from it, and none leaves its values. */
    @Test
    void resizedCropsAreSpreadOverThePicture() {
        Shape shape = Shape.of(1, 40, 60);
        byte[] ramp = new byte[2400];
        for (int i = 0; i < 2400; i++) {
            ramp[i] = (byte) (20 + 3 * (i % 60));
        }
        Picture picture = new Picture(shape, ramp, 0);
        byte[] crop = new byte[64];
        double sum = 0;
        double squares = 0;
        int rising = 0;
        for (int i = 0; i < 2000; i++) {
            new Augmentation.ResizedCrop().cut(SEED.in(i), picture, Shape.of(1, 8, 8), crop, 0);
            double mean = 0;
            for (byte value : crop) {
                assertTrue((value & 0xFF) >= 20 && (value & 0xFF) <= 197);
                mean += (value & 0xFF) / 64.0;
            }
            sum += mean;
            squares += mean * mean;
            rising += (crop[7] & 0xFF) > (crop[0] & 0xFF) ? 1 : 0;
        }
        assertEquals(108.5, sum / 2000, 2);
        double deviation = Math.sqrt(squares / 2000 - sum / 2000 * sum / 2000);
        assertTrue(deviation > 15 && deviation < 40, "deviation " + deviation);
        assertEquals(1000, rising, 100);
    }

    @Test
    void aVeryWidePictureIsCutInTheMiddle() {
        byte[] wide = new byte[200];
        Arrays.fill(wide, 97, 103, (byte) 200);
        byte[] crop = new byte[4];
        new Augmentation.ResizedCrop().cut(SEED, new Picture(Shape.of(1, 1, 200), wide, 0), Shape.of(1, 2, 2), crop, 0);
        assertArrayEquals(new byte[] {(byte) 200, (byte) 200, (byte) 200, (byte) 200}, crop);
    }

    @Test
    void imagesInMemoryCanBeCroppedAndResizedToo() {
        byte[] same = new byte[2 * 147];
        Dataset data = new Draws(SEED).dataset(Shape.of(3, 7, 7), 2, 3);
        Augmentation.resizedCrop().apply(SEED, data.example(), data.pixels(), 147, same, 147);
        assertArrayEquals(new byte[147], Arrays.copyOf(same, 147), "nothing is written before the image");
    }

    @Test
    void aDamagedFileEndsTheBatchAndThePrefetchWithItsName() throws IOException {
        Path file = Files.writeString(root.resolve("train/cat/b.png"), "no picture");
        ImageFiles train = (ImageFiles) new ImageFolder(root, 14).read().train();
        String problem = file + ": is not an image that can be read, expected JPEG or PNG";
        assertEquals(problem, assertThrows(DataException.class,
                () -> fill(train, new int[] {0, 3, 1}, Augmentation.none(), 0)).getMessage());
        try (Prefetch prefetch = new Prefetch(new Order(SEED, View.all(train), 4),
                new Batches(train, Normalisation.imageNet()), Augmentation.resizedCrop(), SEED, 0, 5)) {
            assertEquals(problem, assertThrows(DataException.class, prefetch::next).getMessage());
        }
    }

    @Test
    void namesTheFolderAtFault() throws IOException {
        put("train/cat/notes.txt", "rgb.png");
        refused(root.resolve("train/cat/notes.txt") + ": is not named as an image, expected .jpg, .jpeg or .png");
        Files.delete(root.resolve("train/cat/notes.txt"));
        Files.createDirectory(root.resolve("train/dog"));
        refused(root.resolve("train/dog") + ": has no images, expected .jpg, .jpeg or .png");
        put("train/dog/d.png", "rgb.png");
        refused(root + ": both parts must have the same classes, got [1 only in photos train, such as dog]");
        Files.move(root.resolve("val"), root.resolve("validation"));
        refused(root + ": has no folder test; it should hold train and val (or test), each with a folder of images for each"
                + " class");
        Files.createDirectory(root.resolve("test"));
        refused(root.resolve("test") + ": has no folders, expected one for each class");
        assertEquals("image folder: side must be 1 to 1024, got 0",
                assertThrows(IllegalArgumentException.class, () -> new ImageFolder(root, 0)).getMessage());
    }

    @Test
    void aCheckOfPicturesThatLackAPartSaysSo() throws IOException {
        Files.delete(root.resolve("val/ant/1.png"));
        Files.delete(root.resolve("val/cat/2.png"));
        Files.delete(root.resolve("val/ant"));
        Files.delete(root.resolve("val/cat"));
        Files.delete(root.resolve("val"));
        assertEquals(List.of(root + ": has no folder test; it should hold train and val (or test), each with a folder of images for each class"),
                FolderCheck.of(root, Catalogue.PUBLISHED).problems());
    }

    @Test
    void hasNoStatisticsOfItsOwn() {
        ImageFiles train = (ImageFiles) new ImageFolder(root, 14).read().train();
        assertEquals("normalisation: photos train is not in memory, and needs a given mean and std, such as those of ImageNet",
                assertThrows(IllegalArgumentException.class, () -> Normalisation.of(View.all(train))).getMessage());
    }

    private void refused(String message) {
        assertEquals(message,
                assertThrows(DataException.class, () -> new ImageFolder(root, 14).read()).getMessage());
    }
}
