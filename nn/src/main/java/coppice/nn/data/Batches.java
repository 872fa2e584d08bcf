package coppice.nn.data;

import coppice.engine.Seed;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Turns images into the arrays of a training step: features first, batch last, normalised; labels as distributions.
 *
 * <p>{@link #fill} is done within, or on a second thread beside, a training step of 50 µs; there piece by piece, by {@link #begin} and
 * {@link #fillMore}, since the thread has kernels to run as well. It first transposes bytes, eight images by eight pixels in each lane of
 * eight vectors, into {@code [features, N]} and then converts that in one straight loop which the compiler vectorises: 60 random images of 784
 * pixels take 7 µs out of a thousand and 13 out of 20,000, for which memory is waited; 18 and 20 by single longs, some 75 by two plain loops, as where
 * Java was started without vectors.
 * Going through all 60 images at once rather than eight at a time was no slower on cached images but twice as slow on random ones.
 *
 * <p>Images that have to be decoded, or changed by an {@link Augmentation}, are first written one after the other and then go
 * the same way: 128 of 3×32×32 take 0.22 ms as they are, 0.62 ms cropped and flipped.
 *
 * <p>No array is allocated after the largest batch has been seen once. Not for use by several threads at once.
 */
public final class Batches {

    /** Whether Java was started with the module that {@link EightImages} needs. */
    private static final boolean HAS_VECTORS = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

    private final Images data;
    private final int features;
    private final float[] scale;
    private final float[] shift;
    private final float off;
    private final float on;
    private final Filling filling = new Filling();
    /** Null where vectors are missing, or images are too small. */
    private final EightImages eight;
    private byte[] transposed = {};
    private byte[] augmented = {};
    private int[] inOrder = {};

    public Batches(Images data, Normalisation normalisation) {
        this(data, normalisation, 0);
    }

    /**
     * Batches with label smoothing (Szegedy et al., "Rethinking the Inception architecture", 2016, section 7).
     *
     * @param smoothing the share of a target that is spread evenly over all classes, its own included; 0 to below 1
     */
    public Batches(Images data, Normalisation normalisation, float smoothing) {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw new IllegalArgumentException("batches of " + data.name() + ": smoothing must be 0 to below 1, got "
                    + smoothing);
        }
        int channels = data.example().size(0);
        if (normalisation.channels() != channels) {
            throw new IllegalArgumentException("batches of " + data.name() + ": images have " + channels
                    + " channels, normalisation has " + normalisation.channels());
        }
        this.data = data;
        this.features = data.example().size();
        this.eight = HAS_VECTORS && features >= EightImages.PIXELS ? new EightImages(features) : null;
        this.off = smoothing / data.classes();
        this.on = 1 - smoothing + off;
        this.scale = new float[channels];
        this.shift = new float[channels];
        for (int channel = 0; channel < channels; channel++) {
            double std = normalisation.std()[channel];
            scale[channel] = (float) (1 / (255 * std));
            shift[channel] = (float) (-normalisation.mean()[channel] / std);
        }
    }

    public Images data() {
        return data;
    }

    /**
     * Assembles images {@code indices[from] … indices[from + count − 1]} of the dataset.
     *
     * @param x receives {@code [features, count]}: feature {@code f} of image {@code n} at {@code f · count + n}
     * @param targets receives {@code [classes, count]}: with smoothing s, {@code 1 − s + s / classes} at the label of each image
     *     and {@code s / classes} elsewhere
     * @throws IllegalArgumentException if an array is too short, naming it and the length it needs
     */
    public void fill(int[] indices, int from, int count, float[] x, float[] targets) {
        fill(indices, from, count, Augmentation.none(), Seed.of(0), 0, x, targets);
    }

    /**
     * {@link #fill(int[], int, int, float[], float[])} with every image changed at random.
     *
     * @param seed of the run; image {@code i} draws from {@code seed.in("augment").in(epoch).in(i)}
     * @param epoch what {@link Order#epoch} says of the iteration
     * @throws DataException if a file cannot be used
     */
    public void fill(int[] indices, int from, int count, Augmentation augmentation, Seed seed, long epoch, float[] x,
            float[] targets) {
        begin(indices, from, count, augmentation, seed, epoch, x, targets);
        while (fillMore()) {
            // There is another piece.
        }
    }

    /**
     * Begins what {@link #fill(int[], int, int, Augmentation, Seed, long, float[], float[])} does. Targets are filled, and images that have to be
     * decoded or changed are; the rest is left to {@link #fillMore}, until when the arrays must stay as they are.
     */
    public void begin(int[] indices, int from, int count, Augmentation augmentation, Seed seed, long epoch, float[] x, float[] targets) {
        check(indices, from, count, x, targets);
        fillTargets(indices, from, count, targets);
        if (transposed.length < features * count) {
            transposed = new byte[features * count];
        }
        if (augmentation instanceof Augmentation.None && data instanceof Dataset inMemory) {
            filling.begin(inMemory.pixels(), indices, from, count, x);
            return;
        }
        if (augmented.length < features * count) {
            augmented = new byte[features * count];
            inOrder = IntStream.range(0, count).toArray();
        }
        data.write(indices, from, count, augmentation, seed.in("augment").in(epoch), augmented);
        filling.begin(augmented, inOrder, 0, count, x);
    }

    /** Does the next piece of what was begun, some microseconds of work. @return whether there are more */
    public boolean fillMore() {
        return filling.next();
    }

    /** What was begun, and how far it has come: all images are transposed, eight at a time, then all floats made, {@value #FLOATS} at a time. */
    private final class Filling {

        private static final int FLOATS = 1 << 14;

        private byte[] pixels;
        private int[] indices;
        private int from;
        private int count;
        private float[] x;
        private int image;
        private int made;

        void begin(byte[] pixels, int[] indices, int from, int count, float[] x) {
            this.pixels = pixels;
            this.indices = indices;
            this.from = from;
            this.count = count;
            this.x = x;
            image = 0;
            made = 0;
        }

        boolean next() {
            if (image < count) {
                transpose();
            } else if (made < features * count) {
                int plane = data.example().rowSize() * count;
                int channel = made / plane;
                int length = Math.min(FLOATS, (channel + 1) * plane - made);
                convert(transposed, x, made, length, scale[channel], shift[channel]);
                made += length;
            }
            return made < features * count;
        }

        private void transpose() {
            if (count < 8 || eight == null) {
                transposeOne(pixels, indices[from + image] * features, image, count);
                image++;
            } else {
                int first = Math.min(image, count - 8);         // the last eight overlap those before them
                eight.transpose(pixels, indices, from + first, transposed, first, count);
                image += 8;
            }
        }
    }

    private void fillTargets(int[] indices, int from, int count, float[] targets) {
        Arrays.fill(targets, 0, data.classes() * count, off);
        for (int n = 0; n < count; n++) {
            targets[data.label(indices[from + n]) * count + n] = on;
        }
    }

    /** The labels of the same images, as class numbers. */
    public void labels(int[] indices, int from, int count, int[] labels) {
        check(indices, from, count);
        checkRoom("labels", 1, count, labels.length);
        for (int n = 0; n < count; n++) {
            labels[n] = data.label(indices[from + n]);
        }
    }

    private void check(int[] indices, int from, int count, float[] x, float[] targets) {
        check(indices, from, count);
        checkRoom("x", features, count, x.length);
        checkRoom("targets", data.classes(), count, targets.length);
    }

    private void check(int[] indices, int from, int count) {
        if (from < 0 || count < 1 || from > indices.length - count) {
            throw new IllegalArgumentException("batches of " + data.name() + ": needs at least 1 image within the "
                    + indices.length + " indices given, got " + count + " from " + from);
        }
        for (int n = from; n < from + count; n++) {
            if (indices[n] < 0 || indices[n] >= data.size()) {
                throw new IllegalArgumentException("batches of " + data.name() + ": index " + n + " is " + indices[n]
                        + ", expected 0 to " + (data.size() - 1));
            }
        }
    }

    private void checkRoom(String array, int rows, int count, int length) {
        if ((long) rows * count > length) {
            throw new IllegalArgumentException("batches of " + data.name() + ": " + array + " is [" + rows + ", " + count
                    + "] and needs " + (long) rows * count + " elements, got " + length);
        }
    }

    /** The plain twin of {@link EightImages}, for few images or small ones, and where vectors are missing. */
    private void transposeOne(byte[] pixels, int first, int column, int count) {
        for (int feature = 0; feature < features; feature++) {
            transposed[feature * count + column] = (byte) (pixels[first + feature] ^ 0x80);
        }
    }

    /** Adding 128 as a float, which is exact, keeps the loop vectorised (5 µs); as an integer it did not (33 µs). */
    private static void convert(byte[] from, float[] to, int first, int length, float scale, float shift) {
        for (int i = first; i < first + length; i++) {
            to[i] = (from[i] + 128f) * scale + shift;
        }
    }
}
