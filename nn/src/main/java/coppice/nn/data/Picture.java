package coppice.nn.data;

import coppice.engine.Shape;

/**
 * A picture of any size, to be brought to a fixed one.
 *
 * @param shape {@code [channels, height, width]}
 * @param pixels holds the planes of the channels, row by row, from {@code first} on
 */
record Picture(Shape shape, byte[] pixels, int first) {

    /**
     * Scales a rectangle of the picture to a target, with the filter of Pillow and of torchvision's {@code antialias}: a
     * triangle which is as wide as two pixels of the coarser of the two grids, first along the rows, then along the columns.
     *
     * @param target {@code [channels, height, width]}, the same channels
     * @param to receives the target from {@code toFirst} on
     */
    void scale(double left, double top, double width, double height, Shape target, byte[] to, int toFirst) {
        Taps across = Taps.of(left, width, target.size(2), shape.size(2));
        Taps down = Taps.of(top, height, target.size(1), shape.size(1));
        int firstRow = down.starts[0];
        int rows = down.starts[target.size(1) - 1] + down.weights[target.size(1) - 1].length - firstRow;
        float[] narrowed = new float[rows * target.size(2)];
        for (int channel = 0; channel < target.size(0); channel++) {
            int source = first + channel * shape.rowSize();
            for (int row = 0; row < rows; row++) {
                int line = source + (firstRow + row) * shape.size(2);
                for (int x = 0; x < target.size(2); x++) {
                    float sum = 0;
                    float[] weights = across.weights[x];
                    int start = line + across.starts[x];
                    for (int tap = 0; tap < weights.length; tap++) {
                        sum += weights[tap] * (pixels[start + tap] & 0xFF);
                    }
                    narrowed[row * target.size(2) + x] = sum;
                }
            }
            for (int y = 0; y < target.size(1); y++) {
                float[] weights = down.weights[y];
                int start = (down.starts[y] - firstRow) * target.size(2);
                int line = toFirst + channel * target.rowSize() + y * target.size(2);
                for (int x = 0; x < target.size(2); x++) {
                    float sum = 0.5f;
                    for (int tap = 0; tap < weights.length; tap++) {
                        sum += weights[tap] * narrowed[start + tap * target.size(2) + x];
                    }
                    to[line + x] = (byte) (int) Math.min(255, sum);
                }
            }
        }
    }

    /** Which pixels of one axis each pixel of the target is made of, and their weights, which sum to 1. */
    private record Taps(int[] starts, float[][] weights) {

        static Taps of(double begin, double length, int target, int size) {
            double scale = length / target;
            double support = Math.max(1, scale);
            int[] starts = new int[target];
            float[][] weights = new float[target][];
            for (int i = 0; i < target; i++) {
                double centre = begin + (i + 0.5) * scale;
                int start = Math.clamp((long) (centre - support + 0.5), 0, size - 1);
                int end = Math.clamp((long) (centre + support + 0.5), start + 1, size);
                double[] heights = new double[end - start];
                double sum = 0;
                for (int tap = 0; tap < heights.length; tap++) {
                    heights[tap] = Math.max(0, 1 - Math.abs(start + tap + 0.5 - centre) / support);
                    sum += heights[tap];
                }
                starts[i] = start;
                weights[i] = new float[heights.length];
                for (int tap = 0; tap < heights.length; tap++) {
                    weights[i][tap] = (float) (heights[tap] / sum);
                }
            }
            return new Taps(starts, weights);
        }
    }

    /**
     * Scales the whole so that its short side is 8/7 of the target's, and cuts the target out of the middle: 256 and 224 for
     * ImageNet.
     *
     * @param target {@code [channels, side, side]}
     */
    void centre(Shape target, byte[] to, int toFirst) {
        double side = Math.min(shape.size(1), shape.size(2)) * 7 / 8.0;
        scale((shape.size(2) - side) / 2, (shape.size(1) - side) / 2, side, side, target, to, toFirst);
    }
}
