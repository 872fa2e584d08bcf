package coppice.engine;

import java.util.Locale;

/**
 * How exactly a backend multiplies the numbers of those dense products of matrices, 1 × 1 convolutions among them, that are large enough for a
 * library to make them; it adds them up in single precision. All other kernels are exact to single precision whatever is asked for.
 */
public enum Precision {

    /** Single precision: 24 bits. */
    FP32,

    /** Rounded to 11 bits, as the tensor cores of a GPU take them many times as fast (NVIDIA A100 Tensor Core GPU Architecture, 2020). */
    TF32;

    /** As settings give it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
