package coppice.engine;

import static coppice.engine.Reduction.sumTo;

/**
 * Operations on one element at a time. Two operands broadcast: either is a scalar, or both have the same rank and each axis has
 * equal sizes or a size of 1. On masked tensors they run over the survivors; a masked operand meets one of the same mask or a
 * scalar.
 */
public sealed interface Elementwise extends Op {

    /** f(x) for each element. */
    record Map(Unary f) implements Elementwise {

        @Override
        public Form form(Tensor... x) {
            return x[0].form();
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.map(f, y.count(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return f.derivative.apply(x[0], y, g);
        }
    }

    /** f(a, b) for each pair of elements, broadcast. */
    record Combine(Binary f) implements Elementwise {

        @Override
        public Form form(Tensor... x) {
            return broadcast(f.toString(), x[0].form(), x[1].form());
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.combine(f, y.form().stored(), x[0].form().stored(), x[0].buffer(), x[1].form().stored(), x[1].buffer(),
                    y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return summed((input == 0 ? f.first : f.second).apply(x[0], x[1], y, g), x[input]);
        }

        /** A term that both operands have is computed once. */
        @Override
        public Tensor[] backwards(boolean[] wanted, Tensor[] x, Tensor y, Tensor g) {
            Tensor first = wanted[0] ? f.first.apply(x[0], x[1], y, g) : null;
            Tensor second = !wanted[1] ? null : wanted[0] && f.second == f.first ? first : f.second.apply(x[0], x[1], y, g);
            return new Tensor[] {summed(first, x[0]), summed(second, x[1])};
        }

        private static Tensor summed(Tensor term, Tensor operand) {
            return term == null ? null : sumTo(term, operand.shape());
        }
    }

    /** scale · x + shift for each element, with constants. */
    record Affine(float scale, float shift) implements Elementwise {

        @Override
        public Form form(Tensor... x) {
            return x[0].form();
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.affine(scale, shift, y.count(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return Elementwise.scale(g, scale);
        }
    }

    /** dL/dx from the operand x, the result y = f(x) and the gradient g = dL/dy; null where f is flat everywhere. */
    interface Derivative {
        Tensor apply(Tensor x, Tensor y, Tensor g);
    }

    /** dL/da or dL/db from the operands, the result y = f(a, b) and the gradient g = dL/dy, before broadcasting is undone. */
    interface PartialDerivative {
        Tensor apply(Tensor a, Tensor b, Tensor y, Tensor g);
    }

    /** A function of one element, as {@link Reference} computes it. */
    interface Scalar {
        float apply(float x);
    }

    /** A function of two elements, as {@link Reference} computes it. */
    interface Scalar2 {
        float apply(float a, float b);
    }

    /** The table of functions of one element: f and its derivative. */
    enum Unary {
        NEGATE(x -> -x, (x, y, g) -> negate(g)),
        EXP(x -> (float) Math.exp(x), (x, y, g) -> multiply(g, y)),
        LOG(x -> (float) Math.log(x), (x, y, g) -> divide(g, x)),
        SQUARE(x -> x * x, (x, y, g) -> multiply(g, scale(x, 2))),
        SQRT(x -> (float) Math.sqrt(x), (x, y, g) -> divide(g, scale(y, 2))),
        RECIPROCAL(x -> 1 / x, (x, y, g) -> multiply(g, negate(square(y)))),
        ABS(Math::abs, (x, y, g) -> multiply(g, sign(x))),
        SIGN(Math::signum, (x, y, g) -> null),
        RELU(x -> x <= 0 ? 0 : x, (x, y, g) -> wherePositive(g, y)),
        SIGMOID(x -> (float) (1 / (1 + Math.exp(-x))), (x, y, g) -> multiply(g, multiply(y, affine(y, -1, 1)))),
        TANH(x -> (float) Math.tanh(x), (x, y, g) -> multiply(g, affine(square(y), -1, 1)));

        /** The meaning of the function, in single precision. */
        public final Scalar f;
        private final Derivative derivative;

        Unary(Scalar f, Derivative derivative) {
            this.f = f;
            this.derivative = derivative;
        }
    }

    /** The table of functions of two elements: f and its two partial derivatives. */
    enum Binary {
        ADD((a, b) -> a + b, (a, b, y, g) -> g),
        /** ReLU of the sum, in one pass over memory. */
        ADD_RELU((a, b) -> a + b <= 0 ? 0 : a + b, (a, b, y, g) -> wherePositive(g, y)),
        SUBTRACT((a, b) -> a - b, (a, b, y, g) -> g, (a, b, y, g) -> negate(g)),
        MULTIPLY((a, b) -> a * b, (a, b, y, g) -> multiply(g, b), (a, b, y, g) -> multiply(g, a)),
        DIVIDE((a, b) -> a / b, (a, b, y, g) -> divide(g, b), (a, b, y, g) -> negate(multiply(g, divide(y, b)))),
        /** a, but 0 where b ≤ 0: the derivative of ReLU, as a function of the gradient and of its input. */
        WHERE_POSITIVE((a, b) -> b <= 0 ? 0 : a, (a, b, y, g) -> wherePositive(g, b), (a, b, y, g) -> null),
        /** 1 where a = b, else 0. */
        EQUAL((a, b) -> a == b ? 1 : 0, (a, b, y, g) -> null, (a, b, y, g) -> null);

        /** The meaning of the function, in single precision. */
        public final Scalar2 f;
        private final PartialDerivative first;
        private final PartialDerivative second;

        Binary(Scalar2 f, PartialDerivative both) {
            this(f, both, both);
        }

        Binary(Scalar2 f, PartialDerivative first, PartialDerivative second) {
            this.f = f;
            this.first = first;
            this.second = second;
        }

        /** Whether f(a, b) = f(b, a). */
        public boolean isSymmetric() {
            return switch (this) {
                case ADD, ADD_RELU, MULTIPLY, EQUAL -> true;
                case SUBTRACT, DIVIDE, WHERE_POSITIVE -> false;
            };
        }
    }

    static Tensor negate(Tensor x) {
        return map(Unary.NEGATE, x);
    }

    static Tensor exp(Tensor x) {
        return map(Unary.EXP, x);
    }

    static Tensor log(Tensor x) {
        return map(Unary.LOG, x);
    }

    static Tensor square(Tensor x) {
        return map(Unary.SQUARE, x);
    }

    static Tensor sqrt(Tensor x) {
        return map(Unary.SQRT, x);
    }

    static Tensor reciprocal(Tensor x) {
        return map(Unary.RECIPROCAL, x);
    }

    static Tensor abs(Tensor x) {
        return map(Unary.ABS, x);
    }

    static Tensor sign(Tensor x) {
        return map(Unary.SIGN, x);
    }

    static Tensor relu(Tensor x) {
        return map(Unary.RELU, x);
    }

    static Tensor sigmoid(Tensor x) {
        return map(Unary.SIGMOID, x);
    }

    static Tensor tanh(Tensor x) {
        return map(Unary.TANH, x);
    }

    static Tensor map(Unary f, Tensor x) {
        return Tape.apply(new Map(f), x);
    }

    static Tensor add(Tensor a, Tensor b) {
        return combine(Binary.ADD, a, b);
    }

    static Tensor addRelu(Tensor a, Tensor b) {
        return combine(Binary.ADD_RELU, a, b);
    }

    static Tensor subtract(Tensor a, Tensor b) {
        return combine(Binary.SUBTRACT, a, b);
    }

    static Tensor multiply(Tensor a, Tensor b) {
        return combine(Binary.MULTIPLY, a, b);
    }

    static Tensor divide(Tensor a, Tensor b) {
        return combine(Binary.DIVIDE, a, b);
    }

    static Tensor wherePositive(Tensor a, Tensor b) {
        return combine(Binary.WHERE_POSITIVE, a, b);
    }

    static Tensor equal(Tensor a, Tensor b) {
        return combine(Binary.EQUAL, a, b);
    }

    static Tensor combine(Binary f, Tensor a, Tensor b) {
        return Tape.apply(new Combine(f), a, b);
    }

    static Tensor affine(Tensor x, float scale, float shift) {
        return Tape.apply(new Affine(scale, shift), x);
    }

    static Tensor scale(Tensor x, float factor) {
        return affine(x, factor, 0);
    }

    private static Form broadcast(String name, Form a, Form b) {
        if (a.equals(b) || b.shape().rank() == 0) {
            return a;
        }
        if (a.shape().rank() == 0) {
            return b;
        }
        if (a.isMasked() || b.isMasked()) {
            throw new ShapeException(name + ": a masked operand needs one of the same mask, or a scalar, got " + a + " and " + b);
        }
        return Form.dense(broadcast(name, a.shape(), b.shape()));
    }

    private static Shape broadcast(String name, Shape a, Shape b) {
        boolean fits = a.rank() == b.rank();
        int[] sizes = a.toArray();
        for (int axis = 0; fits && axis < a.rank(); axis++) {
            fits = a.size(axis) == b.size(axis) || a.size(axis) == 1 || b.size(axis) == 1;
            sizes[axis] = a.size(axis) == 1 ? b.size(axis) : a.size(axis);
        }
        if (!fits) {
            throw new ShapeException(name + ": shapes must be equal, scalar, or 1 along the axes that differ, got " + a + " and " + b);
        }
        return Shape.of(sizes);
    }
}
