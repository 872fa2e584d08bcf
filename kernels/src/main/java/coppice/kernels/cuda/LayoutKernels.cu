// Copies that put values elsewhere.
#include "Kernel.cuh"

// y[i] = x where the walk is: an expansion, where distances are 0, or a permutation of axes.
KERNEL(walk, int n, STRUCT Axes axes, const float* x, float* y) {
    unsigned i = element();
    if (i < n) {
        y[i] = x[axes.inA(i)];
    }
}

KERNEL(copy_rows, int rows, int length, const float* x, int xStride, float* y, int yStride) {
    unsigned i = element();
    if (i < static_cast<unsigned>(rows) * length) {
        unsigned row = i / length;
        unsigned column = i % length;
        y[row * yStride + column] = x[row * xStride + column];
    }
}

// dense = the values at their positions; it holds zeros already.
KERNEL(scatter, int count, const int* positions, const float* values, float* dense) {
    unsigned i = element();
    if (i < count) {
        dense[positions[i]] = values[i];
    }
}

KERNEL(gather, int count, const int* positions, const float* dense, float* values) {
    unsigned i = element();
    if (i < count) {
        values[i] = dense[positions[i]];
    }
}
