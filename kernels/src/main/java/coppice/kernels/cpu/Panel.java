package coppice.kernels.cpu;

import static coppice.kernels.cpu.Lanes.ALL;
import static coppice.kernels.cpu.Lanes.BYTES;
import static coppice.kernels.cpu.Lanes.LENGTH;
import static coppice.kernels.cpu.Lanes.ORDER;
import static coppice.kernels.cpu.Lanes.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * A copy of a few vectors of columns of a matrix, row after row, zeros where the matrix ends. Rows of a panel start at whole vectors
 * and stand side by side, so that kernels over it have neither tails nor strides; the copy costs 3 % of a dense product of
 * 300 rows.
 */
final class Panel {

    private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
    private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 2);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAA);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, 0xCCCC);
    private static final VectorMask<Float> GROUP_0 = VectorMask.fromLong(SPECIES, 0xF);
    private static final VectorMask<Float> GROUP_1 = VectorMask.fromLong(SPECIES, 0xF0);
    private static final VectorMask<Float> GROUP_2 = VectorMask.fromLong(SPECIES, 0xF00);
    private static final VectorMask<Float> GROUP_3 = VectorMask.fromLong(SPECIES, 0xF000);

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
        int whole = columns / LENGTH;
        var rest = SPECIES.indexInRange(0, columns - whole * LENGTH);
        for (int row = 0; row < rows; row++) {
            long from = x + row * stride;
            long to = panel + (long) row * vectors * BYTES;
            int v = 0;
            for (; v < whole; v++) {
                FloatVector.fromMemorySegment(SPECIES, ALL, from + (long) v * BYTES, ORDER)
                        .intoMemorySegment(ALL, to + (long) v * BYTES, ORDER);
            }
            if (v < vectors) {
                FloatVector.fromMemorySegment(SPECIES, ALL, from + (long) v * BYTES, ORDER, rest)
                        .intoMemorySegment(ALL, to + (long) v * BYTES, ORDER);
            }
            for (v++; v < vectors; v++) {
                FloatVector.zero(SPECIES).intoMemorySegment(ALL, to + (long) v * BYTES, ORDER);
            }
        }
    }

    /**
     * As {@link #copy} of the transpose: the matrix has {@code columns} rows of {@code rows} floats, and x is the address of the first
     * to copy. Writes up to a whole vector of rows.
     */
    static void transpose(int rows, long stride, long x, int columns, int vectors, long panel) {
        long step = (long) vectors * BYTES;
        if (columns < vectors * LENGTH) {
            Lanes.clear(panel, (long) rows * vectors * LENGTH);
        }
        int column = 0;
        for (; column <= columns - 4; column += 4) {
            transposeFour(rows, stride, x + column * stride, step, panel + 4L * column);
        }
        for (; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                Lanes.set(panel + row * step + 4L * column, Lanes.get(x + column * stride + 4L * row));
            }
        }
    }

    /**
     * Four columns of the panel from four rows of the matrix, a vector of each at a time. In each group of four lanes a square is
     * transposed by swapping across its diagonals, and each group is stored, under a mask, in the row that it has become: half
     * a cycle for each float, against two for single floats.
     */
    private static void transposeFour(int rows, long stride, long x, long step, long panel) {
        for (int row = 0; row < rows; row += LENGTH) {
            var lanes = SPECIES.indexInRange(row, rows);
            long from = x + 4L * row;
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, ALL, from, ORDER, lanes);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, ALL, from + stride, ORDER, lanes);
            FloatVector c = FloatVector.fromMemorySegment(SPECIES, ALL, from + 2 * stride, ORDER, lanes);
            FloatVector d = FloatVector.fromMemorySegment(SPECIES, ALL, from + 3 * stride, ORDER, lanes);
            FloatVector ab = a.blend(b.rearrange(SWAP_1), ODD);
            FloatVector ba = a.rearrange(SWAP_1).blend(b, ODD);
            FloatVector cd = c.blend(d.rearrange(SWAP_1), ODD);
            FloatVector dc = c.rearrange(SWAP_1).blend(d, ODD);
            long to = panel + row * step;
            FloatVector row0 = ab.blend(cd.rearrange(SWAP_2), UPPER);
            FloatVector row1 = ba.blend(dc.rearrange(SWAP_2), UPPER);
            FloatVector row2 = ab.rearrange(SWAP_2).blend(cd, UPPER);
            FloatVector row3 = ba.rearrange(SWAP_2).blend(dc, UPPER);
            row0.intoMemorySegment(ALL, to, ORDER, GROUP_0);
            row1.intoMemorySegment(ALL, to + step, ORDER, GROUP_0);
            row2.intoMemorySegment(ALL, to + 2 * step, ORDER, GROUP_0);
            row3.intoMemorySegment(ALL, to + 3 * step, ORDER, GROUP_0);
            if (LENGTH > 4) {
                row0.intoMemorySegment(ALL, to + 4 * step - 16, ORDER, GROUP_1);
                row1.intoMemorySegment(ALL, to + 5 * step - 16, ORDER, GROUP_1);
                row2.intoMemorySegment(ALL, to + 6 * step - 16, ORDER, GROUP_1);
                row3.intoMemorySegment(ALL, to + 7 * step - 16, ORDER, GROUP_1);
            }
            if (LENGTH > 8) {
                row0.intoMemorySegment(ALL, to + 8 * step - 32, ORDER, GROUP_2);
                row1.intoMemorySegment(ALL, to + 9 * step - 32, ORDER, GROUP_2);
                row2.intoMemorySegment(ALL, to + 10 * step - 32, ORDER, GROUP_2);
                row3.intoMemorySegment(ALL, to + 11 * step - 32, ORDER, GROUP_2);
                row0.intoMemorySegment(ALL, to + 12 * step - 48, ORDER, GROUP_3);
                row1.intoMemorySegment(ALL, to + 13 * step - 48, ORDER, GROUP_3);
                row2.intoMemorySegment(ALL, to + 14 * step - 48, ORDER, GROUP_3);
                row3.intoMemorySegment(ALL, to + 15 * step - 48, ORDER, GROUP_3);
            }
        }
    }
}
