// Softmax and its losses over axis 0 of [C, N]: a thread for each column, so that neighbours read neighbours.
#include "Kernel.cuh"

__device__ inline float largestOf(int classes, int n, const float* z) {
    float largest = -INFINITY;
    for (int c = 0; c < classes; c++) {
        largest = larger(largest, z[c * n]);
    }
    return largest;
}

// log sum of exp(z - largest) over the classes.
__device__ inline float logOfSum(int classes, int n, float largest, const float* z) {
    float sum = 0;
    for (int c = 0; c < classes; c++) {
        sum += expf(z[c * n] - largest);
    }
    return logf(sum);
}

KERNEL(softmax, int classes, int n, const float* z, float* p) {
    unsigned j = element();
    if (j < n) {
        float largest = largestOf(classes, n, z + j);
        float log = logOfSum(classes, n, largest, z + j);
        for (int c = 0; c < classes; c++) {
            p[c * n + j] = flushed(expf(z[c * n + j] - largest - log));
        }
    }
}

KERNEL(log_softmax, int classes, int n, const float* z, float* y) {
    unsigned j = element();
    if (j < n) {
        float largest = largestOf(classes, n, z + j);
        float log = logOfSum(classes, n, largest, z + j);
        for (int c = 0; c < classes; c++) {
            y[c * n + j] = z[c * n + j] - largest - log;
        }
    }
}

KERNEL(softmax_cross_entropy, int classes, int n, const float* z, const float* t, float* loss) {
    unsigned j = element();
    if (j < n) {
        float largest = largestOf(classes, n, z + j);
        float log = logOfSum(classes, n, largest, z + j);
        float sum = 0;
        for (int c = 0; c < classes; c++) {
            float target = t[c * n + j];
            sum -= target == 0 ? 0 : target * (z[c * n + j] - largest - log);
        }
        loss[j] = sum;
    }
}
