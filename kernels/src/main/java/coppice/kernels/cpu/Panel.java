package coppice.kernels.cpu;

import static coppice.kernels.cpu.Lanes.BYTES;
import static coppice.kernels.cpu.Lanes.LENGTH;
import static coppice.kernels.cpu.Lanes.first;
import static coppice.kernels.cpu.Lanes.load;
import static coppice.kernels.cpu.Lanes.store;

/**
 * A copy of a few vectors of columns of a matrix, row after row, zeros where the matrix ends. Rows of a panel start at whole vectors
 * and stand side by side, so that kernels over it have neither tails nor strides; the copy costs 3 % of a dense product of
 * 300 rows.
 */
final class Panel {

    private Panel() {}

    /**
     * @param rows    of the matrix
     * @param stride  bytes from one row to the next
     * @param x       the address of the first row's first column to copy
     * @param columns to copy, at most {@code vectors · LENGTH}
     * @param vectors in a row of the panel
     * @param panel   [rows][vectors · LENGTH]
     */
    static void copy(int rows, long stride, long x, int columns, int vectors, long panel) {
        for (int row = 0; row < rows; row++) {
            copyRow(columns, x + row * stride, vectors, panel + (long) row * vectors * BYTES);
        }
    }

    private static void copyRow(int columns, long x, int vectors, long to) {
        int v = 0;
        for (; v < columns / LENGTH; v++) {
            store(to + (long) v * BYTES, load(x + (long) v * BYTES));
        }
        for (; v < vectors; v++) {
            store(to + (long) v * BYTES, load(x + (long) v * BYTES, first(columns - v * LENGTH)));
        }
    }

    /**
     * As {@link #copy} of the transpose: the matrix has {@code columns} rows of {@code rows} floats, and x is the address of the first
     * to copy.
     */
    static void transpose(int rows, long stride, long x, int columns, int vectors, long panel) {
        Lanes.clear(panel, (long) rows * vectors * LENGTH);
        long step = (long) vectors * BYTES;
        for (int column = 0; column < columns; column++) {
            long from = x + column * stride;
            long to = panel + 4L * column;
            for (int row = 0; row < rows; row++) {
                Lanes.set(to + row * step, Lanes.get(from + 4L * row));
            }
        }
    }
}
