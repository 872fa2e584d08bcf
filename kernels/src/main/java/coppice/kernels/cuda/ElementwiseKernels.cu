// Functions of one element and of two: the tables of Elementwise.java, a kernel for each function.
#include "Kernel.cuh"

KERNEL(fill, float value, int n, float* y) {
    unsigned i = element();
    if (i < n) {
        y[i] = value;
    }
}

KERNEL(affine, float scale, float shift, int n, const float* x, float* y) {
    unsigned i = element();
    if (i < n) {
        y[i] = scale * x[i] + shift;
    }
}

// x and y may be the same, so neither is __restrict__.
#define MAP(name, expression)                              \
    KERNEL(map_##name, int n, const float* x, float* y) { \
        unsigned i = element();                            \
        if (i < n) {                                       \
            float v = x[i];                                \
            y[i] = expression;                             \
        }                                                  \
    }

// Of a large negative number e is small but no 0, and of a large positive one it does not overflow.
__device__ inline float sigmoid(float x) {
    float e = expf(-fabsf(x));
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

MAP(negate, -v)
MAP(exp, expf(v))
MAP(log, logf(v))
MAP(square, v * v)
MAP(sqrt, sqrtf(v))
MAP(reciprocal, 1 / v)
MAP(abs, fabsf(v))
MAP(sign, v > 0 ? 1.0f : v < 0 ? -1.0f : v)
MAP(relu, v <= 0 ? 0 : v)
MAP(sigmoid, sigmoid(v))
MAP(tanh, tanhf(v))

// Operands are repeated along the axes in which their distance is 0. Where both are whole, there is one axis.
#define COMBINE(name, expression)                                                                                  \
    KERNEL(combine_##name, int n, STRUCT Axes axes, const float* a, const float* b, float* y) {                     \
        unsigned i = element();                                                                                    \
        if (i < n) {                                                                                               \
            float u = a[axes.inA(i)];                                                                              \
            float v = b[axes.inB(i)];                                                                              \
            y[i] = expression;                                                                                     \
        }                                                                                                          \
    }

COMBINE(add, u + v)
COMBINE(add_relu, u + v <= 0 ? 0 : u + v)
COMBINE(subtract, u - v)
COMBINE(multiply, u * v)
COMBINE(divide, u / v)
COMBINE(where_positive, v <= 0 ? 0 : u)
COMBINE(equal, u == v ? 1.0f : 0.0f)
