// Batch normalisation of [C, ...], channel after channel. Sums over a channel are made in parts, a block each, and the parts are then added
// up in order. Blocks of a channel follow each other: block = channel * blocks of a channel + part.
#include "Kernel.cuh"

struct Channel {
    int index;
    int first;    // of this thread, within the channel
    int end;

    // A block for THREADS elements.
    static __device__ Channel ofElements(int length) {
        int blocks = (length - 1) / THREADS + 1;
        int from = blockIdx.x % blocks * THREADS + threadIdx.x;
        return {static_cast<int>(blockIdx.x / blocks), from, min(length, from + 1)};
    }

    // A block for a part.
    static __device__ Channel ofPart(int length, int parts) {
        int size = (length - 1) / parts + 1;
        int part = blockIdx.x % parts;
        int first = part * size;
        return {static_cast<int>(blockIdx.x / parts), static_cast<int>(first + threadIdx.x), length - first < size ? length : first + size};
    }
};

__device__ inline float inverseDeviation(float variance, float epsilon) {
    return 1 / sqrtf(variance + epsilon);
}

// What a rectifier after the normalisation lets through of a gradient.
__device__ inline float passed(int rectified, float g, float normalised, float scale, float shift) {
    return rectified && scale * normalised + shift <= 0 ? 0 : g;
}

KERNEL(sums, int length, int parts, const float* x, float* partial) {
    Channel channel = Channel::ofPart(length, parts);
    const float* values = x + channel.index * length;
    float sum = 0;
    for (int i = channel.first; i < channel.end; i += THREADS) {
        sum += values[i];
    }
    sum = ofBlock<Sum>(sum);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

// Of the squares of distances from the mean.
KERNEL(squares, int length, int parts, const float* x, const float* mean, float* partial) {
    Channel channel = Channel::ofPart(length, parts);
    const float* values = x + channel.index * length;
    float centre = mean[channel.index];
    float sum = 0;
    for (int i = channel.first; i < channel.end; i += THREADS) {
        float distance = values[i] - centre;
        sum += distance * distance;
    }
    sum = ofBlock<Sum>(sum);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
    }
}

// result[channel] = scale * the sum of its parts.
KERNEL(add_parts, int channels, int parts, float scale, const float* partial, float* result) {
    unsigned channel = element();
    if (channel < channels) {
        float sum = 0;
        for (int part = 0; part < parts; part++) {
            sum += partial[channel * parts + part];
        }
        result[channel] = sum * scale;
    }
}

KERNEL(follow_moments, int channels, float kept, float ofMean, float ofVariance, const float* moments, float* mean, float* variance) {
    unsigned channel = element();
    if (channel < channels) {
        mean[channel] = kept * mean[channel] + ofMean * moments[channel];
        variance[channel] = kept * variance[channel] + ofVariance * moments[channels + channel];
    }
}

KERNEL(normalise, int length, float epsilon, int rectified, int channels, const float* x, const float* moments, const float* scale,
        const float* shift, float* y) {
    Channel channel = Channel::ofElements(length);
    int c = channel.index;
    if (channel.first < channel.end) {
        int i = c * length + channel.first;
        float value = scale[c] * ((x[i] - moments[c]) * inverseDeviation(moments[channels + c], epsilon)) + shift[c];
        y[i] = rectified && value <= 0 ? 0 : value;
    }
}

// partial[0] = parts of the sums of g, partial[1] of those of g times the normalised x; scale and shift only where rectified.
KERNEL(normalise_sums, int length, int parts, float epsilon, int rectified, int channels, const float* x, const float* moments,
        const float* scale, const float* shift, const float* g, float* partial) {
    Channel channel = Channel::ofPart(length, parts);
    int c = channel.index;
    float mean = moments[c];
    float factor = inverseDeviation(moments[channels + c], epsilon);
    float gain = rectified ? scale[c] : 0;
    float offset = rectified ? shift[c] : 0;
    float sum = 0;
    float product = 0;
    for (int i = channel.first; i < channel.end; i += THREADS) {
        float normalised = (x[c * length + i] - mean) * factor;
        float gradient = passed(rectified, g[c * length + i], normalised, gain, offset);
        sum += gradient;
        product += gradient * normalised;
    }
    sum = ofBlock<Sum>(sum);
    product = ofBlock<Sum>(product);
    if (threadIdx.x == 0) {
        partial[blockIdx.x] = sum;
        partial[gridDim.x + blockIdx.x] = product;
    }
}

KERNEL(normalise_input, int length, float epsilon, int rectified, int channels, const float* x, const float* moments, const float* scale,
        const float* shift, const float* g, const float* sums, float* dx) {
    Channel channel = Channel::ofElements(length);
    int c = channel.index;
    if (channel.first < channel.end) {
        int i = c * length + channel.first;
        float factor = inverseDeviation(moments[channels + c], epsilon);
        float normalised = (x[i] - moments[c]) * factor;
        float gradient = passed(rectified, g[i], normalised, scale[c], rectified ? shift[c] : 0);
        dx[i] = scale[c] * factor * (gradient - sums[c] / length - normalised * sums[channels + c] / length);
    }
}
