package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import java.util.Arrays;

/**
 * The faces of a dense product, all as one: y[r, c] = Σ over s of w[r, s] · x[s, c], with w read by any strides and x copied, or
 * transposed, to a panel for each few vectors of columns. For the face WEIGHT the gradient takes the place of w and the sum runs over
 * the batch.
 *
 * <p>The result's tiles, panel by panel, are dealt out in one range of equal work to each thread; where there are many rows, each thread
 * takes its share of these for all panels, so that no two write side by side and none packs what another one does. Long sums are cut into
 * blocks of which a panel stays in the second-level cache, and added up block by block. Where a step of w is a long row away from the
 * next, the rows of some tiles are copied to a panel of their own first: otherwise each step is on a page of its own, and at distances of
 * a power of two all compete for a few lines of the cache. Few rows of y or w need none of this: {@link FewRowsTile}. Survivors of a masked w go
 * the same way: they are put among zeros in that panel, for a tile at a time where it is copied by rows.
 */
final class DenseProduct {

    /** Multiplications below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 100_000;

    /** Steps of a block: with four vectors a panel of 256 kB. */
    private static final int STEPS = 1024;

    /** Tiles that are packed together: some cache lines of each step, one after the other. */
    private static final int PACKED_TILES = 16;

    /** The size of w from which on packing pays: 1024² × 128 in 1200 µs instead of 1900, 256² × 60 in 36 instead of 31. */
    private static final int PACKED_FLOATS = 1 << 17;

    /** Columns from which on w is rather transposed as a whole than packed for each panel. */
    private static final int MANY_COLUMNS = 256;

    /** Panels that are gone through together, for each group of tiles. */
    private static final int PANELS = 2;

    /** Tiles of a panel from which on a thread takes its share of the rows, for all panels, and copies these for itself. */
    private static final int MANY_TILES = 16;

    private static final int PACKED_ROWS = PACKED_TILES * DenseTile.ROWS;

    private static final int TILE_FLOATS = DenseTile.ROWS * DenseTile.VECTORS * LENGTH;

    private final Workers workers;
    private final Memory memory;

    DenseProduct(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** @param w [m, k]. @param x [k, n]. @param g [m, n] */
    void run(Face face, int m, int k, int n, long w, long x, long g) {
        switch (face) {
            case OUTPUT -> {
                if (LENGTH == 16 && m <= FewRowsTile.ROWS && k <= STEPS) {
                    outputOfFewRows(m, k, n, w, x, g);
                } else {
                    multiply(new Product(m, k, n, w, 4L * k, 4, null, x, false, g));
                }
            }
            case INPUT -> {
                if (LENGTH == 16 && m == FewRowsTile.ROWS) {
                    inputOfTenRows(k, n, w, x, g);
                } else if (n >= MANY_COLUMNS && (long) m * k > PACKED_FLOATS) {
                    inputByTranspose(m, k, n, w, x, g);
                } else {
                    multiply(new Product(k, m, n, w, 4, 4L * k, null, g, false, x));
                }
            }
            case WEIGHT -> {
                if (LENGTH == 16 && m <= FewRowsTile.ROWS && n >= LENGTH && n <= STEPS) {
                    weightOfFewRows(m, k, n, w, x, g);
                } else {
                    multiply(new Product(m, n, k, g, 4L * n, 4, null, x, true, w));
                }
            }
        }
    }

    private void outputOfFewRows(int m, int k, int n, long w, long x, long g) {
        if (m == 0) {
            return;
        }
        int width = FewRowsTile.VECTORS * LENGTH;
        workers.run(workers.parts((long) m * k * n, GRAIN), (part, all) -> {
            int end = Workers.start(n, width, part + 1, all);
            for (int column = Workers.start(n, width, part, all); column < end; column += width) {
                FewRowsTile.output(m, k, w, 4L * k, x + 4L * column, 4L * n, Math.min(width, end - column), g + 4L * column, 4L * n);
            }
        });
    }

    private void inputOfTenRows(int k, int n, long w, long x, long g) {
        int width = FewRowsTile.VECTORS * LENGTH;
        workers.run(workers.parts((long) FewRowsTile.ROWS * k * n, GRAIN), (part, all) -> {
            int first = Workers.start(k, LENGTH, part, all);
            int count = Workers.start(k, LENGTH, part + 1, all) - first;
            for (int column = 0; column < n; column += width) {
                FewRowsTile.input(count, w + 4L * first, 4L * k, g + 4L * column, 4L * n, Math.min(width, n - column),
                        x + 4L * (first * n + column));
            }
        });
    }

    private void weightOfFewRows(int m, int k, int n, long w, long x, long g) {
        workers.run(workers.parts((long) m * k * n, GRAIN), (part, all) -> {
            int end = Workers.start(k, LENGTH, part + 1, all);
            for (int column = Workers.start(k, LENGTH, part, all); column < end; column += FewRowsTile.DOTS) {
                FewRowsTile.weight(m, Math.min(FewRowsTile.DOTS, end - column), n, g, x + 4L * column * n, 4L * n, w + 4L * column, 4L * k);
            }
        });
    }

    /**
     * A face whose factor is a masked weight, where {@link Scattering} is fast: survivors are put among zeros a few rows or columns at a
     * time, which stay in the first-level cache. 1024² × 128 at 50 % in 0.97 ms instead of 1.06, its gradient of x in 1.19 instead of 1.30.
     *
     * @param face OUTPUT, or INPUT
     * @param w    the survivors
     */
    void run(Face face, Mask mask, int n, long w, long x, long g) {
        int m = mask.shape().size(0);
        int k = mask.shape().size(1);
        Scattering survivors = Scattering.of(mask);
        multiply(face == Face.OUTPUT
                ? new Product(m, k, n, w, 4L * k, 4, survivors, x, false, g)
                : new Product(k, m, n, w, 4, 4L * k, survivors, g, false, x));
    }

    /** The face INPUT with a transposed copy of w, which each of many panels would pack again: 1024³ in 8.2 ms instead of 10.3. */
    private void inputByTranspose(int m, int k, int n, long w, long x, long g) {
        int vectors = Math.ceilDiv(m, LENGTH);
        long row = (long) vectors * BYTES;
        NativeBuffer copy = memory.allocate(Math.multiplyExact(Math.ceilDiv(k, LENGTH) * LENGTH, vectors * LENGTH));
        try {
            long to = copy.address();
            workers.run(workers.parts((long) m * k, GRAIN), (part, all) -> {
                int from = Workers.start(k, LENGTH, part, all);
                Panel.transpose(Workers.start(k, LENGTH, part + 1, all) - from, 4L * k, w + 4L * from, m, vectors, to + from * row);
            });
            multiply(new Product(k, m, n, to, row, 4, null, g, false, x));
        } finally {
            memory.release(copy);
        }
    }

    /**
     * @param rows       of y
     * @param steps      of the sum
     * @param columns    of y
     * @param wRow       bytes from a row of w to the next
     * @param wStep      bytes from a step of w to the next
     * @param wMask      null unless only the survivors of w stand at its address: the strides are those they would have among zeros
     * @param transposed whether x is [columns, steps], else [steps, columns]
     * @param y          [rows, columns]
     */
    private record Product(int rows, int steps, int columns, long w, long wRow, long wStep, Scattering wMask, long x, boolean transposed,
            long y) {

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

        int panels() {
            int panels = 0;
            while (column(panels) < columns) {
                panels++;
            }
            return panels;
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

        /** Whether w is masked, or its rows stand side by side and its steps apart, and it is too large for the cache. */
        boolean packs() {
            return wMask != null || rowsAreAdjacent() && (long) rows * steps > PACKED_FLOATS;
        }

        private boolean rowsAreAdjacent() {
            return wRow == Float.BYTES;
        }

        /** Tiles whose rows of w are packed together. */
        int packedTiles() {
            return wMask == null || rowsAreAdjacent() ? PACKED_TILES : 1;
        }

        /** Floats from a packed row of w to the next: where each has all its steps, a vector more, or they compete for lines of the cache. */
        int packedRow() {
            return rowsAreAdjacent() ? 1 : (blockSteps() / LENGTH + 2) * LENGTH;
        }

        /** Floats from a packed step to the next. */
        int packedStep() {
            return rowsAreAdjacent() ? PACKED_ROWS : 1;
        }

        int packedFloats() {
            return !packs() ? 0 : rowsAreAdjacent() ? blockSteps() * PACKED_ROWS : DenseTile.ROWS * packedRow();
        }

        /** Steps of a block, but for the last. */
        int blockSteps() {
            return Math.clamp(steps, 1, STEPS);
        }
    }

    /** The memory of a thread, and what it does in it. */
    private record Room(Product product, long panels, long packed, long tile) {

        static int floats(Product product) {
            return Math.addExact(PANELS * panelFloats(product) + TILE_FLOATS, product.packedFloats());
        }

        private static int panelFloats(Product product) {
            return (product.blockSteps() / LENGTH + 1) * LENGTH * DenseTile.VECTORS * LENGTH;
        }

        static Room at(Product product, long memory) {
            long tile = memory + 4L * PANELS * panelFloats(product);
            return new Room(product, memory, tile + 4L * TILE_FLOATS, tile);
        }

        /** Tiles {@code from … to − 1} of panels {@code first … end − 1}, a few panels at a time. */
        void tiles(int from, int to, int first, int end) {
            for (int panel = first; panel < end; panel += PANELS) {
                int last = Math.min(end, panel + PANELS);
                for (int step = 0; step < Math.max(1, product.steps); step += product.blockSteps()) {
                    int steps = Math.min(product.blockSteps(), product.steps - step);
                    for (int i = panel; i < last; i++) {
                        fill(product.column(i), step, steps, panel(i - panel));
                    }
                    for (int tile = from; tile < to; tile += product.packedTiles()) {
                        int count = Math.min(product.packedTiles(), to - tile);
                        pack(tile, step, steps);
                        for (int i = panel; i < last; i++) {
                            tiles(tile, tile + count, product.column(i), step, steps, panel(i - panel));
                        }
                    }
                }
            }
        }

        private long panel(int i) {
            return panels + 4L * i * panelFloats(product);
        }

        private void fill(int column, int step, int steps, long panel) {
            int vectors = DenseTile.vectors(product.columns - column);
            int count = Math.min(product.columns - column, vectors * LENGTH);
            if (product.transposed) {
                Panel.transpose(steps, 4L * product.steps, product.x + 4L * ((long) column * product.steps + step), count, vectors, panel);
            } else {
                Panel.copy(steps, 4L * product.columns, product.x + 4L * ((long) step * product.columns + column), count, vectors, panel);
            }
        }

        private void pack(int tile, int step, int steps) {
            int row = tile * DenseTile.ROWS;
            int rows = Math.min(product.packedTiles() * DenseTile.ROWS, product.rows - row);
            if (product.wMask != null) {
                expand(row, rows, step, steps);
            } else if (product.packs()) {
                Panel.copy(steps, product.wStep, product.w + step * product.wStep + row * product.wRow, rows, PACKED_ROWS / LENGTH, packed);
            }
        }

        /** Puts survivors of w among zeros, each run of neighbours by itself. */
        private void expand(int row, int rows, int step, int steps) {
            boolean byStep = product.rowsAreAdjacent();
            for (int i = 0; i < (byStep ? steps : rows); i++) {
                long at = byStep ? row * product.wRow + (step + i) * product.wStep : (row + i) * product.wRow + step * product.wStep;
                long to = packed + 4L * i * (byStep ? product.packedStep() : product.packedRow());
                product.wMask.expand((int) (at / Float.BYTES), byStep ? rows : steps, product.w, to);
            }
        }

        /** A few tiles of one panel, for some steps of the sum. */
        private void tiles(int from, int to, int column, int step, int steps, long panel) {
            int vectors = DenseTile.vectors(product.columns - column);
            int count = Math.min(product.columns - column, vectors * LENGTH);
            long wRow = product.packs() ? 4L * product.packedRow() : product.wRow;
            long wStep = product.packs() ? 4L * product.packedStep() : product.wStep;
            for (int tile = from; tile < to; tile++) {
                int row = tile * DenseTile.ROWS;
                int rows = Math.min(DenseTile.ROWS, product.rows - row);
                long w = product.packs() ? packed + (tile - from) * DenseTile.ROWS * wRow
                        : product.w + row * product.wRow + step * product.wStep;
                long y = product.y + 4L * ((long) row * product.columns + column);
                if (step == 0) {
                    DenseTile.run(rows, steps, w, wRow, wStep, panel, vectors, count, y, 4L * product.columns);
                } else {
                    DenseTile.run(rows, steps, w, wRow, wStep, panel, vectors, count, this.tile, (long) vectors * BYTES);
                    for (int i = 0; i < rows; i++) {
                        long sum = y + 4L * i * product.columns;
                        BinaryLoops.run(Binary.ADD, count, sum, 4, this.tile + (long) i * vectors * BYTES, 4, sum);
                    }
                }
            }
        }
    }

    private void multiply(Product product) {
        if (product.rows == 0 || product.columns == 0) {
            return;
        }
        int parts = workers.parts((long) product.rows * product.steps * product.columns, GRAIN);
        int roomFloats = Room.floats(product);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, roomFloats));
        try {
            long first = scratch.address();
            var rooms = new Room[parts];
            Arrays.setAll(rooms, part -> Room.at(product, first + 4L * part * roomFloats));
            workers.run(parts, (part, all) -> multiplyPart(product, part, all, rooms[part]));
        } finally {
            memory.release(scratch);
        }
    }

    private static void multiplyPart(Product product, int part, int parts, Room room) {
        int rowTiles = product.rowTiles();
        if (rowTiles >= MANY_TILES * parts) {
            room.tiles(Workers.start(rowTiles, 1, part, parts), Workers.start(rowTiles, 1, part + 1, parts), 0, product.panels());
            return;
        }
        int last = product.tileAfter(product.work() * (part + 1) / parts);
        for (int tile = product.tileAfter(product.work() * part / parts); tile < last; ) {
            int panel = tile / rowTiles;
            int first = tile % rowTiles;
            int end = Math.min(rowTiles, first + last - tile);
            room.tiles(first, end, panel, panel + 1);
            tile += end - first;
        }
    }
}
