package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Shape;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureFileTest {

    private static final Path IMAGES = Path.of("../test-data/images");

    @TempDir
    private Path folder;

    private static Picture read(String name) {
        return new PictureFile(IMAGES.resolve(name)).read();
    }

    /** The tolerance of JPEG: decoders may round the transform differently. */
    @ParameterizedTest
    @CsvSource({"rgb.png, 0", "rgba.png, 0", "grey.png, 0", "grey-alpha.png, 0", "one-bit.png, 0", "palette.png, 0",
        "animated.png, 0", "grey-16.png, 0", "rgb-16.png, 0", "rgb.jpg, 2", "progressive.jpg, 2", "grey.jpg, 2",
        "cmyk.jpg, 2", "ycck.jpg, 2"})
    void readsWhatPillowReads(String name, int tolerance) {
        Picture picture = read(name);
        assertEquals(Shape.of(3, 17, 24), picture.shape());
        near(read(name + ".expected.png").pixels(), picture.pixels(), tolerance, name);
    }

    /** The pattern of make.py, so that the expected pictures are not read wrongly in the same way. */
    @Test
    void aPngHasThePixelsThatWereDrawn() {
        byte[] pixels = read("rgb.png").pixels();
        for (int y = 0; y < 17; y++) {
            for (int x = 0; x < 24; x++) {
                assertEquals((byte) (10 * x + 5), pixels[y * 24 + x]);
                assertEquals((byte) (250 - 14 * y), pixels[408 + y * 24 + x]);
                assertEquals((byte) (x * x + 7 * y), pixels[816 + y * 24 + x]);
            }
        }
    }

    @Test
    void scalesAsPillowScales() {
        Picture picture = read("rgb.png");
        byte[] down = new byte[3 * 6 * 5];
        picture.scale(2, 1, 20, 15, Shape.of(3, 6, 5), down, 0);
        // Pillow's filter ends at the box, ours at the picture: they agree where neither reaches beyond.
        Picture expected = read("down.expected.png");
        for (int channel = 0; channel < 3; channel++) {
            for (int y = 1; y < 5; y++) {
                for (int x = 1; x < 4; x++) {
                    int at = channel * 30 + y * 5 + x;
                    assertEquals(expected.pixels()[at] & 0xFF, down[at] & 0xFF, 1, "at " + at);
                }
            }
        }
        byte[] up = new byte[3 * 29 * 30];
        picture.scale(0, 0, 24, 17, Shape.of(3, 29, 30), up, 0);
        near(read("up.expected.png").pixels(), up, 1, "up");
    }

    @Test
    void theMiddleIsCutOut() {
        byte[] pixels = new byte[16 * 40];
        for (int y = 0; y < 16; y++) {
            Arrays.fill(pixels, y * 40 + 13, y * 40 + 27, (byte) 200); // the middle 14 of 40 columns
        }
        byte[] middle = new byte[14 * 14];
        new Picture(Shape.of(1, 16, 40), pixels, 0).centre(Shape.of(1, 14, 14), middle, 0);
        byte[] expected = new byte[14 * 14];
        Arrays.fill(expected, (byte) 200);
        near(expected, middle, 0, "middle");
    }

    @Test
    void namesTheFileAtFault() throws IOException {
        refused(folder.resolve("none.jpg"), "cannot be read or is damaged \\(java.io.FileNotFoundException: .*\\)");
        refused(IMAGES.resolve("is-gif.jpg"), "is a GIF image, expected JPEG or PNG");
        refused(Files.writeString(folder.resolve("text.png"), "not a picture"),
                "is not an image that can be read, expected JPEG or PNG");
        refused(Files.createFile(folder.resolve("empty.png")), "is not an image that can be read, expected JPEG or PNG");
        for (String name : new String[] {"rgb.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "rgb.png", "palette.png"}) {
            byte[] whole = Files.readAllBytes(IMAGES.resolve(name));
            for (int length : new int[] {12, whole.length / 3, whole.length / 2, whole.length * 3 / 4}) {
                refused(Files.write(folder.resolve(name), Arrays.copyOf(whole, length)), "(cannot be read or )?is .*");
            }
        }
    }

    /** Whatever is wrong with a file, it is said with its name; no decoder's exception passes through. */
    @Test
    void randomDamageIsSurvived() throws IOException {
        Path file = folder.resolve("damaged");
        for (String name : new String[] {"rgb.jpg", "progressive.jpg", "cmyk.jpg", "rgb.png", "palette.png", "grey-16.png"}) {
            byte[] whole = Files.readAllBytes(IMAGES.resolve(name));
            for (int i = 0; i < 150; i++) {
                byte[] damaged = whole.clone();
                var seed = coppice.engine.Seed.of(8).in(name).in(i);
                for (int hit = 0; hit < 3; hit++) {
                    damaged[seed.below(2 * hit, damaged.length)] = (byte) seed.bits(2 * hit + 1);
                }
                Files.write(file, damaged);
                try {
                    new PictureFile(file).read();
                } catch (DataException e) {
                    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
                }
            }
        }
    }

    @Test
    void aHugePictureIsNotDecoded() throws IOException {
        refused(ofSize("huge.png", 60_000, 50_000), "has 60000×50000 pixels, more than the 67108864 that are accepted");
    }

    @Test
    void aVeryLongPictureIsNotDecoded() throws IOException {
        refused(ofSize("long.png", 70_000, 1), "is 70000×1 pixels, more than the 65535 to a side that are accepted");
    }

    /** A picture whose header claims a size. */
    private Path ofSize(String name, int width, int height) throws IOException {
        byte[] png = Files.readAllBytes(IMAGES.resolve("rgb.png"));
        ByteBuffer header = ByteBuffer.wrap(png);
        header.putInt(16, width).putInt(20, height);
        CRC32 sum = new CRC32();
        sum.update(png, 12, 17);
        header.putInt(29, (int) sum.getValue());
        return Files.write(folder.resolve(name), png);
    }

    /** A few kilobytes in a file can stand for gigabytes of text. */
    @Test
    void aTextInAPictureIsNotInflated() throws IOException {
        byte[] png = Files.readAllBytes(IMAGES.resolve("rgb.png"));
        byte[] text = zipped("zTXtComment\0\0", 1 << 26);
        var file = new ByteArrayOutputStream();
        file.write(png, 0, 33);                     // the signature and the header
        var chunk = new DataOutputStream(file);
        CRC32 sum = new CRC32();
        sum.update(text);
        chunk.writeInt(text.length - 4);
        chunk.write(text);
        chunk.writeInt((int) sum.getValue());
        file.write(png, 33, png.length - 33);
        var picture = new PictureFile(Files.write(folder.resolve("text.png"), file.toByteArray()));
        picture.read();
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertArrayEquals(new PictureFile(IMAGES.resolve("rgb.png")).read().pixels(), picture.read().pixels());
        assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 1 << 25);
    }

    private static byte[] zipped(String start, int zeros) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.write(start.getBytes(StandardCharsets.ISO_8859_1));
        try (var zip = new DeflaterOutputStream(bytes)) {
            zip.write(new byte[zeros]);
        }
        return bytes.toByteArray();
    }

    private static void refused(Path file, String problem) {
        String message = assertThrows(DataException.class, () -> new PictureFile(file).read(), file.toString()).getMessage();
        assertTrue(message.startsWith(file + ": ") && message.substring(file.toString().length() + 2).matches(problem),
                message);
    }

    private static void near(byte[] expected, byte[] got, int tolerance, String what) {
        assertEquals(expected.length, got.length);
        for (int i = 0; i < got.length; i++) {
            assertEquals(expected[i] & 0xFF, got[i] & 0xFF, tolerance, what + " at " + i);
        }
    }
}
