// Pooling, a thread for each element of the result: gradients are gathered from the windows that look at an element, not scattered to it.
#include "Window.cuh"

// Where the first of the largest elements stands that an output looks at, or a NaN; negative if it looks at padding only.
__device__ inline int largestOf(const Window& window, const Pixel& output, const float* x) {
    int largest = -1;
    for (int tap = 0; tap < window.taps(); tap++) {
        int at = output.look(window, tap);
        if (at >= 0 && (largest < 0 || x[at] > x[largest] || x[at] != x[at])) {
            largest = at;
        }
    }
    return largest;
}

KERNEL(pick, int n, STRUCT Window window, const float* x, const float* v, float* y) {
    unsigned i = element();
    if (i < n) {
        int channel = i / window.outputPlane() * window.plane();
        Pixel output = Pixel::of(i % window.outputPlane(), window.outputWidth, window.n);
        int largest = largestOf(window, output, x + channel);
        y[i] = largest < 0 ? 0 : v[channel + largest];
    }
}

KERNEL(place, int n, STRUCT Window window, const float* x, const float* g, float* dx) {
    unsigned i = element();
    if (i < n) {
        int own = i % window.plane();
        const float* images = x + (i - own);
        const float* gradients = g + i / window.plane() * window.outputPlane();
        Pixel pixel = Pixel::of(own, window.width, window.n);
        float sum = 0;
        for (int tap = window.taps() - 1; tap >= 0; tap--) {
            int output = pixel.lookedAt(window, tap);
            if (output >= 0 && largestOf(window, Pixel::of(output, window.outputWidth, window.n), images) == own) {
                sum += gradients[output];
            }
        }
        dx[i] = sum;
    }
}

KERNEL(sum_window, int n, STRUCT Window window, const float* x, float* y) {
    unsigned i = element();
    if (i < n) {
        const float* images = x + i / window.outputPlane() * window.plane();
        Pixel output = Pixel::of(i % window.outputPlane(), window.outputWidth, window.n);
        float sum = 0;
        for (int tap = 0; tap < window.taps(); tap++) {
            int at = output.look(window, tap);
            sum += at < 0 ? 0 : images[at];
        }
        y[i] = sum;
    }
}

KERNEL(spread, int n, STRUCT Window window, const float* g, float* dx) {
    unsigned i = element();
    if (i < n) {
        const float* gradients = g + i / window.plane() * window.outputPlane();
        Pixel pixel = Pixel::of(i % window.plane(), window.width, window.n);
        float sum = 0;
        for (int tap = window.taps() - 1; tap >= 0; tap--) {
            int output = pixel.lookedAt(window, tap);
            sum += output < 0 ? 0 : gradients[output];
        }
        dx[i] = sum;
    }
}
