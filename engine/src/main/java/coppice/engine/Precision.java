package coppice.engine;

/** How exactly a backend multiplies the numbers of large products, before it adds them up in single precision. */
public enum Precision {

    /** Single precision: 24 bits. */
    FP32,

    /** Rounded to 11 bits, as the tensor cores of a GPU take them many times as fast (NVIDIA A100 Tensor Core GPU Architecture, 2020). */
    TF32
}
