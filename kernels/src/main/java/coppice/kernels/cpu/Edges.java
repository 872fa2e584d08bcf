package coppice.kernels.cpu;

/**
 * The edges of an image, as bits that no distance of two vectors has, in bytes: those that some neighbouring pixels touch, together with their place, and
 * those that a survivor looks beyond from a pixel that touches them, together with its look. Where both have one in common, there is padding.
 */
final class Edges {

    static final int ABOVE = 1;
    static final int BELOW = 2;
    static final int LEFT = 4;
    static final int RIGHT = 8;
    static final int ALL = ABOVE | BELOW | LEFT | RIGHT;

    private Edges() {}

    /** Those that a look goes beyond, so many lines down and pixels to the right, −1, 0 or 1. */
    static int beyond(int down, int right) {
        return (down < 0 ? ABOVE : 0) | (down > 0 ? BELOW : 0) | (right < 0 ? LEFT : 0) | (right > 0 ? RIGHT : 0);
    }

    /** −1 if there is padding above or below, else 0: for the lowest bits, without a branch. */
    static long aboveOrBelow(int padding) {
        return -(long) (padding & ABOVE | (padding & BELOW) / BELOW);
    }
}
