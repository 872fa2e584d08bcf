// A window that slides over images [C, H, W, N]: Window.java and WindowArguments.java.
#pragma once
#include "Kernel.cuh"

struct Axis {
    int size;
    int stride;
    int padding;
    int dilation;

    // What a tap of an output looks at.
    __device__ int input(int output, int tap) const {
        return output * stride - padding + tap * dilation;
    }

    // The output of which a tap looks at an input; negative if there is none.
    __device__ int output(int input, int tap) const {
        return outputAt(input + padding - tap * dilation);
    }

    // The output whose window starts so far from the padding's first element; negative if none does.
    __device__ int outputAt(int start) const {
        return stride == 1 ? start : start < 0 || start % stride != 0 ? -1 : start / stride;
    }
};

struct Window {
    Axis y;
    Axis x;
    int height;          // of images
    int width;
    int outputHeight;
    int outputWidth;
    int n;

    __device__ int taps() const {
        return y.size * x.size;
    }

    // Elements of a channel of images, and of one of outputs.
    __device__ int plane() const {
        return height * width * n;
    }

    __device__ int outputPlane() const {
        return outputHeight * outputWidth * n;
    }

    // Where an element of a channel of images stands in it; negative in the padding.
    __device__ int at(int row, int column, int image) const {
        return row < 0 || row >= height || column < 0 || column >= width ? -1 : (row * width + column) * n + image;
    }

    // Where an element of a channel of outputs stands in it; negative where there is none.
    __device__ int outputAt(int row, int column, int image) const {
        return row < 0 || row >= outputHeight || column < 0 || column >= outputWidth ? -1 : (row * outputWidth + column) * n + image;
    }
};

// An element of a channel, of images or of outputs.
struct Pixel {
    int row;
    int column;
    int image;

    static __device__ Pixel of(int i, int width, int n) {
        return {i / n / width, i / n % width, i % n};
    }

    // Where a tap of this output looks in a channel of images; negative in the padding.
    __device__ int look(const Window& window, int tap) const {
        return window.at(window.y.input(row, tap / window.x.size), window.x.input(column, tap % window.x.size), image);
    }

    // Where the output stands in its channel of which a tap looks at this element of images; negative if there is none.
    __device__ int lookedAt(const Window& window, int tap) const {
        return window.outputAt(window.y.output(row, tap / window.x.size), window.x.output(column, tap % window.x.size), image);
    }
};
