package coppice.engine;

/**
 * How a kernel slides over images [C, H, W, N]: down ({@code y}) and across ({@code x}). Convolution and pooling share it.
 */
public record Window(Axis y, Axis x) {

    /**
     * One direction. Output {@code o} looks at the inputs {@code o · stride − padding + t · dilation} for each tap t below
     * {@code size}; those outside the image are zeros to a convolution or a sum, and do not exist for a maximum.
     */
    public record Axis(int size, int stride, int padding, int dilation) {

        public Axis {
            if (size < 1 || stride < 1 || padding < 0 || dilation < 1) {
                throw new ShapeException("window: size, stride and dilation must be at least 1 and padding at least 0, got size " + size
                        + ", stride " + stride + ", padding " + padding + ", dilation " + dilation);
            }
        }

        /** The number of outputs over {@code input} elements; 0 or less if the window does not fit. */
        public int outputs(int input) {
            return Math.floorDiv(input + 2 * padding - dilation * (size - 1) - 1, stride) + 1;
        }

        /** The input that tap {@code tap} of output {@code output} looks at; outside the image in the padding. */
        public int input(int output, int tap) {
            return output * stride - padding + tap * dilation;
        }

        @Override
        public String toString() {
            return "size " + size + ", stride " + stride + ", padding " + padding + (dilation == 1 ? "" : ", dilation " + dilation);
        }
    }

    /** The same in both directions, without dilation. */
    public static Window square(int size, int stride, int padding) {
        var axis = new Axis(size, stride, padding, 1);
        return new Window(axis, axis);
    }

    /** The number of taps. */
    public int size() {
        return y.size * x.size;
    }

    /** The shape [channels, H', W'] that sliding over one example [C, H, W] leaves. */
    public Shape outputOfExample(String name, Shape example, int channels) {
        if (example.rank() != 3) {
            throw new ShapeException(name + ": takes examples of [C, H, W], got " + example);
        }
        Shape batch = output(name, example.batch(1), channels);
        return Shape.of(channels, batch.size(1), batch.size(2));
    }

    /** The shape [channels, H', W', N] that sliding over an input [C, H, W, N] leaves. */
    public Shape output(String name, Shape input, int channels) {
        if (input.rank() != 4) {
            throw new ShapeException(name + ": takes images [C, H, W, N], got " + input);
        }
        int height = y.outputs(input.size(1));
        int width = x.outputs(input.size(2));
        if (height < 1 || width < 1) {
            throw new ShapeException(name + ": " + this + " does not fit into images of " + input);
        }
        return Shape.of(channels, height, width, input.size(3));
    }

    @Override
    public String toString() {
        return "window of " + (x.equals(y) ? y.toString() : "(" + y + ") by (" + x + ")");
    }
}
