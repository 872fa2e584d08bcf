package coppice.kernels.cpu;

import coppice.engine.Product.Face;

/** Where a sparse kernel overtakes scattering the survivors to a dense weight and multiplying that. */
final class Crossover {

    /** Densities up to which the sparse kernel is used. */
    private static final double OUTPUT = 0.8;
    private static final double INPUT = 0.8;
    private static final double WEIGHT = 0.35;

    private Crossover() {}

    static boolean isSparse(Face face, double density) {
        return density <= switch (face) {
            case OUTPUT -> OUTPUT;
            case INPUT -> INPUT;
            case WEIGHT -> WEIGHT;
        };
    }
}
