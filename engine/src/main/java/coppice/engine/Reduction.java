package coppice.engine;

import static coppice.engine.Elementwise.divide;
import static coppice.engine.Elementwise.equal;
import static coppice.engine.Elementwise.multiply;
import static coppice.engine.Elementwise.scale;

/**
 * Reductions over any axes, and their adjoint. A reduction names the shape that it leaves: {@link Shape#SCALAR}, or the operand's
 * shape with a size of 1 along the reduced axes. A masked tensor reduces to a scalar, over its survivors.
 */
public sealed interface Reduction extends Op {

    /** y = Σ x over the axes that {@code to} lacks. Adjoint of {@link Expand}. */
    record Sum(Shape to) implements Reduction {

        @Override
        public Form form(Tensor... x) {
            return reduced("sum", x[0].form(), to);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.sum(x[0].form().stored(), x[0].buffer(), to, y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return Tape.apply(new Expand(x[0].form()), g);
        }
    }

    /** y = x repeated to a larger form. Adjoint of {@link Sum}. */
    record Expand(Form to) implements Reduction {

        @Override
        public Form form(Tensor... x) {
            if (x[0].isMasked()) {
                throw new ShapeException("expand: needs a dense tensor, got " + x[0].form());
            }
            reduced("expand", to, x[0].shape());
            return to;
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.expand(x[0].shape(), x[0].buffer(), to.stored(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return sumTo(g, x[0].shape());
        }
    }

    /** y = max x over the axes that {@code to} lacks. The gradient is shared equally by all elements that reach the maximum. */
    record Max(Shape to) implements Reduction {

        @Override
        public Form form(Tensor... x) {
            if (x[0].count() == 0) {
                throw new ShapeException("max: of no elements, got " + x[0].form());
            }
            return reduced("max", x[0].form(), to);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.max(x[0].form().stored(), x[0].buffer(), to, y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            Tensor reached = equal(x[0], y);                                   // 1 where x is the maximum
            return multiply(reached, divide(g, sumTo(reached, to)));          // g / ties, where it is
        }
    }

    /** The sum of all stored values, a scalar. */
    static Tensor sum(Tensor x) {
        return sumTo(x, Shape.SCALAR);
    }

    /** The sum over some axes, which keep a size of 1. */
    static Tensor sum(Tensor x, int... axes) {
        return sumTo(x, without(x.shape(), axes));
    }

    /** The sum that leaves a shape; x itself if it has that shape. */
    static Tensor sumTo(Tensor x, Shape to) {
        return x.shape().equals(to) ? x : Tape.apply(new Sum(to), x);
    }

    /** The mean of all stored values, a scalar. */
    static Tensor mean(Tensor x) {
        return scale(sum(x), 1f / x.count());
    }

    /** The mean over some axes, which keep a size of 1. */
    static Tensor mean(Tensor x, int... axes) {
        Tensor sum = sum(x, axes);
        return scale(sum, (float) sum.count() / x.count());
    }

    /** The maximum over some axes, which keep a size of 1. */
    static Tensor max(Tensor x, int... axes) {
        return Tape.apply(new Max(without(x.shape(), axes)), x);
    }

    /** The maximum of all stored values, a scalar. */
    static Tensor max(Tensor x) {
        return Tape.apply(new Max(Shape.SCALAR), x);
    }

    /** x repeated along its axes of size 1, or a scalar repeated everywhere. */
    static Tensor expand(Tensor x, Shape to) {
        return x.shape().equals(to) ? x : Tape.apply(new Expand(Form.dense(to)), x);
    }

    /** Σ a·b over the stored values of two tensors of one form, a scalar. */
    static Tensor dot(Tensor a, Tensor b) {
        return sum(multiply(a, b));
    }

    private static Shape without(Shape shape, int... axes) {
        Shape reduced = shape;
        for (int axis : axes) {
            if (axis < 0 || axis >= shape.rank()) {
                throw new ShapeException("reduction: axis must be 0 … " + (shape.rank() - 1) + " for " + shape + ", got " + axis);
            }
            reduced = reduced.with(axis, 1);
        }
        return reduced;
    }

    private static Form reduced(String name, Form from, Shape to) {
        Shape full = from.shape();
        boolean fits = to.rank() == 0 || !from.isMasked() && to.rank() == full.rank();
        for (int axis = 0; fits && axis < to.rank(); axis++) {
            fits = to.size(axis) == full.size(axis) || to.size(axis) == 1;
        }
        if (!fits) {
            throw new ShapeException(name + ": between " + from + " and " + to + ": the smaller must be a scalar"
                    + (from.isMasked() ? ", since the larger is masked" : " or have a size of 1 along the axes that differ"));
        }
        return Form.dense(to);
    }
}
