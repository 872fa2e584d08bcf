package coppice.engine;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The sizes of a tensor's axes, outermost first; the last axis is contiguous. {@code Shape.of()} is a scalar.
 * Activations are {@code [features, N]} or {@code [C, H, W, N]} with the batch last, weights {@code [out, in]} or
 * {@code [out, in, kh, kw]}.
 */
public final class Shape {

    public static final Shape SCALAR = new Shape(new int[0]);

    private final int[] sizes;
    private final int size;

    private Shape(int[] sizes) {
        long product = 1;
        for (int size : sizes) {
            if (size < 0) {
                throw new ShapeException("shape: a size must not be negative, got " + Arrays.toString(sizes));
            }
            product *= size;
            if (product > Integer.MAX_VALUE) {
                throw new ShapeException("shape: more than 2³¹ − 1 elements in " + Arrays.toString(sizes));
            }
        }
        this.sizes = sizes;
        this.size = (int) product;
    }

    public static Shape of(int... sizes) {
        return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
    }

    public int rank() {
        return sizes.length;
    }

    /** The number of elements: the product of all sizes. */
    public int size() {
        return size;
    }

    /** The size of one axis. */
    public int size(int axis) {
        return sizes[axis];
    }

    /** The elements of one step along axis 0: the product of the other sizes. */
    public int rowSize() {
        return product(1, rank());
    }

    /** The product of the sizes of axes {@code from} to {@code to − 1}. */
    public int product(int from, int to) {
        int product = 1;
        for (int axis = from; axis < to; axis++) {
            product *= sizes[axis];
        }
        return product;
    }

    /** This shape with one axis resized. */
    public Shape with(int axis, int size) {
        int[] changed = sizes.clone();
        changed[axis] = size;
        return new Shape(changed);
    }

    /** This shape with one more axis at the end: a batch of {@code count} such examples. */
    public Shape batch(int count) {
        int[] longer = Arrays.copyOf(sizes, sizes.length + 1);
        longer[sizes.length] = count;
        return new Shape(longer);
    }

    public int[] toArray() {
        return sizes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    @Override
    public String toString() {
        return Arrays.stream(sizes).mapToObj(Integer::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
