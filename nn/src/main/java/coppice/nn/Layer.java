package coppice.nn;

import coppice.engine.Shape;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A piece of a network: a description without values. Its weights come with each {@link Pass}, so the same layer serves
 * training, inference, rewound and interpolated weights alike. No layer contains mask code.
 */
public interface Layer {

    /**
     * The shape of one example's output.
     *
     * @throws coppice.engine.ShapeException if an input of that shape does not fit
     */
    Shape output(Shape input);

    /** The layer's parameters, in a fixed order. */
    List<Parameter> parameters();

    /** @param x a batch: the input shape with the batch as its last axis */
    Tensor forward(Pass pass, Tensor x);

    /**
     * Multiply-adds of the forward products for one example. The gradients for weights and input cost the same each.
     *
     * @param input     the shape of one example
     * @param survivors how many values of a parameter exist
     */
    long multiplyAdds(Shape input, ToLongFunction<String> survivors);

    /** Looks at a layer that has no layers in it. */
    interface Visitor {

        /** @param input the shape of one example's input */
        void visit(Layer leaf, Shape input);
    }

    /** Shows the layers that this one is made of, itself if of none, in the order in which they compute. */
    default void leaves(Shape input, Visitor visitor) {
        visitor.visit(this, input);
    }
}
