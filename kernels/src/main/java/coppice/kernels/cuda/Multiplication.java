package coppice.kernels.cuda;

import coppice.engine.Mask;
import coppice.engine.Product.Face;

/**
 * One face of the product of a weight w [m, k] with x [k, n] to g [m, n], made by a library.
 *
 * @param w         an address on the device, as x and g; that of the face's result is written
 * @param survivors of a masked weight, which alone stand at its address; null for a dense one
 */
record Multiplication(Face face, int m, int k, int n, long w, long x, long g, Survivors survivors) implements Work {

    /** At least one. @param rows their compressed rows on the device */
    record Survivors(Mask mask, DeviceMasks.Rows rows) {}

    /** Of a dense weight. */
    Multiplication(Face face, int m, int k, int n, long w, long x, long g) {
        this(face, m, k, n, w, x, g, null);
    }

    /** Products of two numbers that are added up, if the weight is dense. */
    long size() {
        return (long) m * k * n;
    }

    @Override
    public void on(Device device) {
        device.multiply(this);
    }
}
