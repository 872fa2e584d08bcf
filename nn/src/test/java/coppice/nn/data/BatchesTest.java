package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.kernels.ChildJvm;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class BatchesTest {

    @Test
    void everyShapeAgreesWithThePlainLoops() {
        Seed seed = Seed.of(11);
        for (Shape example : new Shape[] {Shape.of(1, 1, 1), Shape.of(1, 1, 13), Shape.of(3, 5, 7), Shape.of(1, 28, 28)}) {
            Dataset data = new Draws(seed).dataset(example, 10, 100);
            int channels = example.size(0);
            float[] mean = new float[channels];
            float[] std = new float[channels];
            for (int channel = 0; channel < channels; channel++) {
                mean[channel] = 0.1f + 0.2f * channel;
                std[channel] = 0.3f + 0.1f * channel;
            }
            Batches batches = new Batches(data, new Normalisation(mean, std));
            for (int count : new int[] {60, 1, 7, 8, 13}) {
                compare(data, batches, mean, std, count);
            }
        }
    }

    /** The plain loops make them where Java was started without the module of vectors, as for another backend than the CPU's. */
    @Test
    void areMadeWithoutVectors() throws Exception {
        var child = ChildJvm.run(flag -> !flag.contains("jdk.incubator.vector") && !flag.contains("javaagent"), List.of(), WithoutVectors.class.getName());
        assertEquals(0, child.exitCode(), child.output());
        assertTrue(child.output().contains("vectors false, batches made"), child.output());
    }

    static final class WithoutVectors {

        public static void main(String[] arguments) {
            boolean hasVectors = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
            new BatchesTest().everyShapeAgreesWithThePlainLoops();
            System.out.println("vectors " + hasVectors + ", batches made");
        }
    }

    private static void compare(Dataset data, Batches batches, float[] mean, float[] std, int count) {
        int features = data.example().size();
        int from = 3;
        int[] indices = Seed.of(count).permutation(data.size());
        float[] x = new float[features * count + 1];
        float[] targets = new float[10 * count];
        Arrays.fill(x, 99);
        Arrays.fill(targets, 99);
        int[] labels = new int[count];
        batches.fill(indices, from, count, x, targets);
        batches.labels(indices, from, count, labels);
        for (int n = 0; n < count; n++) {
            int image = indices[from + n];
            assertEquals(data.label(image), labels[n]);
            for (int feature = 0; feature < features; feature++) {
                int channel = feature / data.example().rowSize();
                double pixel = Byte.toUnsignedInt(data.pixels()[image * features + feature]);
                double expected = (pixel / 255 - mean[channel]) / std[channel];
                String place = data.example() + " batch " + count + " image " + n + " feature " + feature;
                assertEquals(expected, x[feature * count + n], 1e-6, place);
            }
            for (int label = 0; label < 10; label++) {
                assertEquals(label == labels[n] ? 1 : 0, targets[label * count + n]);
            }
        }
        assertEquals(99, x[features * count], "nothing is written past the batch");
    }

    @Test
    void smoothingSpreadsAShareOverAllClasses() {
        Dataset data = new Dataset("dots", Shape.of(1, 1, 1), 4, new byte[2], new byte[] {2, 0});
        float[] targets = new float[8];
        Normalisation plain = new Normalisation(new float[1], new float[] {1});
        new Batches(data, plain, 0.1f).fill(new int[] {0, 1}, 0, 2, new float[2], targets);
        assertArrayEquals(new float[] {.025f, .925f, .025f, .025f, .925f, .025f, .025f, .025f}, targets, 1e-7f);
        for (float smoothing : new float[] {-0.1f, 1, Float.NaN}) {
            refused("batches of dots: smoothing must be 0 to below 1, got " + smoothing,
                    () -> new Batches(data, plain, smoothing));
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        Dataset data = new Draws(Seed.of(1)).dataset(Shape.of(1, 2, 2), 3, 5);
        Batches batches = new Batches(data, new Normalisation(new float[] {0}, new float[] {1}));
        int[] all = {0, 1, 2, 3, 4};
        refused("batches of draws: x is [4, 5] and needs 20 elements, got 19",
                () -> batches.fill(all, 0, 5, new float[19], new float[15]));
        refused("batches of draws: targets is [3, 5] and needs 15 elements, got 14",
                () -> batches.fill(all, 0, 5, new float[20], new float[14]));
        refused("batches of draws: labels is [1, 5] and needs 5 elements, got 4",
                () -> batches.labels(all, 0, 5, new int[4]));
        refused("batches of draws: needs at least 1 image within the 5 indices given, got 5 from 1",
                () -> batches.fill(all, 1, 5, new float[20], new float[15]));
        refused("batches of draws: index 1 is 5, expected 0 to 4",
                () -> batches.fill(new int[] {0, 5}, 0, 2, new float[20], new float[15]));
        refused("batches of draws: images have 1 channels, normalisation has 2",
                () -> new Batches(data, new Normalisation(new float[2], new float[] {1, 1})));
    }

    @Test
    void normalisedPixelsHaveMeanZeroAndVarianceOne() {
        Dataset data = new Draws(Seed.of(3)).dataset(Shape.of(2, 6, 6), 3, 40);
        View half = new View(data, IntStream.range(0, 20).map(i -> 2 * i).toArray());
        float[] x = new float[72 * 20];
        new Batches(data, Normalisation.of(half)).fill(half.indices(), 0, 20, x, new float[60]);
        for (int channel = 0; channel < 2; channel++) {
            double sum = 0;
            double squares = 0;
            for (int i = channel * 720; i < (channel + 1) * 720; i++) {
                sum += x[i];
                squares += x[i] * x[i];
            }
            assertEquals(0, sum / 720, 1e-5);
            assertEquals(1, squares / 720, 1e-5);
        }
    }

    @Test
    void oneSingleValueIsNotDividedByZero() {
        Dataset black = new Dataset("black", Shape.of(1, 1, 2), 1, new byte[4], new byte[2]);
        assertArrayEquals(new float[] {1}, Normalisation.of(View.all(black)).std());
        refused("normalisation: mean must be finite and std finite and above 0, got mean 0.5 and std 0.0 in channel 1",
                () -> new Normalisation(new float[] {0, 0.5f}, new float[] {1, 0}));
        refused("normalisation: needs one mean and one std per channel, got 1 means and 2 stds",
                () -> new Normalisation(new float[1], new float[] {1, 1}));
        refused("normalisation: black has no images in this view",
                () -> Normalisation.of(new View(black, new int[0])));
    }

    private static void refused(String message, Executable act) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, act).getMessage());
    }
}
