package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class StrokesRgbTest {

    private static final int PLANE = 32 * 32;

    /** The same on every machine; it changes only when the drawing is meant to change, and with it every figure reported. */
    @Test
    void everyMachineDrawsTheSamePixels() throws NoSuchAlgorithmException {
        Dataset data = StrokesRgb.generate(Seed.of(7), 500);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(data.pixels());
        digest.update(data.labels());
        assertEquals("66ad33f73b3009465564e8ac176be4816b972cd9be0f13e37e77161650c6a0c8",
                HexFormat.of().formatHex(digest.digest()));
    }

    @Test
    void anImageDoesNotDependOnTheCount() {
        Dataset few = StrokesRgb.generate(Seed.of(3), 77);
        Dataset many = StrokesRgb.generate(Seed.of(3), 205);
        assertEquals(Shape.of(3, 32, 32), many.example());
        assertArrayEquals(few.pixels(), Arrays.copyOf(many.pixels(), few.pixels().length));
        assertArrayEquals(few.labels(), Arrays.copyOf(many.labels(), few.labels().length));
        assertFalse(Arrays.equals(few.pixels(), StrokesRgb.generate(Seed.of(4), 77).pixels()), "another seed, other images");
        for (int count : many.histogram()) {
            assertTrue(count == 20 || count == 21, Arrays.toString(many.histogram()));
        }
    }

    /** Averages over the border, which is nearly all ground, and over the brightest and darkest tenth of the whole. */
    @Test
    void inkStandsOutAndIsTheDarkerOneInAboutHalf() {
        Dataset data = StrokesRgb.generate(Seed.of(5), 1000);
        int darker = 0;
        for (int image = 0; image < 1000; image++) {
            double[] bright = new double[PLANE];
            double ground = 0;
            int border = 0;
            for (int pixel = 0; pixel < PLANE; pixel++) {
                int first = image * 3 * PLANE + pixel;
                bright[pixel] = .299 * Byte.toUnsignedInt(data.pixels()[first])
                        + .587 * Byte.toUnsignedInt(data.pixels()[first + PLANE])
                        + .114 * Byte.toUnsignedInt(data.pixels()[first + 2 * PLANE]);
                if (pixel / 32 == 0 || pixel / 32 == 31 || pixel % 32 == 0 || pixel % 32 == 31) {
                    ground += bright[pixel];
                    border++;
                }
            }
            ground /= border;
            Arrays.sort(bright);
            double below = ground - Arrays.stream(bright, 0, 40).average().orElseThrow();
            double above = Arrays.stream(bright, PLANE - 40, PLANE).average().orElseThrow() - ground;
            assertTrue(Math.max(below, above) > 45, "image " + image + ": " + below + ", " + above);
            darker += below > above ? 1 : 0;
        }
        assertTrue(darker > 420 && darker < 580, "ink is the darker one in " + darker + " of 1000");
    }

    @Test
    void refusesACountOutOfRange() {
        for (int count : new int[] {0, 500_001}) {
            assertEquals("strokes-rgb: count must be 1 to 500000, got " + count,
                    assertThrows(IllegalArgumentException.class, () -> StrokesRgb.generate(Seed.of(1), count)).getMessage());
        }
    }
}
