package coppice.kernels.cpu;

import coppice.engine.Shape;
import java.util.Arrays;

/**
 * How to walk over a shape of at least one element to reduce some of its axes: neighbouring axes of one fate merged, the innermost
 * one set apart as the run, the others in two groups.
 */
final class ReductionPlan {

    private final int run;
    private final boolean runIsReduced;
    private final int[] keptSizes;
    private final int[] keptStrides;
    private final int[] reducedSizes;
    private final int[] reducedStrides;
    private final int kept;
    private final int reduced;

    /** @param to of the rank of {@code from}, of size 1 along the axes that go; or a scalar */
    ReductionPlan(Shape from, Shape to) {
        int axes = from.rank() + 1;
        int[] size = new int[axes];
        int[] stride = new int[axes];
        boolean[] goes = new boolean[axes];
        int count = 0;
        int step = 1;
        for (int axis = from.rank() - 1; axis >= 0; axis--) {
            if (from.size(axis) != 1) {
                boolean axisGoes = to.rank() == 0 || to.size(axis) == 1;
                if (count > 0 && goes[count - 1] == axisGoes) {
                    size[count - 1] *= from.size(axis);
                } else {
                    size[count] = from.size(axis);
                    stride[count] = step;
                    goes[count++] = axisGoes;
                }
            }
            step *= from.size(axis);
        }
        if (count == 0) {
            size[count++] = 1;
        }
        run = size[0];
        runIsReduced = goes[0];
        int groups = (count + 1) / 2;
        keptSizes = new int[groups];
        keptStrides = new int[groups];
        reducedSizes = new int[groups];
        reducedStrides = new int[groups];
        Arrays.fill(keptSizes, 1);
        Arrays.fill(reducedSizes, 1);
        int keptAxes = 0;
        int reducedAxes = 0;
        int keptCount = 1;
        int reducedCount = 1;
        for (int axis = 1; axis < count; axis++) {
            if (goes[axis]) {
                reducedSizes[reducedAxes] = size[axis];
                reducedStrides[reducedAxes++] = stride[axis];
                reducedCount *= size[axis];
            } else {
                keptSizes[keptAxes] = size[axis];
                keptStrides[keptAxes++] = stride[axis];
                keptCount *= size[axis];
            }
        }
        kept = keptCount;
        reduced = reducedCount;
    }

    /** The length of the innermost axis. */
    int run() {
        return run;
    }

    boolean runIsReduced() {
        return runIsReduced;
    }

    /** The number of results, or of rows of results where the run is kept. */
    int kept() {
        return kept;
    }

    /** How many runs make one result, or one row of results. */
    int reduced() {
        return reduced;
    }

    /** Where result {@code i} starts in the operand, in floats. */
    int keptAt(int i) {
        return at(keptSizes, keptStrides, i);
    }

    /** Where run {@code i} of a result stands beyond its start, in floats. */
    int reducedAt(int i) {
        return at(reducedSizes, reducedStrides, i);
    }

    private static int at(int[] sizes, int[] strides, int i) {
        int last = sizes.length - 1;
        int at = 0;
        int rest = i;
        for (int axis = 0; axis < last; axis++) {
            at += rest % sizes[axis] * strides[axis];
            rest /= sizes[axis];
        }
        return last < 0 ? 0 : at + rest * strides[last];
    }
}
