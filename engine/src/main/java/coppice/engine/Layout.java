package coppice.engine;

import java.util.Arrays;
import java.util.List;

/** Operations that move elements and compute nothing. They take dense tensors: a masked one is moved after {@link Masking#dense}. */
public sealed interface Layout extends Op {

    /** The same elements in row-major order under another shape; a view. */
    record Reshape(Shape to) implements Layout {

        @Override
        public Form form(Tensor... x) {
            requireDense("reshape", x);
            if (x[0].shape().size() != to.size()) {
                throw new ShapeException("reshape: must keep the number of elements, got " + x[0].shape() + " to " + to);
            }
            return Form.dense(to);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            throw new AssertionError("reshape is a view");
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return reshape(g, x[0].shape());
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /** y's axis i is x's axis {@code axes[i]}. */
    record Permute(List<Integer> axes) implements Layout {

        @Override
        public Form form(Tensor... x) {
            requireDense("permute", x);
            int rank = x[0].shape().rank();
            if (axes.size() != rank || axes.stream().distinct().filter(axis -> axis >= 0 && axis < rank).count() != rank) {
                throw new ShapeException("permute: axes must name each of 0 … " + (rank - 1) + " once for " + x[0].shape() + ", got " + axes);
            }
            return Form.dense(Shape.of(axes.stream().mapToInt(axis -> x[0].shape().size(axis)).toArray()));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.permute(x[0].shape(), axes.stream().mapToInt(axis -> axis).toArray(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            int[] inverse = new int[axes.size()];
            for (int i = 0; i < inverse.length; i++) {
                inverse[axes.get(i)] = i;
            }
            return permute(g, inverse);
        }
    }

    /** Positions {@code from … to − 1} of one axis. Adjoint of {@link Pad}. */
    record Slice(int axis, int from, int to) implements Layout {

        @Override
        public Form form(Tensor... x) {
            requireDense("slice", x);
            requireAxis("slice", x[0].shape(), axis);
            if (from < 0 || to < from || to > x[0].shape().size(axis)) {
                throw new ShapeException("slice: range " + from + " … " + to + " must lie within axis " + axis + " of " + x[0].shape());
            }
            return Form.dense(x[0].shape().with(axis, to - from));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            copy(backend, axis, x[0], from, y, 0, to - from);
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return pad(g, axis, from, x[0].shape().size(axis) - to);
        }
    }

    /** Zeros before and after along one axis. Adjoint of {@link Slice}. */
    record Pad(int axis, int before, int after) implements Layout {

        @Override
        public Form form(Tensor... x) {
            requireDense("pad", x);
            requireAxis("pad", x[0].shape(), axis);
            if (before < 0 || after < 0) {
                throw new ShapeException("pad: must not be negative, got " + before + " before and " + after + " after");
            }
            return Form.dense(x[0].shape().with(axis, before + x[0].shape().size(axis) + after));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.fill(y.buffer(), 0);
            copy(backend, axis, x[0], 0, y, before, x[0].shape().size(axis));
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return slice(g, axis, before, before + x[0].shape().size(axis));
        }
    }

    /** Tensors joined along one axis, in order. */
    record Concat(int axis) implements Layout {

        @Override
        public Form form(Tensor... x) {
            requireDense("concat", x);
            requireAxis("concat", x[0].shape(), axis);
            int total = 0;
            for (Tensor part : x) {
                if (part.shape().rank() != x[0].shape().rank()
                        || !part.shape().with(axis, 0).equals(x[0].shape().with(axis, 0))) {
                    throw new ShapeException("concat: shapes must agree except along axis " + axis + ", got " + x[0].shape()
                            + " and " + part.shape());
                }
                total += part.shape().size(axis);
            }
            return Form.dense(x[0].shape().with(axis, total));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            int at = 0;
            for (Tensor part : x) {
                copy(backend, axis, part, 0, y, at, part.shape().size(axis));
                at += part.shape().size(axis);
            }
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            int from = Arrays.stream(x, 0, input).mapToInt(part -> part.shape().size(axis)).sum();
            return slice(g, axis, from, from + x[input].shape().size(axis));
        }
    }

    static Tensor reshape(Tensor x, Shape to) {
        return x.shape().equals(to) ? x : Tape.apply(new Reshape(to), x);
    }

    static Tensor permute(Tensor x, int... axes) {
        return Tape.apply(new Permute(Arrays.stream(axes).boxed().toList()), x);
    }

    /** The transpose of a matrix, [M, N] → [N, M]. */
    static Tensor transpose(Tensor x) {
        return permute(x, 1, 0);
    }

    static Tensor slice(Tensor x, int axis, int from, int to) {
        return Tape.apply(new Slice(axis, from, to), x);
    }

    static Tensor pad(Tensor x, int axis, int before, int after) {
        return Tape.apply(new Pad(axis, before, after), x);
    }

    static Tensor concat(int axis, Tensor... parts) {
        if (parts.length == 0) {
            throw new ShapeException("concat: needs at least one tensor");
        }
        return Tape.apply(new Concat(axis), parts);
    }

    /** Copies {@code count} positions along an axis from one tensor into another whose other axes agree. */
    private static void copy(Backend backend, int axis, Tensor from, int fromAt, Tensor to, int toAt, int count) {
        Shape source = from.shape();
        int inner = source.product(axis + 1, source.rank());
        int sourceRow = source.size(axis) * inner;
        int targetRow = to.shape().size(axis) * inner;
        backend.copyRows(source.product(0, axis), count * inner,
                from.buffer(), fromAt * inner, sourceRow, to.buffer(), toAt * inner, targetRow);
    }

    private static void requireDense(String name, Tensor... x) {
        for (Tensor operand : x) {
            if (operand.isMasked()) {
                throw new ShapeException(name + ": needs a dense tensor, got " + operand.form() + "; ask for dense(x) first");
            }
        }
    }

    private static void requireAxis(String name, Shape shape, int axis) {
        if (axis < 0 || axis >= shape.rank()) {
            throw new ShapeException(name + ": axis must be 0 … " + (shape.rank() - 1) + " for " + shape + ", got " + axis);
        }
    }
}
