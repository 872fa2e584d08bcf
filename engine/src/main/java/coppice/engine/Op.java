package coppice.engine;

/**
 * An operation: its shape rule, its forward and its backward in one place. The families below are the table of contents of
 * the engine; each holds its operations as records and, beside them, the static methods by which they are used.
 *
 * <p>Backward is written in operations, so it can be differentiated again.
 */
public sealed interface Op permits Elementwise, Product, Reduction, Layout, Masking, Pooling, BatchNorm, Classification {

    /**
     * The form of the result.
     *
     * @throws ShapeException if the operands do not fit; the message names the operation and their forms
     */
    Form form(Tensor... x);

    /** Computes the result from the operands; never called for a view. */
    void forward(Backend backend, Tensor[] x, Tensor y);

    /**
     * The gradient for one operand.
     *
     * @param input which operand
     * @param x     the operands
     * @param y     the result
     * @param g     the gradient for the result, of its form
     * @return of the form of {@code x[input]}; null where it is zero everywhere
     */
    Tensor backward(int input, Tensor[] x, Tensor y, Tensor g);

    /**
     * The gradients for all operands that need one, for an operation whose gradients share work.
     *
     * @param wanted for each operand whether its gradient is asked for
     * @return for each operand what {@link #backward} returns; null also where it is not asked for
     */
    default Tensor[] backwards(boolean[] wanted, Tensor[] x, Tensor y, Tensor g) {
        Tensor[] gradients = new Tensor[x.length];
        for (int input = 0; input < x.length; input++) {
            gradients[input] = wanted[input] ? backward(input, x, y, g) : null;
        }
        return gradients;
    }

    /** Whether the result is the first operand's values under another form, without a copy. */
    default boolean isView() {
        return false;
    }
}
