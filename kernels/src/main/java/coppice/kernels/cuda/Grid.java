package coppice.kernels.cuda;

import coppice.engine.BackendException;

/** How many blocks of threads run a kernel, in up to three directions. */
record Grid(int x, int y, int z) {

    /** Threads of a block, for every kernel: THREADS of Kernel.cuh. */
    static final int THREADS = 256;

    static final int WARP = 32;

    /** What a GPU can count in the second and third direction. */
    private static final int MOST = 65_535;

    Grid {
        if (y > MOST || z > MOST) {
            throw new BackendException("cuda: a grid has at most " + MOST + " blocks down and deep, got " + x + " × " + y + " × " + z);
        }
    }

    /** A thread for each of so many elements. */
    static Grid threads(long elements) {
        return blocks(Math.ceilDiv(elements, THREADS));
    }

    static Grid blocks(long count) {
        return new Grid(Math.toIntExact(count), 1, 1);
    }

    boolean isEmpty() {
        return x == 0 || y == 0 || z == 0;
    }
}
