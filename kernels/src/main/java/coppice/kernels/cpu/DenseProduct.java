package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.LENGTH;

import coppice.engine.Product.Face;

/**
 * The faces of a dense product, all as one: y[r, c] = Σ over s of w[r, s] · x[s, c], with w read by any strides and x copied, or
 * transposed, to a panel for each few vectors of columns. For the face WEIGHT the gradient takes the place of w and the sum runs over
 * the batch.
 *
 * <p>The result's tiles, panel by panel, are dealt out in one range of equal work to each thread.
 */
final class DenseProduct {

    /** Multiplications below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 100_000;

    private final Workers workers;
    private final Memory memory;

    DenseProduct(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** @param w [m, k]. @param x [k, n]. @param g [m, n] */
    void run(Face face, int m, int k, int n, long w, long x, long g) {
        switch (face) {
            case OUTPUT -> multiply(new Product(m, k, n, w, 4L * k, 4, x, false, g));
            case INPUT -> multiply(new Product(k, m, n, w, 4, 4L * k, g, false, x));
            case WEIGHT -> multiply(new Product(m, n, k, g, 4L * n, 4, x, true, w));
        }
    }

    /**
     * @param rows       of y
     * @param steps      of the sum
     * @param columns    of y
     * @param wRow       bytes from a row of w to the next
     * @param wStep      bytes from a step of w to the next
     * @param transposed whether x is [columns, steps], else [steps, columns]
     * @param y          [rows, columns]
     */
    private record Product(int rows, int steps, int columns, long w, long wRow, long wStep, long x, boolean transposed, long y) {

        /** The tiles of a panel. */
        int rowTiles() {
            return (rows - 1) / DenseTile.ROWS + 1;
        }

        /** The work of all tiles: their vectors. */
        long work() {
            return (long) rowTiles() * ((columns - 1) / LENGTH + 1);
        }

        /** The tile, counted panel by panel, before which that much work is done. */
        int tileAfter(long work) {
            long rest = work;
            int tile = 0;
            for (int column = 0; column < columns; tile += rowTiles()) {
                int vectors = DenseTile.vectors(columns - column);
                if (rest < (long) rowTiles() * vectors) {
                    return tile + (int) (rest / vectors);
                }
                rest -= (long) rowTiles() * vectors;
                column += vectors * LENGTH;
            }
            return tile;
        }

        /** The first column of a panel. */
        int column(int panel) {
            int whole = Math.min(panel, columns / (DenseTile.VECTORS * LENGTH));
            int at = whole * DenseTile.VECTORS * LENGTH;
            for (int i = whole; i < panel; i++) {
                at += DenseTile.vectors(columns - at) * LENGTH;
            }
            return at;
        }

        void fill(int column, int vectors, long panel) {
            int count = Math.min(columns - column, vectors * LENGTH);
            if (transposed) {
                Panel.transpose(steps, 4L * steps, x + 4L * column * steps, count, vectors, panel);
            } else {
                Panel.copy(steps, 4L * columns, x + 4L * column, count, vectors, panel);
            }
        }

        /** Tiles {@code from … to − 1} of one panel. */
        void tiles(int from, int to, int column, int vectors, long panel) {
            int count = Math.min(columns - column, vectors * LENGTH);
            for (int tile = from; tile < to; tile++) {
                int row = tile * DenseTile.ROWS;
                DenseTile.run(Math.min(DenseTile.ROWS, rows - row), steps, w + row * wRow, wRow, wStep, panel, vectors, count,
                        y + 4L * ((long) row * columns + column), 4L * columns);
            }
        }
    }

    private void multiply(Product product) {
        if (product.rows == 0 || product.columns == 0) {
            return;
        }
        int parts = workers.parts((long) product.rows * product.steps * product.columns, GRAIN);
        int panelFloats = Math.toIntExact((product.steps / LENGTH + 1L) * LENGTH * DenseTile.VECTORS * LENGTH);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, panelFloats));
        try {
            long panels = scratch.address();
            workers.run(parts, (part, all) -> multiplyPart(product, part, all, panels + 4L * part * panelFloats));
        } finally {
            memory.release(scratch);
        }
    }

    private static void multiplyPart(Product product, int part, int parts, long panel) {
        int rowTiles = product.rowTiles();
        int last = product.tileAfter(product.work() * (part + 1) / parts);
        for (int tile = product.tileAfter(product.work() * part / parts); tile < last; ) {
            int column = product.column(tile / rowTiles);
            int vectors = DenseTile.vectors(product.columns - column);
            int first = tile % rowTiles;
            int end = Math.min(rowTiles, first + last - tile);
            product.fill(column, vectors, panel);
            product.tiles(first, end, column, vectors, panel);
            tile += end - first;
        }
    }
}
