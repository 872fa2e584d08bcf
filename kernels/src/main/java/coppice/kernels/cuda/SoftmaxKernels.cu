// Softmax and its losses over axis 0 of [C, N]: a thread for each column, so that neighbours read neighbours.
#include "Kernel.cuh"

// The logits of one example.
struct Column {
    const float* z;
    int classes;
    int n;
    float largest;
    float logOfSum;    // log sum of exp(z - largest)

    __device__ Column(const float* z, int classes, int n) : z(z), classes(classes), n(n), largest(-INFINITY) {
        for (int c = 0; c < classes; c++) {
            largest = larger(largest, z[c * n]);
        }
        float sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += expf(z[c * n] - largest);
        }
        logOfSum = logf(sum);
    }

    __device__ float logProbability(int c) const { return z[c * n] - largest - logOfSum; }

    __device__ float probability(int c) const { return flushed(expf(logProbability(c))); }
};

KERNEL(softmax, int classes, int n, const float* z, float* p) {
    unsigned j = element();
    if (j < n) {
        Column column(z + j, classes, n);
        for (int c = 0; c < classes; c++) {
            p[c * n + j] = column.probability(c);
        }
    }
}

KERNEL(log_softmax, int classes, int n, const float* z, float* y) {
    unsigned j = element();
    if (j < n) {
        Column column(z + j, classes, n);
        for (int c = 0; c < classes; c++) {
            y[c * n + j] = column.logProbability(c);
        }
    }
}

KERNEL(softmax_cross_entropy, int classes, int n, const float* z, const float* t, float* loss) {
    unsigned j = element();
    if (j < n) {
        Column column(z + j, classes, n);
        float sum = 0;
        for (int c = 0; c < classes; c++) {
            float target = t[c * n + j];
            sum -= target == 0 ? 0 : target * column.logProbability(c);
        }
        loss[j] = sum;
    }
}

KERNEL(softmax_cross_entropy_input, int classes, int n, const float* z, const float* t, const float* g, float* dz) {
    unsigned j = element();
    if (j < n) {
        Column column(z + j, classes, n);
        float targets = 0;
        for (int c = 0; c < classes; c++) {
            targets += t[c * n + j];
        }
        for (int c = 0; c < classes; c++) {
            dz[c * n + j] = g[j] * (column.probability(c) * targets - t[c * n + j]);
        }
    }
}
