package coppice.kernels.cuda;

import coppice.engine.Product.Face;

/**
 * One face of the product of a dense weight w [m, k] with x [k, n] to g [m, n], made by a library.
 *
 * @param w an address on the device, as x and g; that of the face's result is written
 */
record Multiplication(Face face, int m, int k, int n, long w, long x, long g) implements Work {

    /** Products of two numbers that are added up. */
    long size() {
        return (long) m * k * n;
    }

    @Override
    public void on(Device device) {
        device.multiply(this);
    }
}
