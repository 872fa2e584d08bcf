package coppice.nn.data;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.Arrays;

/**
 * How a training image is changed at random each time it is seen. What happens to image {@code i} in epoch {@code e} is a
 * function of {@code seed.in("augment").in(e).in(i)} alone, {@code i} being its position in the dataset: it is the same in any
 * order, on any thread, and after a resume.
 */
public sealed interface Augmentation {

    /** Images as they are. */
    record None() implements Augmentation {

        @Override
        public void apply(Seed draw, Shape example, byte[] from, int fromFirst, byte[] to, int toFirst) {
            System.arraycopy(from, fromFirst, to, toFirst, example.size());
        }
    }

    /**
     * The usual one for CIFAR (He et al., "Deep residual learning for image recognition", 2016, section 4.2): black is added on
     * all four sides, an image of the old size is cut out at a random place, and half of the images are mirrored left to
     * right. Black is the byte 0, before normalisation, as in torchvision's {@code RandomCrop(size, padding)}.
     *
     * @param padding pixels added on each side, 0 or more; 4 for CIFAR
     */
    record CropAndFlip(int padding) implements Augmentation {

        private static final int MOST_PADDING = 1 << 12;

        public CropAndFlip {
            if (padding < 0 || padding > MOST_PADDING) {
                throw new IllegalArgumentException("augmentation: padding must be 0 to " + MOST_PADDING + ", got " + padding);
            }
        }

        @Override
        public void apply(Seed draw, Shape example, byte[] from, int fromFirst, byte[] to, int toFirst) {
            int down = draw.below(0, 2 * padding + 1) - padding;
            int right = draw.below(1, 2 * padding + 1) - padding;
            boolean mirrored = draw.below(2, 2) == 1;
            int height = example.size(1);
            int width = example.size(2);
            int left = Math.clamp(-right, 0, width); // columns of black at the left of the crop, and where its picture ends
            int end = Math.clamp((long) width - right, left, width);
            for (int row = 0; row < example.size(0) * height; row++) {
                int y = row % height + down;
                int target = toFirst + row * width;
                if (y < 0 || y >= height) {
                    Arrays.fill(to, target, target + width, (byte) 0);
                    continue;
                }
                Arrays.fill(to, target, target + left, (byte) 0);
                System.arraycopy(from, fromFirst + (row + down) * width + left + right, to, target + left, end - left);
                Arrays.fill(to, target + end, target + width, (byte) 0);
                if (mirrored) {
                    mirror(to, target, width);
                }
            }
        }

        private static void mirror(byte[] row, int first, int width) {
            for (int i = first, j = first + width - 1; i < j; i++, j--) {
                byte swap = row[i];
                row[i] = row[j];
                row[j] = swap;
            }
        }
    }

    /**
     * The usual one for ImageNet (Szegedy et al., "Going deeper with convolutions", 2015, section 6), as torchvision's
     * {@code RandomResizedCrop}: a rectangle of 8 % to 100 % of the area and an aspect ratio of 3/4 to 4/3, both drawn at
     * random, from a random place, scaled to the size wanted; half of the images are mirrored left to right. When ten draws do
     * not fit into the image, the largest rectangle in its middle with a ratio within the bounds is taken.
     */
    record ResizedCrop() implements Augmentation {

        private static final int DRAWS = 10;
        private static final double LEAST_AREA = 0.08;
        private static final double MOST_RATIO = 4 / 3.0;

        @Override
        public void apply(Seed draw, Shape example, byte[] from, int fromFirst, byte[] to, int toFirst) {
            cut(draw, new Picture(example, from, fromFirst), example, to, toFirst);
        }

        /** The same from a picture of another size. */
        void cut(Seed draw, Picture picture, Shape target, byte[] to, int toFirst) {
            int height = picture.shape().size(1);
            int width = picture.shape().size(2);
            Seed place = draw.in("place");
            boolean found = false;
            for (int i = 0; i < DRAWS && !found; i++) {
                double area = Warp.between(LEAST_AREA, 1, place.uniform(4 * i)) * width * height;
                double logarithm = StrictMath.log(MOST_RATIO);
                double ratio = StrictMath.exp(Warp.between(-logarithm, logarithm, place.uniform(4 * i + 1)));
                int across = (int) Math.round(Math.sqrt(area * ratio));
                int down = (int) Math.round(Math.sqrt(area / ratio));
                found = across >= 1 && across <= width && down >= 1 && down <= height;
                if (found) {
                    picture.scale(place.below(4 * i + 2, width - across + 1), place.below(4 * i + 3, height - down + 1),
                            across, down, target, to, toFirst);
                }
            }
            if (!found) {
                double across = Math.min(width, height * MOST_RATIO);
                double down = Math.min(height, width * MOST_RATIO);
                picture.scale((width - across) / 2, (height - down) / 2, across, down, target, to, toFirst);
            }
            if (draw.below(0, 2) == 1) {
                for (int row = 0; row < target.size(0) * target.size(1); row++) {
                    CropAndFlip.mirror(to, toFirst + row * target.size(2), target.size(2));
                }
            }
        }
    }

    static Augmentation none() {
        return new None();
    }

    static Augmentation cropAndFlip(int padding) {
        return new CropAndFlip(padding);
    }

    static Augmentation resizedCrop() {
        return new ResizedCrop();
    }

    /**
     * Writes one changed image.
     *
     * @param draw the image's own seed
     * @param example {@code [channels, height, width]}
     * @param from holds the image from {@code fromFirst} on, in the order of {@code example}; left as it is
     * @param to receives the changed image from {@code toFirst} on
     */
    void apply(Seed draw, Shape example, byte[] from, int fromFirst, byte[] to, int toFirst);
}
