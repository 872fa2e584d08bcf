package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;

/**
 * The three operands of a product, drawn by name: a weight w, its input x and its output g. Each face of the product is a function of two
 * of them that overwrites the third.
 */
record Operands(Buffer w, Buffer x, Buffer g) {

    /** A product about to be timed. */
    interface Product {
        void run(Backend backend, Face face, Operands operands);
    }

    /** Largest difference from the reference: operands are below 1/2 and sums of a few thousand terms below 100. */
    private static final float TOLERANCE = 1e-3f;

    static Operands drawn(Backend backend, int weights, int inputs, int outputs) {
        return new Operands(Backends.drawn(backend, "w", weights), Backends.drawn(backend, "x", inputs), Backends.drawn(backend, "g", outputs));
    }

    /** A weight of which each element survives with the probability {@code density}; dense if that is 1. */
    static Form weight(Shape shape, double density) {
        Seed seed = Seed.of(1).in("mask");
        return density == 1 ? Form.dense(shape) : Form.masked(Mask.where(shape, position -> seed.uniform(position) < density));
    }

    /** Whether each face computes what the reference does; sizes are the operands'. */
    static void verify(Backend backend, int weights, int inputs, int outputs, Product product) {
        try (Backend reference = new Reference()) {
            for (Face face : Face.values()) {
                float[] expected = computed(reference, face, drawn(reference, weights, inputs, outputs), product);
                float[] got = computed(backend, face, drawn(backend, weights, inputs, outputs), product);
                for (int i = 0; i < expected.length; i++) {
                    if (!(Math.abs(expected[i] - got[i]) <= TOLERANCE)) {
                        throw new IllegalStateException("wrong " + face + " at " + i + ": " + got[i] + ", expected " + expected[i]);
                    }
                }
            }
        }
    }

    private static float[] computed(Backend backend, Face face, Operands operands, Product product) {
        product.run(backend, face, operands);
        Buffer result = operands.result(face);
        float[] values = new float[result.length()];
        backend.read(result, values, values.length);
        backend.release(operands.w);
        backend.release(operands.x);
        backend.release(operands.g);
        return values;
    }

    /** The operand that a face overwrites. */
    Buffer result(Face face) {
        return switch (face) {
            case WEIGHT -> w;
            case INPUT -> x;
            case OUTPUT -> g;
        };
    }
}
