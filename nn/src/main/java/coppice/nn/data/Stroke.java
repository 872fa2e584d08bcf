package coppice.nn.data;

/**
 * One movement of the pen, in the square of a digit: x to the right and y downwards, both 0 to 1. For drawing it becomes a
 * polyline.
 */
sealed interface Stroke {

    /** A polyline of x, y pairs. */
    double[] points();

    static Stroke line(double... points) {
        return new Line(points);
    }

    static Stroke curve(double x0, double y0, double x1, double y1, double x2, double y2, double x3, double y3) {
        return new Curve(x0, y0, x1, y1, x2, y2, x3, y3);
    }

    static Stroke arc(double centreX, double centreY, double radiusX, double radiusY, double from, double to) {
        return new Arc(centreX, centreY, radiusX, radiusY, from, to);
    }

    /** Straight lines from corner to corner. Each is cut in four, so that a distortion can bend it. */
    record Line(double... corners) implements Stroke {

        private static final int PARTS = 4;

        @Override
        public double[] points() {
            int lines = corners.length / 2 - 1;
            double[] points = new double[2 * (lines * PARTS + 1)];
            for (int i = 0; i <= lines * PARTS; i++) {
                int line = Math.min(i / PARTS, lines - 1);
                double along = (double) (i - line * PARTS) / PARTS;
                for (int axis = 0; axis < 2; axis++) {
                    double start = corners[2 * line + axis];
                    points[2 * i + axis] = start + along * (corners[2 * line + 2 + axis] - start);
                }
            }
            return points;
        }
    }

    /** A cubic Bézier curve. */
    record Curve(double x0, double y0, double x1, double y1, double x2, double y2, double x3, double y3) implements Stroke {

        private static final int PARTS = 9;

        @Override
        public double[] points() {
            double[] points = new double[2 * (PARTS + 1)];
            for (int i = 0; i <= PARTS; i++) {
                double along = (double) i / PARTS;
                points[2 * i] = at(along, x0, x1, x2, x3);
                points[2 * i + 1] = at(along, y0, y1, y2, y3);
            }
            return points;
        }

        private static double at(double t, double a, double b, double c, double d) {
            double u = 1 - t;
            return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
        }
    }

    /** Part of an ellipse; angles in degrees, 0 to the right and 90 at the bottom, drawn from {@code from} to {@code to}. */
    record Arc(double centreX, double centreY, double radiusX, double radiusY, double from, double to) implements Stroke {

        private static final double DEGREES_PER_PART = 24;

        @Override
        public double[] points() {
            int parts = (int) StrictMath.ceil(StrictMath.abs(to - from) / DEGREES_PER_PART);
            double[] points = new double[2 * (parts + 1)];
            for (int i = 0; i <= parts; i++) {
                double angle = StrictMath.toRadians(from + (to - from) * i / parts);
                points[2 * i] = centreX + radiusX * StrictMath.cos(angle);
                points[2 * i + 1] = centreY + radiusY * StrictMath.sin(angle);
            }
            return points;
        }
    }
}
