package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.kernels.cpu.Workers.Mergeable;
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
     * Whether survivors of a masked weight are put among zeros here, a few rows or columns at a time, which stay in the cache of the thread
     * that multiplies them: 1024² × 128 at 50 % in 0.97 ms instead of 1.06, its gradient of x in 1.19 instead of 1.30. For many columns that
     * gradient is faster from a whole matrix, transposed: 1024³ in 8.2 ms, so 9.8.
     */
    static boolean scatters(Face face, Mask mask, int n) {
        boolean isWorthIt = face == Face.OUTPUT || face == Face.INPUT && n < MANY_COLUMNS;
        return Scattering.IS_FAST && isWorthIt && mask.shape().size(0) > FewRowsTile.ROWS;
    }

    /** A face that it {@link #scatters} for. @param w the survivors */
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
     * @param survivors  null unless they alone of w stand at its address: the strides are those they would have among zeros
     * @param transposed whether x is [columns, steps], else [steps, columns]
     * @param y          [rows, columns]
     */
    private record Product(int rows, int steps, int columns, long w, long wRow, long wStep, Scattering survivors, long x, boolean transposed,
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

        /** How w is copied: if it is masked, or its rows stand side by side and its steps apart and it is too large for the cache. Else null. */
        Packing packing() {
            boolean isLarge = (long) rows * steps > PACKED_FLOATS;
            if (wRow == Float.BYTES && (survivors != null || isLarge)) {
                return Packing.bySteps(blockSteps());
            }
            return survivors != null ? Packing.byRows(blockSteps()) : null;
        }

        /** Steps of a block, but for the last. */
        int blockSteps() {
            return Math.clamp(steps, 1, STEPS);
        }
    }

    /**
     * How a copy of some rows of w stands.
     *
     * @param tiles  whose rows are copied together
     * @param row    floats from one to the next
     * @param step   floats from a step of w to the next
     * @param floats of all
     */
    private record Packing(int tiles, int row, int step, int floats) {

        /** The rows side by side. */
        static Packing bySteps(int steps) {
            return new Packing(PACKED_TILES, 1, PACKED_ROWS, Math.multiplyExact(steps, PACKED_ROWS));
        }

        /** The steps side by side, of one tile; rows an odd number of vectors apart, so that they do not compete for lines of the cache. */
        static Packing byRows(int steps) {
            int row = (steps / LENGTH + 1 | 1) * LENGTH;
            return new Packing(1, row, 1, DenseTile.ROWS * row);
        }
    }

    /** The memory of a thread, and what it does in it. @param packing null where w is used in place */
    private record Room(Product product, Packing packing, long panels, long packed, long tile) {

        static int floats(Product product) {
            Packing packing = product.packing();
            return Math.addExact(PANELS * panelFloats(product) + TILE_FLOATS, packing == null ? 0 : packing.floats);
        }

        private static int panelFloats(Product product) {
            return (product.blockSteps() / LENGTH + 1) * LENGTH * DenseTile.VECTORS * LENGTH;
        }

        static Room at(Product product, long memory) {
            long tile = memory + 4L * PANELS * panelFloats(product);
            return new Room(product, product.packing(), memory, tile + 4L * TILE_FLOATS, tile);
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
                    int together = packing == null ? PACKED_TILES : packing.tiles;
                    for (int tile = from; tile < to; tile += together) {
                        int count = Math.min(together, to - tile);
                        pack(tile, count, step, steps);
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

        private void pack(int tile, int tiles, int step, int steps) {
            int row = tile * DenseTile.ROWS;
            int rows = Math.min(tiles * DenseTile.ROWS, product.rows - row);
            if (packing == null) {
                return;
            }
            if (product.survivors == null) {
                Panel.copy(steps, product.wStep, product.w + step * product.wStep + row * product.wRow, rows, PACKED_ROWS / LENGTH, packed);
            } else if (packing.row == 1) {
                for (int i = 0; i < steps; i++) {
                    product.survivors.expand(position(row, step + i), rows, product.w, packed + 4L * i * packing.step);
                }
            } else {
                for (int i = 0; i < rows; i++) {
                    product.survivors.expand(position(row + i, step), steps, product.w, packed + 4L * i * packing.row);
                }
            }
        }

        /** Among zeros. */
        private int position(int row, int step) {
            return (int) ((row * product.wRow + step * product.wStep) / Float.BYTES);
        }

        /** A few tiles of one panel, for some steps of the sum. */
        private void tiles(int from, int to, int column, int step, int steps, long panel) {
            int vectors = DenseTile.vectors(product.columns - column);
            int count = Math.min(product.columns - column, vectors * LENGTH);
            long wRow = packing == null ? product.wRow : 4L * packing.row;
            long wStep = packing == null ? product.wStep : 4L * packing.step;
            for (int tile = from; tile < to; tile++) {
                int row = tile * DenseTile.ROWS;
                int rows = Math.min(DenseTile.ROWS, product.rows - row);
                long w = packing == null ? product.w + row * wRow + step * wStep : packed + (tile - from) * DenseTile.ROWS * wRow;
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
            workers.run(parts, (Mergeable) (part, all) -> multiplyPart(product, part, all, rooms[part]));
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
