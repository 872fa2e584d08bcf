package coppice.kernels.cuda;

/**
 * How a product is cut: into tiles of the result, a block each, and where these are few, the sums into parts as well, so that there are
 * blocks enough for all of the device.
 *
 * @param rows    of the result
 * @param columns of the result
 * @param steps   of each sum
 * @param results of these sizes that are made at once, such as those of the groups of a convolution
 */
record Tiles(int rows, int columns, int steps, int results) {

    private static final int LARGE = 128;
    private static final int SMALL = 64;

    /** Tiles that keep a device busy. */
    private static final int ENOUGH = 256;

    /** The fewest steps that are worth a part, whose sums have to be written and added up. */
    private static final int PART = 128;

    /** Rows and columns of a tile: large ones do more with what they load, if there are enough of them. */
    int side() {
        long large = (long) Math.ceilDiv(rows, LARGE) * Math.ceilDiv(columns, LARGE) * results * parts(LARGE);
        return Math.min(rows, columns) > SMALL && large >= ENOUGH ? LARGE : SMALL;
    }

    int parts() {
        return parts(side());
    }

    private int parts(int side) {
        long tiles = Math.max(1, (long) Math.ceilDiv(rows, side) * Math.ceilDiv(columns, side) * results);
        return (int) Math.clamp(Math.min(ENOUGH / tiles, steps / PART), 1, ENOUGH);
    }

    /** Tiles across, tiles down, results times parts. */
    Grid grid() {
        return new Grid(Math.ceilDiv(columns, side()), Math.ceilDiv(rows, side()), results * parts());
    }

    /** For sums that are not cut. */
    static Tiles whole(int rows, int columns, int results) {
        return new Tiles(rows, columns, 0, results);
    }
}
