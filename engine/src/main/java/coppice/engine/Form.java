package coppice.engine;

/**
 * What a tensor looks like before it has values.
 *
 * @param shape the full shape
 * @param mask  the surviving positions, or null for a dense tensor
 */
public record Form(Shape shape, Mask mask) {

    public Form {
        if (mask != null && !mask.shape().equals(shape)) {
            throw new ShapeException("mask: must be of the tensor's shape " + shape + ", got " + mask);
        }
    }

    public static Form dense(Shape shape) {
        return new Form(shape, null);
    }

    public static Form masked(Mask mask) {
        return new Form(mask.shape(), mask);
    }

    /** @param rule what must be, up to the expected shape, which the message goes on with */
    static void requireDense(String rule, Shape expected, Form got) {
        if (got.isMasked() || !got.shape().equals(expected)) {
            throw new ShapeException(rule + " " + expected + ", got " + got);
        }
    }

    public boolean isMasked() {
        return mask != null;
    }

    /** The shape in which values are stored: the full shape, or [count] for the survivors of a mask. */
    public Shape stored() {
        return mask == null ? shape : Shape.of(mask.count());
    }

    @Override
    public String toString() {
        return mask == null ? shape.toString() : shape + " masked to " + mask.count();
    }
}
