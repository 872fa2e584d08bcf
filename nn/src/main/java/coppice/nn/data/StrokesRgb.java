package coppice.nn.data;

import static coppice.nn.data.Warp.between;

import coppice.engine.Seed;
import coppice.engine.Shape;

/**
 * The coloured sibling of {@link Strokes}, in the shape of CIFAR: the same digits, bent in the same ways, on 32×32 pixels in
 * red, green and blue. Ink and ground have random colours, and either may be the lighter one, so that no channel alone and no
 * fixed threshold tells the digit from its ground. The class is the digit.
 *
 * <p>Image {@code i} is a function of {@code seed.in("strokes-rgb").in(i)} and its label alone, on every machine.
 */
public final class StrokesRgb {

    /** The most images that can be drawn at once. */
    public static final int MOST = 500_000;

    private static final int SIDE = 32;
    private static final int CHANNELS = 3;
    private static final DigitImages IMAGES = new DigitImages("strokes-rgb", Shape.of(CHANNELS, SIDE, SIDE), MOST);

    private static final double LEAST_PEN = 0.8;
    private static final double MOST_PEN = 1.8;
    private static final double MOST_GRAIN = 48;

    /** How far apart ink and ground are in brightness at least, 0 to 255; half of all pairs of colours are. */
    private static final double LEAST_CONTRAST = 64;

    /** The brightness of a colour: ITU-R BT.601. */
    private static final double[] BRIGHTNESS = {0.299, 0.587, 0.114};

    private StrokesRgb() {
    }

    /**
     * Draws images 0 … {@code count − 1} of a seed, on all cores. Labels come in blocks of ten that hold each digit once, in a
     * random order, so that any number of images is balanced to within one.
     *
     * @param count 1 to 500,000
     */
    public static Dataset generate(Seed seed, int count) {
        Seed images = seed.in("strokes-rgb");
        return IMAGES.generate(images, images.in("labels"), count, StrokesRgb::paint);
    }

    private static void paint(Canvas canvas, Seed image, Seed hand, byte[] pixels, int first) {
        double pen = between(LEAST_PEN, MOST_PEN, hand.uniform(1));
        double grain = between(0, MOST_GRAIN, hand.uniform(2));
        Seed colours = image.in("colours");
        int pair = 0;
        while (contrast(colours, pair) < LEAST_CONTRAST) {
            pair++;
        }
        for (int channel = 0; channel < CHANNELS; channel++) {
            canvas.write(pen, ground(colours, pair, channel), ink(colours, pair, channel), grain,
                    image.in("grain").in(channel), pixels, first + channel * SIDE * SIDE);
        }
    }

    private static double contrast(Seed colours, int pair) {
        double difference = 0;
        for (int channel = 0; channel < CHANNELS; channel++) {
            difference += BRIGHTNESS[channel] * (ink(colours, pair, channel) - ground(colours, pair, channel));
        }
        return Math.abs(difference);
    }

    private static double ink(Seed colours, int pair, int channel) {
        return between(0, 255, colours.uniform(2L * CHANNELS * pair + channel));
    }

    private static double ground(Seed colours, int pair, int channel) {
        return between(0, 255, colours.uniform(2L * CHANNELS * pair + CHANNELS + channel));
    }
}
