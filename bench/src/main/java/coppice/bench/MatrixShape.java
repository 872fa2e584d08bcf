package coppice.bench;

import coppice.engine.Shape;

/** A product of matrices, w [m, k] times x [k, n]: {@code 300x784x60}, as a parameter of a benchmark. */
public record MatrixShape(int m, int k, int n) {

    public static MatrixShape of(String text) {
        if (!text.matches("\\d{1,9}x\\d{1,9}x\\d{1,9}")) {
            throw new IllegalArgumentException("shape: must be such as 300x784x60, got " + text);
        }
        String[] sizes = text.split("x");
        return new MatrixShape(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), Integer.parseInt(sizes[2]));
    }

    Shape weight() {
        return Shape.of(m, k);
    }

    /** Of one face, at a density of w. */
    public Work work(double density) {
        return new Work(2.0 * density * m * k * n, Float.BYTES * (density * m * k + (double) k * n + (double) m * n));
    }
}
