package coppice.kernels.cpu;

/** Cuts the rows of a sparse index into ranges of equal work. */
final class Balance {

    /** What starting and writing a row costs, in survivors. */
    private static final int ROW = 4;

    private Balance() {}

    /** The work of the first rows. @param starts where each row's survivors start */
    static long cost(int[] starts, int rows) {
        return starts[rows] + (long) ROW * rows;
    }

    /** The first row before which there is at least that much work. */
    static int row(int[] starts, long work) {
        int low = 0;
        int high = starts.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (cost(starts, middle) < work) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
