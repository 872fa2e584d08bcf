package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;
import static coppice.kernels.cpu.Vectors.broadcast;
import static coppice.kernels.cpu.Vectors.first;
import static coppice.kernels.cpu.Vectors.store;
import static coppice.kernels.cpu.Vectors.zero;

import coppice.engine.Shape;
import coppice.engine.Window;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Pooling over windows of images [C, H, W, N], a vector of examples at a time. Kernels that write an output for each window are split
 * by rows of outputs; those that add into images by channels and, where channels are few, by examples, since windows may overlap.
 */
final class PoolingKernels {

    /** Elements of images below which a second thread does not pay: about 2 µs. */
    private static final int GRAIN = 16384;

    /** Parts of the examples start at whole cache lines, where N is a multiple of one. */
    private static final int LINE = 16;

    private final Workers workers;

    PoolingKernels(Workers workers) {
        this.workers = workers;
    }

    /** One kernel on the examples of one window. */
    private interface Look {
        /**
         * @param output  the byte of the window's output
         * @param image   the byte of the first element of the images that it looks at
         * @param rows    of taps inside the image, not below 0
         * @param columns of taps inside the image; if there are none either is 0, and {@code image} means nothing
         */
        void at(int examples, long output, long image, int rows, int columns);
    }

    /** A window's way over images. */
    private static final class Slide {

        final Window window;
        final int channels;
        final int height;
        final int width;
        final int n;
        final int outputHeight;
        final int outputWidth;
        /** Bytes from one row of taps to the next. */
        final long rowStep;
        /** Bytes from one tap of a row to the next. */
        final long columnStep;

        Slide(Window window, Shape images) {
            this.window = window;
            channels = images.size(0);
            height = images.size(1);
            width = images.size(2);
            n = images.size(3);
            outputHeight = window.y().outputs(height);
            outputWidth = window.x().outputs(width);
            rowStep = 4L * window.y().dilation() * width * n;
            columnStep = 4L * window.x().dilation() * n;
        }

        /** The byte of an element of the images for example 0. */
        long image(int channel, int row, int column) {
            return 4L * n * ((channel * height + row) * width + column);
        }

        /** All windows of one row of outputs, for some of the examples. */
        void row(int channel, int outputRow, int example, int examples, Look look) {
            int rowTap = firstTap(window.y(), outputRow);
            int rows = endTap(window.y(), outputRow, height) - rowTap;
            for (int column = 0; column < outputWidth; column++) {
                int columnTap = firstTap(window.x(), column);
                int columns = endTap(window.x(), column, width) - columnTap;
                long output = 4L * n * ((channel * outputHeight + outputRow) * outputWidth + column);
                long image = image(channel, window.y().input(outputRow, rowTap), window.x().input(column, columnTap));
                look.at(examples, output + 4L * example, image + 4L * example, Math.max(rows, 0), Math.max(columns, 0));
            }
        }

        /** The first tap not before the image. */
        private static int firstTap(Window.Axis axis, int output) {
            int start = axis.input(output, 0);
            return start >= 0 ? 0 : Math.ceilDiv(-start, axis.dilation());
        }

        /** The tap after the last one not behind the image. */
        private static int endTap(Window.Axis axis, int output, int size) {
            int behind = axis.input(output, axis.size() - 1) - size;
            return behind < 0 ? axis.size() : axis.size() - 1 - behind / axis.dilation();
        }
    }

    private void overRows(Shape images, Slide slide, Look look) {
        int rows = slide.channels * slide.outputHeight;
        workers.run(workers.parts(images.size(), GRAIN), (part, parts) -> {
            int last = Workers.start(rows, 1, part + 1, parts);
            for (int row = Workers.start(rows, 1, part, parts); row < last; row++) {
                slide.row(row / slide.outputHeight, row % slide.outputHeight, 0, slide.n, look);
            }
        });
    }

    /** Into how many groups of examples images are cut, since there are too few channels for all threads. */
    private int groups(Shape images) {
        int channels = images.size(0);
        int parts = workers.parts(images.size(), GRAIN);
        boolean even = channels % parts == 0 || channels >= 8 * parts;
        return even ? 1 : Math.clamp(images.size(3) / LINE, 1, parts);
    }

    /** Clears images and then looks at them, in row order within each channel. @param sink for whole channels, as they are made */
    private void overChannels(Shape images, Slide slide, long dx, Look look, Sink sink) {
        int parts = workers.parts(images.size(), GRAIN);
        int groups = groups(images);
        int items = slide.channels * groups;
        workers.run(parts, (part, ignored) -> {
            int last = Workers.start(items, 1, part + 1, parts);
            for (int item = Workers.start(items, 1, part, parts); item < last; item++) {
                int group = item % groups;
                int example = Workers.start(slide.n, LINE, group, groups);
                channel(slide, item / groups, example, Workers.start(slide.n, LINE, group + 1, groups) - example, dx, look);
                if (groups == 1) {
                    sink.line(item, slide.image(item, 0, 0), slide.height * slide.width * slide.n, dx + slide.image(item, 0, 0));
                }
            }
        });
    }

    /** Rows of the image are cleared just before the first window reaches them, so that they are still in the cache. */
    private static void channel(Slide slide, int channel, int example, int examples, long dx, Look look) {
        int cleared = 0;
        for (int row = 0; row < slide.outputHeight; row++) {
            int reached = slide.window.y().input(row, slide.window.y().size() - 1) + 1;
            int end = Math.clamp(reached, cleared, slide.height);
            clear(slide, channel, cleared, end, example, examples, dx);
            cleared = end;
            slide.row(channel, row, example, examples, look);
        }
        clear(slide, channel, cleared, slide.height, example, examples, dx);
    }

    private static void clear(Slide slide, int channel, int from, int to, int example, int examples, long dx) {
        if (examples == slide.n) {
            ElementwiseKernels.fillRange((to - from) * slide.width * slide.n, 0, dx + slide.image(channel, from, 0));
            return;
        }
        for (int i = 0; i < (to - from) * slide.width; i++) {
            ElementwiseKernels.fillRange(examples, 0, dx + slide.image(channel, from, i) + 4L * example);
        }
    }

    /** @param x [C, H, W, N]. @param v [C, H, W, N]. @param y [C, H', W', N] */
    void pick(Window window, Shape images, long x, long v, long y) {
        var slide = new Slide(window, images);
        overRows(images, slide, (examples, output, image, rows, columns) -> {
            if (rows == 0 || columns == 0) {
                ElementwiseKernels.fillRange(examples, 0, y + output);
            } else if (x == v) {
                largest(slide, examples, rows, columns, x + image, y + output);
            } else {
                atLargest(slide, examples, rows, columns, x + image, v + image, y + output);
            }
        });
    }

    /** The first tap is compared with itself, which changes nothing. */
    private static void largest(Slide slide, int n, int rows, int columns, long x, long y) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = x + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector other = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep, ORDER, lanes);
                    largest = largest.blend(other, beats(other, largest));
                }
            }
            store(y + 4L * j, largest, lanes);
        }
    }

    /** Where a tap takes the place of the largest so far: where it is larger, or not a number. */
    private static VectorMask<Float> beats(FloatVector other, FloatVector largest) {
        return other.compare(VectorOperators.GT, largest).or(other.test(VectorOperators.IS_NAN));
    }

    private static void atLargest(Slide slide, int n, int rows, int columns, long x, long v, long y) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER, lanes);
            FloatVector value = FloatVector.fromMemorySegment(SPECIES, ALL, v + 4L * j, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    long tap = at + column * slide.columnStep;
                    FloatVector other = FloatVector.fromMemorySegment(SPECIES, ALL, x + tap, ORDER, lanes);
                    var larger = beats(other, largest);
                    largest = largest.blend(other, larger);
                    value = value.blend(FloatVector.fromMemorySegment(SPECIES, ALL, v + tap, ORDER, lanes), larger);
                }
            }
            store(y + 4L * j, value, lanes);
        }
    }

    /** Whether {@link #place} hands on what it makes. */
    boolean handsOn(Shape images) {
        return groups(images) == 1;
    }

    /** @param x [C, H, W, N]. @param g [C, H', W', N]. @param dx [C, H, W, N]. @param sink for dx; {@link Sink#NOTHING} unless {@link #handsOn} */
    void place(Window window, Shape images, long x, long g, long dx, Sink sink) {
        var slide = new Slide(window, images);
        overChannels(images, slide, dx, (examples, output, image, rows, columns) -> {
            if (rows > 0 && columns > 0) {
                addAtLargest(slide, examples, rows, columns, x + image, g + output, dx + image);
            }
        }, sink);
    }

    /** The number of the largest tap is kept as a float, exact below 2²⁴, so that vectors of one kind suffice. */
    private static void addAtLargest(Slide slide, int n, int rows, int columns, long x, long g, long dx) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * j, ORDER, lanes);
            FloatVector largestTap = zero();
            for (int row = 0; row < rows; row++) {
                long at = x + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector other = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep, ORDER, lanes);
                    var larger = beats(other, largest);
                    largest = largest.blend(other, larger);
                    largestTap = largestTap.blend(broadcast(row * columns + column), larger);
                }
            }
            FloatVector gradient = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4L * j, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = dx + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep, ORDER, lanes);
                    var here = largestTap.compare(VectorOperators.EQ, broadcast(row * columns + column));
                    store(at + column * slide.columnStep, old.add(gradient, here), lanes);
                }
            }
        }
    }

    /** @param x [C, H, W, N]. @param y [C, H', W', N] */
    void sumWindow(Window window, Shape images, long x, long y) {
        var slide = new Slide(window, images);
        overRows(images, slide, (examples, output, image, rows, columns) ->
                sumTaps(slide, examples, rows, columns, x + image, y + output));
    }

    /** Rows of taps are added up on their own, so that rounding grows with rows plus columns and not with their product. */
    private static void sumTaps(Slide slide, int n, int rows, int columns, long x, long y) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector sum = zero();
            for (int row = 0; row < rows; row++) {
                long at = x + 4L * j + row * slide.rowStep;
                FloatVector rowSum = zero();
                for (int column = 0; column < columns; column++) {
                    rowSum = rowSum.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep, ORDER, lanes));
                }
                sum = sum.add(rowSum);
            }
            store(y + 4L * j, sum, lanes);
        }
    }

    /** @param g [C, H', W', N]. @param dx [C, H, W, N] */
    void spread(Window window, Shape images, long g, long dx) {
        var slide = new Slide(window, images);
        overChannels(images, slide, dx, (examples, output, image, rows, columns) ->
                addToTaps(slide, examples, rows, columns, g + output, dx + image), Sink.NOTHING);
    }

    private static void addToTaps(Slide slide, int n, int rows, int columns, long g, long dx) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector gradient = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4L * j, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = dx + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep, ORDER, lanes);
                    store(at + column * slide.columnStep, old.add(gradient), lanes);
                }
            }
        }
    }
}
