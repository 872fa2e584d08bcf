package coppice.nn.data;

import java.util.stream.IntStream;

/**
 * Some images of those there are, named by their positions in it; no pixel is copied.
 *
 * @param indices positions in {@code data}; kept, not copied, and not to be changed
 */
public record View(Images data, int[] indices) {

    public View {
        for (int i = 0; i < indices.length; i++) {
            if (indices[i] < 0 || indices[i] >= data.size()) {
                throw new IllegalArgumentException("view of " + data.name() + ": index " + i + " is " + indices[i]
                        + ", expected 0 to " + (data.size() - 1));
            }
        }
    }

    /** Every image, in the dataset's own order. */
    public static View all(Images data) {
        return new View(data, IntStream.range(0, data.size()).toArray());
    }

    public int size() {
        return indices.length;
    }
}
