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
     * The same of convolutions, 3×3 with a border, batch 128. ms on two threads, sparse at 50 % against dense: 64 → 64 on 16×16, OUTPUT
     * 12.1 : 12.4, INPUT 13.0 : 12.6; 16 → 16 on 32×32, 3.4 : 3.1 and 3.3 : 3.3; 128 → 128 on 8×8, 10.8 : 10.8 and 11.6 : 10.9. WEIGHT at 10 and
     * 20 % against dense: 4.3, 6.9 : 11.7; 1.9, 2.7 : 3.3; 3.9, 6.5 : 11.4, which in proportion crosses at 39, 27 and 40 %. (The same machine.)
     */
    private static final double CONVOLUTION_OUTPUT = 0.48;
    private static final double CONVOLUTION_INPUT = 0.47;
    private static final double CONVOLUTION_WEIGHT = 0.33;

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
