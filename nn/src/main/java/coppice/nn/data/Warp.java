package coppice.nn.data;

import coppice.engine.Seed;

/**
 * How one digit gets from its square onto the canvas: a bend, then an affine map, both drawn at random. The bend is a
 * free-form deformation (Sederberg and Parry, "Free-form deformation of solid geometric models", 1986, here in the plane): a
 * grid of 4×4 displacements weighted by Bernstein polynomials, so that near points move alike.
 */
final class Warp {

    // Each is uniform between two bounds, or between a bound and its negative.
    private static final double LEAST_HEIGHT = 14;
    private static final double MOST_HEIGHT = 21;
    private static final double LEAST_ASPECT = 0.8;
    private static final double MOST_ASPECT = 1.25;
    private static final double TURN = 0.3;
    private static final double SHEAR = 0.3;
    private static final double SHIFT = 2;
    private static final double BEND = 0.28;

    private static final int GRID = 4;

    private final double xx;
    private final double xy;
    private final double yx;
    private final double yy;
    private final double centreX;
    private final double centreY;
    private final double[] bendX = new double[GRID * GRID];
    private final double[] bendY = new double[GRID * GRID];

    /** @param side of the canvas in pixels; the digit's centre is near to the canvas's */
    Warp(Seed seed, int side) {
        double height = between(LEAST_HEIGHT, MOST_HEIGHT, seed.uniform(0));
        double width = height * between(LEAST_ASPECT, MOST_ASPECT, seed.uniform(1));
        double turn = between(-TURN, TURN, seed.uniform(2));
        double lean = height * between(-SHEAR, SHEAR, seed.uniform(3));
        double cos = StrictMath.cos(turn);
        double sin = StrictMath.sin(turn);
        xx = cos * width;
        xy = -cos * lean - sin * height;
        yx = sin * width;
        yy = -sin * lean + cos * height;
        centreX = (side - 1) / 2.0 + between(-SHIFT, SHIFT, seed.uniform(4));
        centreY = (side - 1) / 2.0 + between(-SHIFT, SHIFT, seed.uniform(5));
        Seed bend = seed.in("bend");
        for (int i = 0; i < GRID * GRID; i++) {
            bendX[i] = between(-BEND, BEND, bend.uniform(2 * i));
            bendY[i] = between(-BEND, BEND, bend.uniform(2 * i + 1));
        }
    }

    static double between(double least, double most, double uniform) {
        return least + (most - least) * uniform;
    }

    /** The polyline on the canvas, x, y pairs in pixels. */
    double[] map(double[] polyline) {
        double[] mapped = new double[polyline.length];
        for (int i = 0; i < polyline.length; i += 2) {
            double x = polyline[i];
            double y = polyline[i + 1];
            double bentX = x + bend(bendX, x + 0.5, y + 0.5);
            double bentY = y + bend(bendY, x + 0.5, y + 0.5);
            mapped[i] = centreX + xx * bentX + xy * bentY;
            mapped[i + 1] = centreY + yx * bentX + yy * bentY;
        }
        return mapped;
    }

    /** The sum over the grid of displacement · bernstein(row, y) · bernstein(column, x), at x and y of 0 to 1. */
    private static double bend(double[] grid, double x, double y) {
        double sum = 0;
        for (int row = 0; row < GRID; row++) {
            double across = 0;
            for (int column = 0; column < GRID; column++) {
                across += grid[row * GRID + column] * bernstein(column, x);
            }
            sum += across * bernstein(row, y);
        }
        return sum;
    }

    private static double bernstein(int i, double t) {
        double u = 1 - t;
        return switch (i) {
            case 0 -> u * u * u;
            case 1 -> 3 * u * u * t;
            case 2 -> 3 * u * t * t;
            default -> t * t * t;
        };
    }
}
