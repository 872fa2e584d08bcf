package coppice.nn.data;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What {@link Strokes} and {@link StrokesRgb} share: labels, and the strokes of each image on a {@link Canvas}. They differ in
 * how a canvas becomes pixels.
 *
 * @param name of the data set
 * @param example {@code [channels, side, side]}
 * @param most images at once
 */
record DigitImages(String name, Shape example, int most) {

    private static final int BLOCK = 64;

    /** Makes pixels of a canvas on which a digit has been drawn. */
    @FunctionalInterface
    interface Painter {

        /**
         * @param image the seed of the image
         * @param hand has given its element 0 to the choice of the glyph
         * @param pixels receives the image from {@code first} on
         */
        void paint(Canvas canvas, Seed image, Seed hand, byte[] pixels, int first);
    }

    /**
     * Draws images 0 … {@code count − 1}, on all cores. Labels come in blocks of ten that hold each digit once, in a random
     * order.
     *
     * @param images image {@code i} is drawn from {@code images.in(i)}
     */
    Dataset generate(Seed images, Seed ofLabels, int count, Painter painter) {
        if (count < 1 || count > most) {
            throw new IllegalArgumentException(name + ": count must be 1 to " + most + ", got " + count);
        }
        byte[] labels = labels(ofLabels, count);
        byte[] pixels = new byte[count * example.size()];
        IntStream.range(0, (count + BLOCK - 1) / BLOCK).parallel().forEach(block -> {
            Canvas canvas = new Canvas(example.size(1));
            for (int i = block * BLOCK; i < Math.min(count, (block + 1) * BLOCK); i++) {
                Seed image = images.in(i);
                Seed hand = image.in("hand");
                draw(image, hand, labels[i], canvas);
                painter.paint(canvas, image, hand, pixels, i * example.size());
            }
        });
        return new Dataset(name, example, Glyph.DIGITS.size(), pixels, labels);
    }

    private static byte[] labels(Seed seed, int count) {
        int digits = Glyph.DIGITS.size();
        byte[] labels = new byte[count];
        int[] block = {};
        for (int i = 0; i < count; i++) {
            if (i % digits == 0) {
                block = seed.in(i / digits).permutation(digits);
            }
            labels[i] = (byte) block[i % digits];
        }
        return labels;
    }

    private void draw(Seed image, Seed hand, int digit, Canvas canvas) {
        List<Glyph> ways = Glyph.DIGITS.get(digit);
        Warp warp = new Warp(image.in("warp"), example.size(1));
        canvas.clear();
        for (double[] polyline : ways.get(hand.below(0, ways.size())).polylines()) {
            canvas.polyline(warp.map(polyline));
        }
    }
}
