package coppice.nn.data;

import coppice.engine.Seed;
import coppice.engine.Shape;

/**
 * Labelled images in memory, as bytes: a training set of 60,000 images of 28×28 is 47 MB, a quarter of the same as floats.
 * The arrays are kept, not copied, and are not to be changed afterwards.
 *
 * @param name what errors and reports call it
 * @param example the shape of one image, {@code [channels, height, width]}
 * @param classes the number of classes, 1 to 256
 * @param pixels image after image, each in the order of {@code example}, unsigned 0 … 255
 * @param labels one unsigned byte per image, 0 … {@code classes − 1}
 */
public record Dataset(String name, Shape example, int classes, byte[] pixels, byte[] labels) implements Images {

    public Dataset {
        if (example.rank() != 3 || example.size() == 0) {
            throw new IllegalArgumentException(
                    "dataset " + name + ": an example is [channels, height, width], each at least 1, got " + example);
        }
        if (classes < 1 || classes > 256) {
            throw new IllegalArgumentException("dataset " + name + ": classes must be 1 to 256, got " + classes);
        }
        if (pixels.length != (long) labels.length * example.size()) {
            throw new IllegalArgumentException("dataset " + name + ": " + labels.length + " images of " + example + " are "
                    + (long) labels.length * example.size() + " pixels, got " + pixels.length);
        }
        int stray = firstLabelOutside(labels, classes);
        if (stray >= 0) {
            throw new IllegalArgumentException("dataset " + name + ": label " + stray + " is "
                    + Byte.toUnsignedInt(labels[stray]) + ", expected 0 to " + (classes - 1));
        }
    }

    /** The position of the first label that is not in 0 … {@code classes − 1}, or −1. */
    static int firstLabelOutside(byte[] labels, int classes) {
        for (int i = 0; i < labels.length; i++) {
            if (Byte.toUnsignedInt(labels[i]) >= classes) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int image) {
        return Byte.toUnsignedInt(labels[image]);
    }

    @Override
    public void write(int[] indices, int from, int count, Augmentation augmentation, Seed draws, byte[] to) {
        for (int n = 0; n < count; n++) {
            int image = indices[from + n];
            augmentation.apply(draws.in(image), example, pixels, image * example.size(), to, n * example.size());
        }
    }

    @Override
    public String toString() {
        return name + ": " + size() + " images of " + example + " in " + classes + " classes";
    }
}
