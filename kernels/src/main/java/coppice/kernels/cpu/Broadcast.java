package coppice.kernels.cpu;

import coppice.engine.Shape;
import java.util.Arrays;

/**
 * A walk over a shape beside two operands that are repeated along their axes of size 1. Axes of size 1 are dropped and neighbours
 * merged where all three agree, so that most walks are one or two loops deep. The innermost axis is the run: there each operand
 * stands still or goes on by 1.
 */
final class Broadcast {

    private final int[] sizes;
    private final int[] aStrides;
    private final int[] bStrides;
    private final int rank;

    /** @param a of the rank of {@code shape}, each axis of its size or 1; or a scalar. @param b likewise */
    Broadcast(Shape shape, Shape a, Shape b) {
        int axes = Math.max(1, shape.rank());
        int[] size = new int[axes];
        int[] aStride = new int[axes];
        int[] bStride = new int[axes];
        int at = axes;
        int aStep = 1;
        int bStep = 1;
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            boolean aMoves = a.rank() > 0 && a.size(axis) == shape.size(axis);
            boolean bMoves = b.rank() > 0 && b.size(axis) == shape.size(axis);
            if (shape.size(axis) != 1) {
                int aHere = aMoves ? aStep : 0;
                int bHere = bMoves ? bStep : 0;
                if (at < axes && aHere == aStride[at] * size[at] && bHere == bStride[at] * size[at]) {
                    size[at] *= shape.size(axis);
                } else {
                    at--;
                    size[at] = shape.size(axis);
                    aStride[at] = aHere;
                    bStride[at] = bHere;
                }
            }
            aStep *= aMoves ? shape.size(axis) : 1;
            bStep *= bMoves ? shape.size(axis) : 1;
        }
        if (at == axes) {
            size[--at] = 1;
        }
        sizes = Arrays.copyOfRange(size, at, axes);
        aStrides = Arrays.copyOfRange(aStride, at, axes);
        bStrides = Arrays.copyOfRange(bStride, at, axes);
        rank = sizes.length;
    }

    /** The length of the innermost loop. */
    int run() {
        return sizes[rank - 1];
    }

    /** How often the innermost loop is run. */
    int runs() {
        int runs = 1;
        for (int axis = 0; axis < rank - 1; axis++) {
            runs *= sizes[axis];
        }
        return runs;
    }

    boolean aMoves() {
        return aStrides[rank - 1] != 0;
    }

    boolean bMoves() {
        return bStrides[rank - 1] != 0;
    }

    /** Whether the second operand has one value for each run, which follow each other, beside a whole first one: a bias. */
    boolean isValuePerRun() {
        return rank == 2 && aStrides[1] == 1 && aStrides[0] == sizes[1] && bStrides[1] == 0 && bStrides[0] == 1;
    }

    /** Where the first operand stands at the start of a run, in floats. */
    int aAt(int run) {
        return at(aStrides, run);
    }

    /** Where the second operand stands at the start of a run, in floats. */
    int bAt(int run) {
        return at(bStrides, run);
    }

    private int at(int[] strides, int run) {
        int at = 0;
        int rest = run;
        for (int axis = rank - 2; axis > 0; axis--) {
            at += rest % sizes[axis] * strides[axis];
            rest /= sizes[axis];
        }
        return rank > 1 ? at + rest * strides[0] : 0;
    }
}
