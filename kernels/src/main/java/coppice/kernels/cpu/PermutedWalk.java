package coppice.kernels.cpu;

import coppice.engine.Shape;
import java.util.Arrays;

/** A walk over a permuted shape in its own order, beside the unpermuted operand. Axes that stay neighbours are merged. */
final class PermutedWalk {

    private final int[] sizes;
    private final int[] strides;

    /** @param axes of the operand, in the order of the result */
    PermutedWalk(Shape from, int[] axes) {
        int[] size = new int[axes.length + 1];
        int[] stride = new int[axes.length + 1];
        int count = 0;
        for (int axis : axes) {
            int step = from.product(axis + 1, from.rank());
            if (from.size(axis) == 1) {
                continue;
            }
            if (count > 0 && stride[count - 1] == from.size(axis) * step) {
                size[count - 1] *= from.size(axis);
                stride[count - 1] = step;
            } else {
                size[count] = from.size(axis);
                stride[count++] = step;
            }
        }
        if (count == 0) {
            size[count] = 1;
            stride[count++] = 1;
        }
        sizes = Arrays.copyOf(size, count);
        strides = Arrays.copyOf(stride, count);
    }

    /** The length of the innermost loop. */
    int run() {
        return sizes[sizes.length - 1];
    }

    /** The operand's step along the innermost loop, in floats. */
    int stride() {
        return strides[strides.length - 1];
    }

    /** How often the innermost loop is run. */
    int runs() {
        int runs = 1;
        for (int axis = 0; axis < sizes.length - 1; axis++) {
            runs *= sizes[axis];
        }
        return runs;
    }

    /** Where the operand stands at the start of a run, in floats. */
    int at(int run) {
        int at = 0;
        int rest = run;
        for (int axis = sizes.length - 2; axis >= 0; axis--) {
            at += rest % sizes[axis] * strides[axis];
            rest /= sizes[axis];
        }
        return at;
    }
}
