package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.imp.settings.SettingsException;
import coppice.nn.data.Catalogue;
import coppice.nn.data.DataException;
import coppice.nn.data.FolderCheck;
import coppice.nn.data.ImageFiles;
import coppice.nn.data.ImageFolder;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs on pictures in the layout of ImageNet, which are decoded as they are needed. */
final class ImageFolderRunTest {

    @TempDir
    private Path temporary;
    private Path pictures;

    /** Two classes, one of tall bars and one of wide ones, in pictures of several sizes. */
    @BeforeEach
    void draw() throws IOException {
        pictures = temporary.resolve("pictures");
        for (int i = 0; i < 40; i++) {
            boolean tall = i % 2 == 0;
            Path folder = Files.createDirectories(pictures.resolve(i < 30 ? "train" : "val").resolve(tall ? "tall" : "wide"));
            var picture = new BufferedImage(20 + i % 7, 18 + i % 5, BufferedImage.TYPE_INT_RGB);
            var pen = picture.createGraphics();
            pen.setColor(new Color(255, 10 * i % 256, 200));
            pen.fillRect(tall ? 4 + i % 11 : 0, tall ? 0 : 4 + i % 9, tall ? 4 : 100, tall ? 100 : 4);
            pen.dispose();
            ImageIO.write(picture, "png", folder.resolve(i + ".png").toFile());
        }
    }

    private TinyRun run(String runs, String... more) {
        List<String> settings = new ArrayList<>(List.of("data.name=image-folder", "data.root=" + pictures, "data.side=12", "data.train=null",
                "data.test=null", "data.validation=6", "data.scale=imagenet", "data.augment=resized-crop"));
        settings.addAll(List.of(more));
        return new TinyRun(temporary.resolve(runs), settings);
    }

    @Test
    void trainsAndGoesOnWithTheSameBits() {
        TinyRun whole = run("whole");
        whole.execute();
        TinyRun stopped = run("stopped");
        assertEquals("stopped at step 7 of replicate 1, level 1, ticket", stopped.executeUntil(2, 7).getLast());
        stopped.execute();
        assertEquals(whole.digests(), stopped.digests());
    }

    @Test
    void aPartOfThePicturesIsSpreadOverTheClasses() {
        run("some", "data.train=20", "data.test=5", "data.validation=4").execute();
        ImageFiles all = (ImageFiles) new ImageFolder(pictures, 12).read().train();
        assertArrayEquals(new int[] {10, 10}, all.evenly(20).histogram());
        assertArrayEquals(all.histogram(), all.evenly(30).histogram());
        assertEquals(all.file(0), all.evenly(1).file(0));
        for (int count : new int[] {0, 31}) {
            assertEquals("pictures train: has 30 images, got " + count,
                    assertThrows(IllegalArgumentException.class, () -> all.evenly(count)).getMessage());
        }
    }

    @Test
    void aDamagedPictureIsNamed() throws IOException {
        Path damaged = Files.writeString(pictures.resolve("train/wide/7.png"), "no picture");
        String problem = damaged + ": is not an image that can be read, expected JPEG or PNG";
        assertEquals(problem, assertThrows(DataException.class, run("runs")::execute).getMessage());
        FolderCheck check = FolderCheck.of(pictures, Catalogue.PUBLISHED);
        assertEquals(List.of(problem), check.problems());
        assertEquals(List.of("pictures train: 30 pictures in 2 classes, 15 to 15 of each",
                "pictures test: 10 pictures in 2 classes, 5 to 5 of each"), check.findings());
    }

    @Test
    void otherPicturesAreAnotherRun() throws IOException {
        run("runs").execute();
        Files.delete(pictures.resolve("train/wide/7.png"));
        String message = assertThrows(SettingsException.class, run("runs")::execute).getMessage();
        assertTrue(message.contains("was started with other examples than these"), message);
    }

    @Test
    void refusesWhatDoesNotFit() {
        refused("data.side: the side of an image in pixels is needed for an image-folder, and for nothing else; got null for image-folder",
                "data.side=null");
        refused("data.side: the side of an image in pixels is needed for an image-folder, and for nothing else; got 12 for strokes",
                "data.name=strokes");
        refused("data.root: must name the folder that holds train/CLASS/*.jpg and val/CLASS/*.jpg", "data.root=null");
        refused("data.scale: \"standard\" would look at every picture first; choose imagenet or unit", "data.scale=standard");
        refused("data.train: pictures train has 30 examples, got 31", "data.train=31");
    }

    private void refused(String message, String override) {
        assertEquals(message, assertThrows(SettingsException.class, run("refused", override)::execute).getMessage());
    }
}
