package coppice.kernels.cpu;

import coppice.engine.Product.Face;

/**
 * Where a sparse kernel overtakes scattering the survivors to a dense weight and multiplying that. The rule knows the density only,
 * so that it decides the same for every batch and any number of threads.
 *
 * <p>The two ways agree within rounding for finite operands. An infinity or NaN in x or g meets zeros in the dense weight, and so
 * becomes NaN also in results that no surviving weight connects with it.
 */
final class Crossover {

    /**
     * Densities up to which the sparse kernel is used. µs on one thread for [300, 784] and a batch of 60, sparse against dense with
     * scatter or gather, at 50 and 80 %: OUTPUT 354 : 458, 560 : 542; INPUT 452 : 545, 783 : 668; WEIGHT at 30 and 50 %: 373 : 410,
     * 605 : 461. A layer of [100, 300] crosses at the same densities or later. (Skylake, 512-bit vectors, 2.5 GHz.)
     */
    private static final double OUTPUT = 0.75;
    private static final double INPUT = 0.6;
    private static final double WEIGHT = 0.35;

    /**
     * The same of convolutions, 3×3 with a border. ms on one thread, batch 128, sparse at 50 % against dense: 64 → 64 on 16×16, OUTPUT
     * 23.1 : 32.2, INPUT 25.7 : 30.5; 16 → 16 on 32×32, 9.1 : 11.2 and 9.2 : 11.1; 64 → 64 on 8×8, 4.8 : 7.0 and 5.8 : 6.6. WEIGHT was only
     * measured at 20 %: 13.1 : 34.9, 7.4 : 9.7, 3.3 : 7.6. (The same machine.)
     */
    private static final double CONVOLUTION_OUTPUT = 0.5;
    private static final double CONVOLUTION_INPUT = 0.5;
    private static final double CONVOLUTION_WEIGHT = 0.35;

    private Crossover() {}

    static boolean isSparse(Face face, double density) {
        return density <= switch (face) {
            case OUTPUT -> OUTPUT;
            case INPUT -> INPUT;
            case WEIGHT -> WEIGHT;
        };
    }

    static boolean isSparseConvolution(Face face, double density) {
        return density <= switch (face) {
            case OUTPUT -> CONVOLUTION_OUTPUT;
            case INPUT -> CONVOLUTION_INPUT;
            case WEIGHT -> CONVOLUTION_WEIGHT;
        };
    }
}
