package coppice.nn.data;

import coppice.engine.Seed;
import coppice.engine.Shape;

/** Labelled images of one shape: a {@link Dataset} in memory, or {@link ImageFiles} decoded each time they are needed. */
public sealed interface Images permits Dataset, ImageFiles {

    /** What errors and reports call them. */
    String name();

    /** The shape of one image, {@code [channels, height, width]}. */
    Shape example();

    int classes();

    /** The number of images. */
    int size();

    /** The class of one image, 0 … {@code classes − 1}. */
    int label(int image);

    /** How many images each class has. */
    default int[] histogram() {
        int[] counts = new int[classes()];
        for (int image = 0; image < size(); image++) {
            counts[label(image)]++;
        }
        return counts;
    }

    /**
     * Writes the pixels of images {@code indices[from] … indices[from + count − 1]}, one after the other, each in the order of
     * {@link #example}.
     *
     * @param draws image {@code i} is changed by {@code draws.in(i)}
     * @throws DataException if a file cannot be used
     */
    void write(int[] indices, int from, int count, Augmentation augmentation, Seed draws, byte[] to);
}
