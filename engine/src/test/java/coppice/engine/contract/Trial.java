package coppice.engine.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One run of one kernel on one backend. Two trials of one seed draw the same sizes, masks and operands in the same order, whatever
 * the backend, so that their results can be compared.
 */
final class Trial implements AutoCloseable {

    /** Half a unit in the last place of 1, times four: room for a few roundings. */
    private static final double ROUNDING = 0x1p-22;

    /** What a result holds before a kernel writes it. */
    private static final float UNWRITTEN = 777;

    private static final int[] SIZES = {1, 2, 3, 7, 13, 16, 17, 31, 60, 64, 65, 100, 207, 702};
    private static final float[] SPECIAL = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f, Float.MIN_VALUE,
            -Float.MIN_VALUE, Float.MAX_VALUE, -Float.MAX_VALUE, 1e-40f, 88.7f, 89f, -87.5f, -103.9f, -104.1f};

    /** How closely a result must agree: within {@code roundings} of the larger of its size and {@code floor}. */
    private record Result(float[] values, double roundings, double floor) {}

    private final Backend backend;
    private final Seed seed;
    private final List<Buffer> buffers = new ArrayList<>();
    private final List<Result> results = new ArrayList<>();
    private int draws;

    Trial(Backend backend, Seed seed) {
        this.backend = backend;
        this.seed = seed;
    }

    Backend backend() {
        return backend;
    }

    /** A drawn odd size. */
    int size() {
        return SIZES[below(SIZES.length)];
    }

    /** A drawn size of at most {@code most}. */
    int size(int most) {
        int size = size();
        return size > most ? below(most) + 1 : size;
    }

    /** A drawn number from 0 to {@code bound − 1}. */
    int below(int bound) {
        return seed.below(draws++, bound);
    }

    boolean heads() {
        return below(2) == 0;
    }

    Shape shape(int... sizes) {
        return Shape.of(sizes);
    }

    /** A drawn shape of up to four axes. */
    Shape anyShape() {
        return switch (below(6)) {
            case 0 -> Shape.SCALAR;
            case 1 -> shape(size());
            case 2 -> shape(size(), size());
            case 3 -> shape(size(20), size(20), size(20));
            case 4 -> shape(size(9), size(9), size(9), size(70));
            default -> shape(2, 64, 702);
        };
    }

    /** A shape that is repeated to {@code shape}: itself, a scalar, or of size 1 along drawn axes. */
    Shape repeatedTo(Shape shape) {
        return switch (below(4)) {
            case 0 -> shape;
            case 1 -> Shape.SCALAR;
            default -> {
                Shape small = shape;
                for (int axis = 0; axis < shape.rank(); axis++) {
                    small = heads() ? small.with(axis, 1) : small;
                }
                yield small;
            }
        };
    }

    /** A drawn shape of channels, [C, …]. */
    Shape channels() {
        return switch (below(3)) {
            case 0 -> shape(size(), size());
            case 1 -> shape(size(20), size(9), size(9), size(70));
            default -> shape(1 + below(3), size() * size(20));
        };
    }

    /** A drawn window, of different sizes, strides, paddings and dilations down and across. */
    Window window() {
        return new Window(axis(), axis());
    }

    private Window.Axis axis() {
        int size = 1 + below(4);
        return new Window.Axis(size, 1 + below(3), below(size + 1), heads() ? 1 : 2);
    }

    /** A drawn window whose padding is smaller than itself. */
    Window poolingWindow() {
        return new Window(poolingAxis(), poolingAxis());
    }

    private Window.Axis poolingAxis() {
        int size = 1 + below(4);
        return new Window.Axis(size, 1 + below(3), below(size), heads() ? 1 : 2);
    }

    /** A drawn shape of images, large enough for a window. */
    Shape images(Window window, int channels) {
        return shape(channels, below(9) + extent(window.y()), below(9) + extent(window.x()), size(70));
    }

    private static int extent(Window.Axis axis) {
        return (axis.size() - 1) * axis.dilation() + 1;
    }

    /** Drawn values of which many are equal. */
    Buffer drawTied(int count) {
        float[] values = values(draw(count, -2.5, 2.5));
        for (int i = 0; i < count; i++) {
            values[i] = Math.round(values[i]);
        }
        return of(values);
    }

    /** A drawn mask of a matrix: nothing, one, all, some, with rows and columns that are empty or full. */
    Mask mask(int rows, int columns) {
        Shape shape = shape(rows, columns);
        Seed path = seed.in("mask").in(draws++);
        double density = new double[] {0.02, 0.1, 0.3, 0.5, 0.8}[below(5)];
        int fullRow = below(rows);
        int emptyRow = below(rows);
        int emptyColumn = below(columns);
        return switch (below(8)) {
            case 0 -> Mask.of(shape);
            case 1 -> Mask.of(shape, below(shape.size()));
            case 2 -> Mask.full(shape);
            case 3 -> Mask.where(shape, at -> path.uniform(at) < density && at / columns % 3 != 1);
            default -> Mask.where(shape, at -> at / columns != emptyRow && at % columns != emptyColumn
                    && (at / columns == fullRow || path.uniform(at) < density));
        };
    }

    /** A mask of random survivors. @param density their share */
    Mask mask(Shape shape, double density) {
        Seed path = seed.in("mask").in(draws++);
        return Mask.where(shape, at -> path.uniform(at) < density);
    }

    /** A buffer of floats in [−1, 1). */
    Buffer draw(int length) {
        return draw(length, -1, 1);
    }

    Buffer draw(Shape shape) {
        return draw(shape.size());
    }

    /** A buffer of floats in [low, high). */
    Buffer draw(int length, double low, double high) {
        Seed path = seed.in("values").in(draws++);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) (low + (high - low) * path.uniform(i));
        }
        return of(values);
    }

    /** As {@link #draw(int, double, double)}, but every fifth is NaN, an infinity, a zero or at a limit of the format. */
    Buffer drawSpecial(int length, double low, double high) {
        Buffer drawn = draw(length, low, high);
        float[] values = values(drawn);
        Seed path = seed.in("special").in(draws++);
        for (int i = 0; i < length; i++) {
            if (path.below(2L * i, 5) == 0) {
                values[i] = SPECIAL[path.below(2L * i + 1, SPECIAL.length)];
            }
        }
        backend.write(drawn, values, length);
        return drawn;
    }

    Buffer of(float... values) {
        Buffer buffer = backend.allocate(values.length);
        buffers.add(buffer);
        backend.write(buffer, values, values.length);
        return buffer;
    }

    /**
     * The same values, or half of the time a copy made by a kernel on images: a backend may keep images in an order of its own, and each
     * kernel must take them in that, too.
     */
    Buffer handled(Shape shape, Buffer x) {
        if (shape.rank() != 4 || heads()) {
            return x;
        }
        Buffer copy = result(shape);
        backend.pick(Window.square(1, 1, 0), shape, x, x, copy);
        return copy;
    }

    /** A buffer for a kernel to write. */
    Buffer result(int length) {
        float[] values = new float[length];
        Arrays.fill(values, UNWRITTEN);
        return of(values);
    }

    Buffer result(Shape shape) {
        return result(shape.size());
    }

    float[] values(Buffer buffer) {
        float[] values = new float[buffer.length()];
        backend.read(buffer, values, values.length);
        return values;
    }

    /** Keeps a result that every backend must compute to the bit. */
    void exact(Buffer result) {
        results.add(new Result(values(result), 0, 0));
    }

    /** Keeps a result within some roundings, relative to its size. */
    void rounded(int roundings, Buffer result) {
        results.add(new Result(values(result), roundings, Float.MIN_NORMAL));
    }

    /** Keeps a result that is a sum of so many terms of size 1. */
    void summed(int terms, Buffer result) {
        results.add(new Result(values(result), Math.max(1, terms), 1));
    }

    /** Fails if a result of this trial is not the other's, within its tolerance. */
    void assertAgreesWith(Trial expected) {
        assertEquals(expected.results.size(), results.size(), "number of results");
        for (int r = 0; r < results.size(); r++) {
            Result wanted = expected.results.get(r);
            float[] got = results.get(r).values;
            assertEquals(wanted.values.length, got.length, "length of result " + r);
            for (int i = 0; i < got.length; i++) {
                double tolerance = wanted.roundings * ROUNDING * Math.max(wanted.floor, Math.abs(wanted.values[i]));
                if (!agree(wanted.values[i], got[i], tolerance)) {
                    fail("result " + r + ", element " + i + " of " + got.length + ": expected " + wanted.values[i] + " ± " + tolerance
                            + ", got " + got[i]);
                }
            }
        }
    }

    private static boolean agree(float wanted, float got, double tolerance) {
        return Float.floatToIntBits(wanted) == Float.floatToIntBits(got)
                || wanted == got && tolerance > 0
                || Math.abs((double) wanted - got) <= tolerance && Float.isFinite(wanted);
    }

    /** Fails if a result of this trial differs from the other's in any bit. */
    void assertSameBitsAs(Trial expected) {
        for (int r = 0; r < results.size(); r++) {
            float[] wanted = expected.results.get(r).values;
            float[] got = results.get(r).values;
            for (int i = 0; i < got.length; i++) {
                if (Float.floatToIntBits(wanted[i]) != Float.floatToIntBits(got[i])) {
                    fail("result " + r + ", element " + i + " of " + got.length + ": " + wanted[i] + " became " + got[i]);
                }
            }
        }
    }

    @Override
    public void close() {
        buffers.forEach(backend::release);
    }
}
