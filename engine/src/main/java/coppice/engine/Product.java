package coppice.engine;

/**
 * The bilinear family: the matrix product here, and {@link Convolution}. A product of a weight w with an input x is one trilinear form
 * ⟨g, w·x⟩ with three faces, each the partial derivative of the form for one of its three operands; the derivative of a face is made of
 * the other two. So the family is closed under differentiation of any order.
 *
 * <p>The weight may be masked. Then w·x runs over its survivors only, and the face {@link Face#WEIGHT} is computed only where
 * a weight survives.
 */
public sealed interface Product extends Op permits Product.MatMul, Product.MatMulInput, Product.MatMulWeight, Convolution {

    /** Which operand of ⟨g, w·x⟩ a face leaves open, and so computes. */
    enum Face {
        OUTPUT,
        INPUT,
        WEIGHT
    }

    /** y = w·x: of a weight [M, K] and an input [K, N], the output [M, N]. */
    record MatMul() implements Product {

        @Override
        public Form form(Tensor... x) {
            requireMatrices("matmul", "w", x[0], "x", x[1]);
            requireEqual("matmul: columns of w must equal rows of x", x[0].shape().size(1), x[1].shape().size(0), "w", x[0], "x", x[1]);
            return Form.dense(Shape.of(x[0].shape().size(0), x[1].shape().size(1)));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.matmul(Face.OUTPUT, x[0].form(), y.shape().size(1), x[0].buffer(), x[1].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return input == 0
                    ? matmulWeight(g, x[1], x[0].form())      // [M,N] · [K,N]ᵀ → [M,K]
                    : matmulInput(x[0], g);                   // [M,K]ᵀ · [M,N] → [K,N]
        }
    }

    /** dx = wᵀ·g: of a weight [M, K] and an output's gradient [M, N], the input's [K, N]. */
    record MatMulInput() implements Product {

        @Override
        public Form form(Tensor... x) {
            requireMatrices("matmulInput", "w", x[0], "g", x[1]);
            requireEqual("matmulInput: rows of w must equal rows of g", x[0].shape().size(0), x[1].shape().size(0), "w", x[0], "g", x[1]);
            return Form.dense(Shape.of(x[0].shape().size(1), x[1].shape().size(1)));
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.matmul(Face.INPUT, x[0].form(), y.shape().size(1), x[0].buffer(), y.buffer(), x[1].buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor h) {
            return input == 0
                    ? matmulWeight(x[1], h, x[0].form())      // [M,N] · [K,N]ᵀ → [M,K]
                    : matmul(x[0], h);                        // [M,K] · [K,N]  → [M,N]
        }
    }

    /** dw = g·xᵀ: of an output's gradient [M, N] and an input [K, N], the weight's [M, K], only where the weight survives. */
    record MatMulWeight(Form weight) implements Product {

        @Override
        public Form form(Tensor... x) {
            requireMatrices("matmulWeight", "g", x[0], "x", x[1]);
            requireEqual("matmulWeight: columns of g must equal columns of x", x[0].shape().size(1), x[1].shape().size(1), "g", x[0], "x", x[1]);
            Shape product = Shape.of(x[0].shape().size(0), x[1].shape().size(0));
            if (!product.equals(weight.shape())) {
                throw new ShapeException("matmulWeight: g·xᵀ must have the weight's shape " + weight + ", got " + product);
            }
            return weight;
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.matmul(Face.WEIGHT, weight, x[0].shape().size(1), y.buffer(), x[1].buffer(), x[0].buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor v) {
            return input == 0
                    ? matmul(v, x[1])                         // [M,K] · [K,N]  → [M,N]
                    : matmulInput(v, x[0]);                   // [M,K]ᵀ · [M,N] → [K,N]
        }
    }

    /** w·x, [M, K] · [K, N] → [M, N]; w may be masked. */
    static Tensor matmul(Tensor w, Tensor x) {
        return Tape.apply(new MatMul(), w, x);
    }

    /** wᵀ·g, [M, K]ᵀ · [M, N] → [K, N]; w may be masked. */
    static Tensor matmulInput(Tensor w, Tensor g) {
        return Tape.apply(new MatMulInput(), w, g);
    }

    /** g·xᵀ, [M, N] · [K, N]ᵀ → [M, K], in the form of the weight: where it is masked, only its survivors. */
    static Tensor matmulWeight(Tensor g, Tensor x, Form weight) {
        return Tape.apply(new MatMulWeight(weight), g, x);
    }

    private static void requireMatrices(String name, String first, Tensor a, String second, Tensor b) {
        boolean bothDense = first.equals("w") || !a.isMasked();
        if (a.shape().rank() != 2 || b.shape().rank() != 2 || b.isMasked() || !bothDense) {
            throw new ShapeException(name + ": needs two matrices, of which only a weight may be masked, got "
                    + first + " " + a.form() + " and " + second + " " + b.form());
        }
    }

    private static void requireEqual(String rule, int left, int right, String first, Tensor a, String second, Tensor b) {
        if (left != right) {
            throw new ShapeException(rule + ", got " + first + " " + a.form() + " and " + second + " " + b.form());
        }
    }
}
