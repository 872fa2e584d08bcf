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

class StrokesTest {

    /** The same on every machine; it changes only when the drawing is meant to change, and with it every figure reported. */
    @Test
    void everyMachineDrawsTheSamePixels() throws NoSuchAlgorithmException {
        Dataset data = Strokes.generate(Seed.of(7), 1000);
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(data.pixels());
        digest.update(data.labels());
        assertEquals("57d44e2f4cdacd7f2d72706e8771751c563aa7d81cde5be99339929b63e73644",
                HexFormat.of().formatHex(digest.digest()));
    }

    @Test
    void anImageDoesNotDependOnTheCount() {
        Dataset few = Strokes.generate(Seed.of(3), 77);
        Dataset many = Strokes.generate(Seed.of(3), 500);
        assertArrayEquals(few.pixels(), Arrays.copyOf(many.pixels(), few.pixels().length));
        assertArrayEquals(few.labels(), Arrays.copyOf(many.labels(), few.labels().length));
        assertFalse(Arrays.equals(few.pixels(), Strokes.generate(Seed.of(4), 77).pixels()), "another seed, other images");
    }

    @Test
    void labelsAreBalancedAndShuffled() {
        Dataset data = Strokes.generate(Seed.of(3), 205);
        assertEquals(Shape.of(1, 28, 28), data.example());
        for (int count : data.histogram()) {
            assertTrue(count == 20 || count == 21, Arrays.toString(data.histogram()));
        }
        assertFalse(Arrays.equals(Arrays.copyOfRange(data.labels(), 0, 10), Arrays.copyOfRange(data.labels(), 10, 20)));
    }

    /** Even the mean image of each digit, far from what a network can do, tells most of the digits. */
    @Test
    void digitsCanBeTold() {
        Dataset train = Strokes.generate(Seed.of(3).in("train"), 5000);
        Dataset test = Strokes.generate(Seed.of(3).in("test"), 1000);
        double[][] means = new double[10][784];
        for (int i = 0; i < train.size(); i++) {
            for (int pixel = 0; pixel < 784; pixel++) {
                means[train.label(i)][pixel] += Byte.toUnsignedInt(train.pixels()[i * 784 + pixel]) / 500.0;
            }
        }
        int right = 0;
        for (int i = 0; i < test.size(); i++) {
            right += nearest(means, test.pixels(), i * 784) == test.label(i) ? 1 : 0;
        }
        assertTrue(right > 450 && right < 900, "right: " + right + " of 1000");
    }

    private static int nearest(double[][] means, byte[] pixels, int first) {
        int best = 0;
        double least = Double.MAX_VALUE;
        for (int label = 0; label < means.length; label++) {
            double distance = 0;
            for (int pixel = 0; pixel < 784; pixel++) {
                double difference = Byte.toUnsignedInt(pixels[first + pixel]) - means[label][pixel];
                distance += difference * difference;
            }
            if (distance < least) {
                least = distance;
                best = label;
            }
        }
        return best;
    }

    @Test
    void refusesACountOutOfRange() {
        for (int count : new int[] {0, 2_000_001}) {
            assertEquals("strokes: count must be 1 to 2000000, got " + count,
                    assertThrows(IllegalArgumentException.class, () -> Strokes.generate(Seed.of(1), count)).getMessage());
        }
    }
}
