package coppice.nn.data;

import coppice.engine.Seed;
import java.util.Arrays;

/**
 * A square of pixels on which polylines are drawn with a round pen. It remembers the squared distance from the centre of each
 * pixel to the nearest line, as far as the pen reaches; how dark a pixel is follows from that distance, which makes edges
 * smooth. Pixel (0, 0) has its centre at (0, 0).
 */
final class Canvas {

    /** The widest pen: half its width and its soft edge, in pixels. */
    static final double REACH = 3;

    private final int side;
    private final double[] nearest;

    Canvas(int side) {
        this.side = side;
        this.nearest = new double[side * side];
    }

    void clear() {
        Arrays.fill(nearest, REACH * REACH);
    }

    /** Draws from point to point, x, y pairs; what lies outside of the canvas is cut off. */
    void polyline(double[] points) {
        for (int i = 2; i < points.length; i += 2) {
            line(points[i - 2], points[i - 1], points[i], points[i + 1]);
        }
    }

    private void line(double x0, double y0, double x1, double y1) {
        int left = (int) Math.max(0, Math.min(x0, x1) - REACH + 1);
        int right = (int) Math.min(side - 1, Math.max(x0, x1) + REACH);
        int top = (int) Math.max(0, Math.min(y0, y1) - REACH + 1);
        int bottom = (int) Math.min(side - 1, Math.max(y0, y1) + REACH);
        double alongX = x1 - x0;
        double alongY = y1 - y0;
        double perLength = 1 / Math.max(alongX * alongX + alongY * alongY, 1e-12);
        for (int y = top; y <= bottom; y++) {
            for (int x = left; x <= right; x++) {
                double fromX = x - x0;
                double fromY = y - y0;
                double foot = Math.max(0, Math.min(1, (fromX * alongX + fromY * alongY) * perLength));
                double offX = fromX - foot * alongX;
                double offY = fromY - foot * alongY;
                int pixel = y * side + x;
                nearest[pixel] = Math.min(nearest[pixel], offX * offX + offY * offY);
            }
        }
    }

    /**
     * Writes the picture: full ink where a pixel's centre is half a pixel or more inside the pen, none where it is half a
     * pixel or more outside, linear between.
     *
     * @param pen half the width of the pen in pixels
     * @param ground the value of a pixel not covered, 0 to 255
     * @param ink the value of a pixel fully covered, 0 to 255
     * @param grain the noise added to every pixel is between − and + this, the sum of four uniforms, near to a normal
     * @param noise element {@code i} serves pixels {@code 2i} and {@code 2i + 1}
     */
    void write(double pen, double ground, double ink, double grain, Seed noise, byte[] pixels, int first) {
        double inner = Math.max(0, pen - 0.5);
        double outer = pen + 0.5;
        for (int i = 0; i < nearest.length; i += 2) {
            long bits = noise.bits(i / 2);
            for (int pixel = i; pixel < Math.min(i + 2, nearest.length); pixel++) {
                double square = nearest[pixel];
                double cover = square >= outer * outer ? 0 : square <= inner * inner ? 1 : outer - Math.sqrt(square);
                long sum = (bits & 0xFF) + (bits >>> 8 & 0xFF) + (bits >>> 16 & 0xFF) + (bits >>> 24 & 0xFF);
                bits >>>= 32;
                double value = ground + cover * (ink - ground) + grain * (sum - 510) / 510.0;
                pixels[first + pixel] = (byte) (int) Math.max(0, Math.min(255, value + 0.5));
            }
        }
    }
}
