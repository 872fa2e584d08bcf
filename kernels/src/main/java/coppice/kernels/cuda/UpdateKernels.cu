// Steps of optimisers, in place, on whatever values a weight has: all, or those of its survivors.
#include "Kernel.cuh"

// @param rate one value. @param velocity null where there is no momentum
KERNEL(sgd, const float* rate, float momentum, int nesterov, float decay, int n, float* w, const float* gradient, float* velocity) {
    unsigned i = element();
    if (i < n) {
        float d = gradient[i] + decay * w[i];
        float direction = d;
        if (velocity != nullptr) {
            float v = flushed(momentum * velocity[i] + d);
            velocity[i] = v;
            direction = nesterov ? d + momentum * v : v;
        }
        w[i] -= rate[0] * direction;
    }
}

// @param scales of the mean and of the square
KERNEL(adam, const float* scales, float beta1, float beta2, float epsilon, float decay, int n, float* w,
        const float* gradient, float* mean, float* square) {
    unsigned i = element();
    if (i < n) {
        float d = gradient[i] + decay * w[i];
        float m = flushed(beta1 * mean[i] + (1 - beta1) * d);
        float s = flushed(beta2 * square[i] + (1 - beta2) * flushed(d * d));
        mean[i] = m;
        square[i] = s;
        w[i] -= scales[0] * m / (sqrtf(s * scales[1]) + epsilon);
    }
}
