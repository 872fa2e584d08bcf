package coppice.engine;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/**
 * An immutable set of positions of a weight's shape: the ones that survive. Values of a masked tensor are stored compactly, one
 * per surviving position in ascending (row-major) order; everything else does not exist.
 *
 * <p>Seen as a matrix, a mask has the weight's axis 0 as rows and all other axes, flattened, as columns. The indices that kernels
 * need are derived once, when first asked for.
 */
public final class Mask {

    private final Shape shape;
    private final int[] positions;
    private volatile Rows rows;
    private volatile Columns columns;
    private volatile long[] bits;
    private final Map<Derivation<?>, Object> derived = new ConcurrentHashMap<>();

    private Mask(Shape shape, int[] positions) {
        this.shape = shape;
        this.positions = positions;
    }

    /** @param positions ascending row-major indices below {@code shape.size()}, each once */
    public static Mask of(Shape shape, int... positions) {
        if (shape.rank() < 1) {
            throw new ShapeException("mask: a scalar cannot be masked");
        }
        int last = -1;
        for (int i = 0; i < positions.length; i++) {
            if (positions[i] <= last || positions[i] >= shape.size()) {
                throw new ShapeException("mask: positions of " + shape + " must ascend within 0 … " + (shape.size() - 1)
                        + ", got " + positions[i] + " after " + last + " at index " + i);
            }
            last = positions[i];
        }
        return new Mask(shape, positions.clone());
    }

    /** The positions for which {@code survives} holds. */
    public static Mask where(Shape shape, IntPredicate survives) {
        int[] kept = new int[shape.size()];
        int count = 0;
        for (int position = 0; position < kept.length; position++) {
            if (survives.test(position)) {
                kept[count++] = position;
            }
        }
        return of(shape, Arrays.copyOf(kept, count));
    }

    /** The mask under which every position survives. */
    public static Mask full(Shape shape) {
        return where(shape, position -> true);
    }

    /** The full shape that the positions index. */
    public Shape shape() {
        return shape;
    }

    /** How many positions survive. */
    public int count() {
        return positions.length;
    }

    /** Survivors over positions, in [0, 1]. */
    public double density() {
        return shape.size() == 0 ? 0 : (double) positions.length / shape.size();
    }

    /** The row-major index of survivor {@code i}, i below {@link #count()}. */
    public int position(int i) {
        return positions[i];
    }

    public int[] positions() {
        return positions.clone();
    }

    public boolean contains(int position) {
        return Arrays.binarySearch(positions, position) >= 0;
    }

    public boolean isSubsetOf(Mask other) {
        return shape.equals(other.shape) && Arrays.stream(positions).allMatch(other::contains);
    }

    /** How many survivors stand before a position; the position may be that of the end. */
    public int survivorsBefore(int position) {
        int found = Arrays.binarySearch(positions, position);
        return found >= 0 ? found : -found - 1;
    }

    /**
     * Compressed sparse rows, in value order.
     *
     * @param starts  survivors of row r are the values {@code starts[r] … starts[r + 1] − 1}; length rows + 1
     * @param columns the column of each value
     */
    public record Rows(int[] starts, int[] columns) {}

    /**
     * The transposed index: survivors grouped by column, rows ascending.
     *
     * @param starts survivors of column c are the entries {@code starts[c] … starts[c + 1] − 1}; length columns + 1
     * @param rows   the row of each entry
     * @param values where each entry's value stands in the compact buffer
     */
    public record Columns(int[] starts, int[] rows, int[] values) {}

    /** The compressed rows; the arrays are shared and must not be written. */
    public Rows rows() {
        Rows known = rows;
        if (known == null) {
            rows = known = deriveRows();
        }
        return known;
    }

    /** The transposed index; the arrays are shared and must not be written. */
    public Columns columns() {
        Columns known = columns;
        if (known == null) {
            columns = known = deriveColumns();
        }
        return known;
    }

    /** One bit for each position, set where it survives: bit p mod 64 of word p / 64. The array is shared and must not be written. */
    public long[] bits() {
        long[] known = bits;
        if (known == null) {
            known = new long[(shape.size() + Long.SIZE - 1) / Long.SIZE];
            for (int position : positions) {
                known[position / Long.SIZE] |= 1L << position;
            }
            bits = known;
        }
        return known;
    }

    /**
     * How something is made of a mask. Equal ones make the same.
     *
     * @param <T> what is made, which must not change any more
     */
    public interface Derivation<T> {
        T of(Mask mask);
    }

    /** What a kernel needs to know of this mask: made when first asked for, and kept as long as the mask. */
    @SuppressWarnings("unchecked")
    public <T> T derived(Derivation<T> derivation) {
        Object known = derived.get(derivation);
        if (known == null) {
            known = derivation.of(this);
            derived.put(derivation, known);
        }
        return (T) known;
    }

    /** Positions ascend, so rows are walked, which takes half the time of dividing each position by their width. */
    private Rows deriveRows() {
        int width = shape.rowSize();
        int[] starts = new int[shape.size(0) + 1];
        int[] columnOf = new int[positions.length];
        int i = 0;
        for (int row = 0; row < shape.size(0); row++) {
            int first = row * width;
            for (; i < positions.length && positions[i] - first < width; i++) {
                columnOf[i] = positions[i] - first;
            }
            starts[row + 1] = i;
        }
        return new Rows(starts, columnOf);
    }

    private Columns deriveColumns() {
        Rows known = rows();
        int[] columnOf = known.columns();
        int[] starts = new int[shape.rowSize() + 1];
        for (int column : columnOf) {
            starts[column + 1]++;
        }
        accumulate(starts);
        int[] next = starts.clone();
        int[] rowOf = new int[positions.length];
        int[] values = new int[positions.length];
        for (int row = 0; row < shape.size(0); row++) {
            for (int i = known.starts()[row]; i < known.starts()[row + 1]; i++) {
                int entry = next[columnOf[i]]++;
                rowOf[entry] = row;
                values[entry] = i;
            }
        }
        return new Columns(starts, rowOf, values);
    }

    private static void accumulate(int[] counts) {
        for (int i = 1; i < counts.length; i++) {
            counts[i] += counts[i - 1];
        }
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Mask mask && shape.equals(mask.shape) && Arrays.equals(positions, mask.positions);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(positions);
    }

    @Override
    public String toString() {
        return "mask of " + positions.length + " in " + shape;
    }
}
