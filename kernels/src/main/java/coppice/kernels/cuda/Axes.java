package coppice.kernels.cuda;

import coppice.engine.BackendException;
import coppice.engine.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The axes over which a kernel walks, and how far neighbours along each stand apart in one operand or two: {@code Axes} of Kernel.cuh. Axes
 * that can be walked as one are one, and those of size 1 are none.
 */
final class Axes {

    private static final int MOST = 6;

    /** One axis. @param a floats from one element to the next in the first operand. @param b in the second */
    private record Axis(int size, int a, int b) {}

    private final List<Axis> axes = new ArrayList<>();

    /** Walks over {@code shape} with two operands that are repeated to it: each a scalar, or of size 1 along some axes. */
    static int[] repeated(Shape shape, Shape a, Shape b) {
        var axes = new Axes();
        int[] inA = strides(shape, a);
        int[] inB = strides(shape, b);
        for (int axis = 0; axis < shape.rank(); axis++) {
            axes.add(shape.size(axis), inA[axis], inB[axis]);
        }
        return axes.packed();
    }

    /** Walks over what an operand of {@code from} becomes when its axes are put in this order. */
    static int[] permuted(Shape from, int[] order) {
        var axes = new Axes();
        int[] in = strides(from, from);
        for (int axis : order) {
            axes.add(from.size(axis), in[axis], 0);
        }
        return axes.packed();
    }

    /** Walks over those axes of {@code from} that {@code to} keeps. */
    static int[] kept(Shape from, Shape to) {
        return some(from, to, true);
    }

    /** Walks over those axes of {@code from} that a reduction to {@code to} takes together: where that has size 1, all if it is a scalar. */
    static int[] reduced(Shape from, Shape to) {
        return some(from, to, false);
    }

    private static int[] some(Shape from, Shape to, boolean kept) {
        var axes = new Axes();
        int[] in = strides(from, from);
        for (int axis = 0; axis < from.rank(); axis++) {
            if (isKept(from, to, axis) == kept) {
                axes.add(from.size(axis), in[axis], 0);
            }
        }
        return axes.packed();
    }

    /** Whether the last axis that is longer than 1 is one that a reduction keeps. */
    static boolean keepsLast(Shape from, Shape to) {
        int last = from.rank() - 1;
        while (last > 0 && from.size(last) == 1) {
            last--;
        }
        return last >= 0 && isKept(from, to, last);
    }

    private static boolean isKept(Shape from, Shape to, int axis) {
        return to.rank() > 0 && to.size(axis) == from.size(axis);
    }

    /** Walks over so many runs of so many neighbours, which begin so far apart. */
    static int[] runs(int runs, int distance, int length) {
        var axes = new Axes();
        axes.add(runs, distance, 0);
        axes.add(length, 1, 0);
        return axes.packed();
    }

    /** Distances along the axes of {@code shape} in an operand that is repeated to it. */
    private static int[] strides(Shape shape, Shape operand) {
        int[] strides = new int[shape.rank()];
        int stride = 1;
        for (int axis = operand.rank() - 1; axis >= 0; axis--) {
            strides[axis] = operand.size(axis) == 1 ? 0 : stride;
            stride *= operand.size(axis);
        }
        return strides;
    }

    private void add(int size, int a, int b) {
        if (size == 1) {
            return;
        }
        Axis last = axes.isEmpty() ? null : axes.getLast();
        if (last != null && last.a == (long) a * size && last.b == (long) b * size) {
            axes.set(axes.size() - 1, new Axis(last.size * size, a, b));
        } else {
            axes.add(new Axis(size, a, b));
        }
    }

    private int[] packed() {
        if (axes.size() > MOST) {
            throw new BackendException("cuda: kernels walk over at most " + MOST + " axes that cannot be taken as one, got " + axes.size());
        }
        int[] packed = new int[1 + 3 * MOST];
        packed[0] = axes.size();
        for (int i = 0; i < axes.size(); i++) {
            packed[1 + i] = axes.get(i).size;
            packed[1 + MOST + i] = axes.get(i).a;
            packed[1 + 2 * MOST + i] = axes.get(i).b;
        }
        return packed;
    }
}
