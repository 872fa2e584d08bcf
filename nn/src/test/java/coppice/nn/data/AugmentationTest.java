package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AugmentationTest {

    private static final Seed SEED = Seed.of(17);
    private static final Shape EXAMPLE = Shape.of(3, 5, 7);

    private final Dataset data = new Draws(SEED).dataset(EXAMPLE, 10, 40);
    private final Normalisation plain = new Normalisation(new float[3], new float[] {1, 1, 1});

    /** The plain twin: the value of each pixel from where it comes from. */
    private static int expected(Dataset data, int image, int padding, long epoch, int channel, int row, int column) {
        Seed draw = SEED.in("augment").in(epoch).in(image);
        int height = data.example().size(1);
        int width = data.example().size(2);
        int y = row + draw.below(0, 2 * padding + 1) - padding;
        int x = (draw.below(2, 2) == 1 ? width - 1 - column : column) + draw.below(1, 2 * padding + 1) - padding;
        return y < 0 || y >= height || x < 0 || x >= width ? 0
                : Byte.toUnsignedInt(data.pixels()[((image * 3 + channel) * height + y) * width + x]);
    }

    @Test
    void cropsAndFlipsAgreeWithThePlainLoops() {
        int[] indices = Seed.of(2).permutation(data.size());
        for (int padding : new int[] {0, 1, 4, 9}) {
            for (int count : new int[] {20, 1, 8}) {
                float[] x = new float[EXAMPLE.size() * count];
                new Batches(data, plain).fill(indices, 5, count, Augmentation.cropAndFlip(padding), SEED, 3, x,
                        new float[10 * count]);
                for (int n = 0; n < count; n++) {
                    for (int feature = 0; feature < EXAMPLE.size(); feature++) {
                        int pixel = expected(data, indices[5 + n], padding, 3, feature / 35, feature % 35 / 7, feature % 7);
                        assertEquals(pixel / 255.0, x[feature * count + n], 1e-6,
                                "padding " + padding + " image " + n + " feature " + feature);
                    }
                }
            }
        }
    }

    @Test
    void whatHappensToAnImageDependsOnSeedEpochAndImageOnly() {
        float[] alone = image(new int[] {7}, 0, SEED, 2);
        assertArrayEquals(alone, image(new int[] {1, 2, 3, 4, 5, 6, 8, 9, 10, 7}, 9, SEED, 2));
        assertFalse(Arrays.equals(alone, image(new int[] {7}, 0, SEED, 3)), "epochs differ");
        assertFalse(Arrays.equals(alone, image(new int[] {7}, 0, Seed.of(18), 2)), "seeds differ");
    }

    private float[] image(int[] indices, int at, Seed seed, long epoch) {
        float[] x = new float[EXAMPLE.size() * indices.length];
        new Batches(data, plain).fill(indices, 0, indices.length, Augmentation.cropAndFlip(4), seed, epoch, x,
                new float[10 * indices.length]);
        float[] image = new float[EXAMPLE.size()];
        for (int feature = 0; feature < image.length; feature++) {
            image[feature] = x[feature * indices.length + at];
        }
        return image;
    }

    /** What is added is a black pixel, not a pixel of the mean colour. */
    @Test
    void paddingIsBlackBeforeNormalisation() {
        byte[] white = new byte[3 * 4 * 4];
        Arrays.fill(white, (byte) 255);
        Dataset one = new Dataset("white", Shape.of(3, 4, 4), 1, white, new byte[1]);
        float[] x = new float[48];
        int[] image = {0};
        Normalisation normalisation = Normalisation.cifar10();
        for (int epoch = 0; epoch < 20; epoch++) {
            new Batches(one, normalisation).fill(image, 0, 1, Augmentation.cropAndFlip(2), SEED, epoch, x, new float[1]);
            for (int i = 0; i < 48; i++) {
                float mean = normalisation.mean()[i / 16];
                float std = normalisation.std()[i / 16];
                assertTrue(Math.abs(x[i] + mean / std) < 1e-5 || Math.abs(x[i] - (1 - mean) / std) < 1e-5, "got " + x[i]);
            }
        }
    }

    @Test
    void everyPlaceAndBothDirectionsComeUpEquallyOften() {
        byte[] pixels = new byte[9];
        for (int i = 0; i < 9; i++) {
            pixels[i] = (byte) (i + 1);
        }
        Map<String, Integer> seen = new HashMap<>();
        byte[] changed = new byte[9];
        for (int i = 0; i < 18_000; i++) {
            Augmentation.cropAndFlip(1).apply(SEED.in(i), Shape.of(1, 3, 3), pixels, 0, changed, 0);
            seen.merge(Arrays.toString(changed), 1, Integer::sum);
        }
        assertEquals(18, seen.size());
        seen.forEach((image, count) -> assertTrue(Math.abs(count - 1000) < 150, image + " " + count + " times"));
    }

    @Test
    void noneIsThePlainFill() {
        int[] indices = {3, 1, 4, 1, 5};
        float[] x = new float[EXAMPLE.size() * 5];
        float[] same = x.clone();
        float[] targets = new float[50];
        new Batches(data, plain).fill(indices, 0, 5, x, targets);
        new Batches(data, plain).fill(indices, 0, 5, Augmentation.none(), SEED, 0, same, targets);
        assertArrayEquals(x, same);
        byte[] copy = new byte[EXAMPLE.size()];
        Augmentation.none().apply(SEED, EXAMPLE, data.pixels(), EXAMPLE.size(), copy, 0);
        assertArrayEquals(Arrays.copyOfRange(data.pixels(), EXAMPLE.size(), 2 * EXAMPLE.size()), copy);
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertEquals("augmentation: padding must be 0 to 4096, got -1",
                assertThrows(IllegalArgumentException.class, () -> Augmentation.cropAndFlip(-1)).getMessage());
        assertEquals("batches of draws: x is [105, 2] and needs 210 elements, got 209",
                assertThrows(IllegalArgumentException.class, () -> new Batches(data, plain).fill(new int[] {0, 1}, 0, 2,
                        Augmentation.cropAndFlip(1), SEED, 0, new float[209], new float[20])).getMessage());
    }
}
