package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
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

        /** Whether windows of two by two stand side by side and cover the images: then each pixel is in one window only. */
        boolean halves() {
            return halves(window.y(), height) && halves(window.x(), width);
        }

        private static boolean halves(Window.Axis axis, int size) {
            return axis.size() == 2 && axis.stride() == 2 && axis.padding() == 0 && axis.dilation() == 1 && size % 2 == 0;
        }

        /** The byte of an element of the outputs for example 0. */
        long output(int channel, int row, int column) {
            return 4L * n * ((channel * outputHeight + row) * outputWidth + column);
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
                long output = output(channel, outputRow, column);
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

    /** What is done with a row of outputs of a channel, for some of the examples. */
    private interface Row {
        void at(int channel, int row, int example, int examples);
    }

    private void overRows(Shape images, Slide slide, Row kernel) {
        int rows = slide.channels * slide.outputHeight;
        workers.run(workers.parts(images.size(), GRAIN), (part, parts) -> {
            int last = Workers.start(rows, 1, part + 1, parts);
            for (int row = Workers.start(rows, 1, part, parts); row < last; row++) {
                kernel.at(row / slide.outputHeight, row % slide.outputHeight, 0, slide.n);
            }
        });
    }

    private void overWindows(Shape images, Slide slide, Look look) {
        overRows(images, slide, (channel, row, example, examples) -> slide.row(channel, row, example, examples, look));
    }

    /** Into how many groups of examples images are cut, since there are too few channels for all threads. */
    private int groups(Shape images) {
        int channels = images.size(0);
        int parts = workers.parts(images.size(), GRAIN);
        boolean even = channels % parts == 0 || channels >= 8 * parts;
        return even ? 1 : Math.clamp(images.size(3) / LINE, 1, parts);
    }

    /** Row after row within each channel. @param sink for whole channels, as they are made */
    private void overChannels(Shape images, Slide slide, long dx, Row kernel, Sink sink) {
        int parts = workers.parts(images.size(), GRAIN);
        int groups = groups(images);
        int items = slide.channels * groups;
        workers.run(parts, (part, ignored) -> {
            int last = Workers.start(items, 1, part + 1, parts);
            for (int item = Workers.start(items, 1, part, parts); item < last; item++) {
                int group = item % groups;
                int example = Workers.start(slide.n, LINE, group, groups);
                int examples = Workers.start(slide.n, LINE, group + 1, groups) - example;
                for (int row = 0; row < slide.outputHeight; row++) {
                    kernel.at(item / groups, row, example, examples);
                }
                if (groups == 1) {
                    sink.line(item, slide.image(item, 0, 0), slide.height * slide.width * slide.n, dx + slide.image(item, 0, 0));
                }
            }
        });
    }

    /** Clears images and adds to them. */
    private void addOverWindows(Shape images, Slide slide, long dx, Look look, Sink sink) {
        overChannels(images, slide, dx, (channel, row, example, examples) -> {
            clear(slide, channel, reached(slide, row - 1), reached(slide, row), example, examples, dx);
            slide.row(channel, row, example, examples, look);
        }, sink);
    }

    /**
     * The row of images up to which they must have been cleared for a row of windows: just before the first of these reaches them, so that they are
     * still in the cache.
     */
    private static int reached(Slide slide, int row) {
        if (row < 0) {
            return 0;
        }
        int end = slide.window.y().input(row, slide.window.y().size() - 1) + 1;
        return row == slide.outputHeight - 1 ? slide.height : Math.clamp(end, 0, slide.height);
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
        if (x == v && slide.halves()) {
            overRows(images, slide, (channel, row, _, examples) ->
                    largestOfFour(slide, examples, x + slide.image(channel, 2 * row, 0), y + slide.output(channel, row, 0)));
            return;
        }
        overWindows(images, slide, (examples, output, image, rows, columns) -> {
            if (rows == 0 || columns == 0) {
                ElementwiseKernels.fillRange(examples, 0, y + output);
            } else if (x == v) {
                largest(slide, examples, rows, columns, x + image, y + output);
            } else {
                atLargest(slide, examples, rows, columns, x + image, v + image, y + output);
            }
        });
    }

    /**
     * A row of windows that halve images. All windows of a step of Conv-2 at batch 60 take 2.0 ms instead of 3.9 so, on one thread.
     *
     * @param x the first window's first pixel
     */
    private static void largestOfFour(Slide slide, int n, long x, long y) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            long above = x + 4L * j;
            long below = above + slide.rowStep;
            long to = y + 4L * j;
            for (int column = 0; column < slide.outputWidth; column++) {
                FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, above & ADDRESSES, ORDER, lanes);
                FloatVector second = FloatVector.fromMemorySegment(SPECIES, ALL, above + slide.columnStep & ADDRESSES, ORDER, lanes);
                largest = largest.blend(second, beats(second, largest));
                FloatVector third = FloatVector.fromMemorySegment(SPECIES, ALL, below & ADDRESSES, ORDER, lanes);
                largest = largest.blend(third, beats(third, largest));
                FloatVector fourth = FloatVector.fromMemorySegment(SPECIES, ALL, below + slide.columnStep & ADDRESSES, ORDER, lanes);
                store(to, largest.blend(fourth, beats(fourth, largest)), lanes);
                above += 2 * slide.columnStep;
                below += 2 * slide.columnStep;
                to += slide.columnStep;
            }
        }
    }

    /** The first tap is compared with itself, which changes nothing. */
    private static void largest(Slide slide, int n, int rows, int columns, long x, long y) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * j & ADDRESSES, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = x + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector other = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep & ADDRESSES, ORDER, lanes);
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
            FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * j & ADDRESSES, ORDER, lanes);
            FloatVector value = FloatVector.fromMemorySegment(SPECIES, ALL, v + 4L * j & ADDRESSES, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    long tap = at + column * slide.columnStep;
                    FloatVector other = FloatVector.fromMemorySegment(SPECIES, ALL, x + tap & ADDRESSES, ORDER, lanes);
                    var larger = beats(other, largest);
                    largest = largest.blend(other, larger);
                    value = value.blend(FloatVector.fromMemorySegment(SPECIES, ALL, v + tap & ADDRESSES, ORDER, lanes), larger);
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
        if (slide.halves()) {
            overChannels(images, slide, dx, (channel, row, example, examples) -> {
                long image = slide.image(channel, 2 * row, 0) + 4L * example;
                placeInFour(slide, examples, x + image, g + slide.output(channel, row, 0) + 4L * example, dx + image);
            }, sink);
            return;
        }
        addOverWindows(images, slide, dx, (examples, output, image, rows, columns) -> {
            if (rows > 0 && columns > 0) {
                addAtLargest(slide, examples, rows, columns, x + image, g + output, dx + image);
            }
        }, sink);
    }

    /**
     * A row of windows that halve images: gradients are added to nothing, so images are written once and not read. All windows of a step of Conv-2
     * at batch 60 take 3.0 ms instead of 7.4 so, on one thread.
     *
     * @param x  the first window's first pixel
     * @param dx likewise
     */
    private static void placeInFour(Slide slide, int n, long x, long g, long dx) {
        FloatVector none = zero();
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            long above = 4L * j;
            long below = above + slide.rowStep;
            long from = g + 4L * j;
            for (int column = 0; column < slide.outputWidth; column++) {
                FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, x + above & ADDRESSES, ORDER, lanes);
                FloatVector other = FloatVector.fromMemorySegment(SPECIES, ALL, x + above + slide.columnStep & ADDRESSES, ORDER, lanes);
                var second = beats(other, largest);
                largest = largest.blend(other, second);
                other = FloatVector.fromMemorySegment(SPECIES, ALL, x + below & ADDRESSES, ORDER, lanes);
                var third = beats(other, largest);
                largest = largest.blend(other, third);
                other = FloatVector.fromMemorySegment(SPECIES, ALL, x + below + slide.columnStep & ADDRESSES, ORDER, lanes);
                var fourth = beats(other, largest);
                FloatVector gradient = none.add(FloatVector.fromMemorySegment(SPECIES, ALL, from & ADDRESSES, ORDER, lanes));
                store(dx + below + slide.columnStep, none.blend(gradient, fourth), lanes);
                gradient = gradient.blend(none, fourth);
                store(dx + below, none.blend(gradient, third), lanes);
                gradient = gradient.blend(none, third);
                store(dx + above + slide.columnStep, none.blend(gradient, second), lanes);
                store(dx + above, gradient.blend(none, second), lanes);
                above += 2 * slide.columnStep;
                below += 2 * slide.columnStep;
                from += slide.columnStep;
            }
        }
    }

    /** The number of the largest tap is kept as a float, exact below 2²⁴, so that vectors of one kind suffice. */
    private static void addAtLargest(Slide slide, int n, int rows, int columns, long x, long g, long dx) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector largest = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * j & ADDRESSES, ORDER, lanes);
            FloatVector largestTap = zero();
            for (int row = 0; row < rows; row++) {
                long at = x + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector other = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep & ADDRESSES, ORDER, lanes);
                    var larger = beats(other, largest);
                    largest = largest.blend(other, larger);
                    largestTap = largestTap.blend(broadcast(row * columns + column), larger);
                }
            }
            FloatVector gradient = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4L * j & ADDRESSES, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = dx + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep & ADDRESSES, ORDER, lanes);
                    var here = largestTap.compare(VectorOperators.EQ, broadcast(row * columns + column));
                    store(at + column * slide.columnStep, old.add(gradient, here), lanes);
                }
            }
        }
    }

    /** @param x [C, H, W, N]. @param y [C, H', W', N] */
    void sumWindow(Window window, Shape images, long x, long y) {
        var slide = new Slide(window, images);
        overWindows(images, slide, (examples, output, image, rows, columns) ->
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
                    rowSum = rowSum.add(FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep & ADDRESSES, ORDER, lanes));
                }
                sum = sum.add(rowSum);
            }
            store(y + 4L * j, sum, lanes);
        }
    }

    /** @param g [C, H', W', N]. @param dx [C, H, W, N] */
    void spread(Window window, Shape images, long g, long dx) {
        var slide = new Slide(window, images);
        addOverWindows(images, slide, dx, (examples, output, image, rows, columns) ->
                addToTaps(slide, examples, rows, columns, g + output, dx + image), Sink.NOTHING);
    }

    private static void addToTaps(Slide slide, int n, int rows, int columns, long g, long dx) {
        for (int j = 0; j < n; j += LENGTH) {
            var lanes = first(n - j);
            FloatVector gradient = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4L * j & ADDRESSES, ORDER, lanes);
            for (int row = 0; row < rows; row++) {
                long at = dx + 4L * j + row * slide.rowStep;
                for (int column = 0; column < columns; column++) {
                    FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, at + column * slide.columnStep & ADDRESSES, ORDER, lanes);
                    store(at + column * slide.columnStep, old.add(gradient), lanes);
                }
            }
        }
    }
}
