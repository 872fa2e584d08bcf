package coppice.nn;

import coppice.engine.Shape;

/**
 * One named weight of a model, before it has values.
 *
 * @param name  path of the layer and role within it: {@code fc1.weight}
 * @param shape {@code [out, in]} or {@code [out, in, kh, kw]} for a weight, {@code [out]} for a bias
 * @param role  what the values do
 */
public record Parameter(String name, Shape shape, Role role) {

    /** What a parameter does in its layer, which decides how it starts and whether it can be pruned. */
    public enum Role {
        /** Multiplies an input; initialised at random; the only role that is pruned. */
        WEIGHT,
        /** Is added; starts at zero. */
        BIAS,
        /** Multiplies a normalised channel; starts as {@link ScaleInitialiser} says. */
        SCALE,
        /** A running mean; starts at zero, and follows the batches instead of a gradient. */
        MEAN,
        /** A running variance; starts at one, and follows the batches instead of a gradient. */
        VARIANCE
    }

    /** Whether gradients move it; running statistics do not count as parameters of a network. */
    public boolean isTrained() {
        return role != Role.MEAN && role != Role.VARIANCE;
    }

    public boolean isPrunable() {
        return role == Role.WEIGHT;
    }

    /** Inputs to one output: the product of all sizes but the first. */
    public int fanIn() {
        return shape.rowSize();
    }

    /** Outputs reached from one input: the first size times the kernel's. */
    public int fanOut() {
        return shape.size(0) * shape.product(2, shape.rank());
    }
}
