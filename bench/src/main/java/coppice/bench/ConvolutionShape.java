package coppice.bench;

import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A convolution, as a parameter of a benchmark: {@code 64x32x3x3/2@16x16x128} has 64 outputs, 32 inputs, taps of 3×3 at stride 2, padding
 * that would keep the size at stride 1, and 128 images of 16×16.
 */
public record ConvolutionShape(int outputs, int inputs, int taps, int stride, int side, int batch) {

    private static final Pattern TEXT = Pattern.compile("(\\d+)x(\\d+)x(\\d+)x\\3/(\\d+)@(\\d+)x\\5x(\\d+)");

    public static ConvolutionShape of(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("layer: must be such as 64x32x3x3/2@16x16x128, got " + text);
        }
        return new ConvolutionShape(number(matcher, 1), number(matcher, 2), number(matcher, 3), number(matcher, 4), number(matcher, 5),
                number(matcher, 6));
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    public Window window() {
        return Window.square(taps, stride, taps / 2);
    }

    public Shape weight() {
        return Shape.of(outputs, inputs, taps, taps);
    }

    public Shape images() {
        return Shape.of(inputs, side, side, batch);
    }

    public Shape output() {
        return window().output("layer", images(), outputs);
    }

    /** A small one of the same kind, to be computed by plain loops. */
    ConvolutionShape small() {
        return new ConvolutionShape(outputs, inputs, taps, stride, Math.min(side, 5), Math.min(batch, 32));
    }

    /** Of one face, at a density of the weight; taps in the padding count. */
    public Work work(double density) {
        return new Work(2.0 * density * weight().size() * output().rowSize(), Float.BYTES * (density * weight().size() + images().size() + output().size()));
    }
}
