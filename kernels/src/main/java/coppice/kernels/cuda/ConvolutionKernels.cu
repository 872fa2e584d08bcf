// The three faces of a convolution, g[O, H', W', N] = w[O, C, kh, kw] * x[C, H, W, N]: dense, as products of the weight with looks, none of
// which is ever written down; and with the survivors of the weight alone. C and O are those of a group.
#include "ProductTile.cuh"
#include "Window.cuh"

// For OUTPUT: column (row, column, image) of g, k = (channel, tap).
struct Looks {
    static constexpr bool ALONG = false;
    using Line = Pixel;
    const Window& window;
    const float* x;

    __device__ Line line(int i) const { return Pixel::of(i, window.outputWidth, window.n); }

    __device__ float at(const Line& output, int k) const {
        int at = output.look(window, k % window.taps());
        return at < 0 ? 0 : x[k / window.taps() * window.plane() + at];
    }
};

// For INPUT: column (row, column, image) of x, k = (channel of g, tap).
struct LooksBack {
    static constexpr bool ALONG = false;
    using Line = Pixel;
    const Window& window;
    const float* g;

    __device__ Line line(int i) const { return Pixel::of(i, window.width, window.n); }

    __device__ float at(const Line& pixel, int k) const {
        int at = pixel.lookedAt(window, k % window.taps());
        return at < 0 ? 0 : g[k / window.taps() * window.outputPlane() + at];
    }
};

// For INPUT: row c of the weight, k = (channel of g, tap).
struct WeightByInput {
    static constexpr bool ALONG = true;
    using Line = int;
    const float* w;
    int channels;
    int taps;

    __device__ Line line(int i) const { return i; }
    __device__ float at(int c, int k) const { return w[(k / taps * channels + c) * taps + k % taps]; }
};

// For WEIGHT: column (channel, tap), k = (row, column, image) of g.
struct LooksOfTap {
    static constexpr bool ALONG = true;
    struct Line {
        const float* channel;
        int tap;
    };
    const Window& window;
    const float* x;

    __device__ Line line(int i) const { return {x + i / window.taps() * window.plane(), i % window.taps()}; }

    __device__ float at(const Line& line, int k) const {
        int at = Pixel::of(k, window.outputWidth, window.n).look(window, line.tap);
        return at < 0 ? 0 : line.channel[at];
    }
};

// Blocks: tiles across, tiles down, groups; for WEIGHT groups times parts of the sum.
template <int PER>
__device__ void output(int outputs, int channels, const Window& window, const float* w, const float* x, float* g) {
    int group = blockIdx.z;
    int steps = channels * window.taps();
    product<PER>(Rows{w + group * outputs * steps, steps}, Looks{window, x + group * channels * window.plane()},
            Matrix{g + group * outputs * window.outputPlane(), window.outputPlane()}, outputs, window.outputPlane(), blockIdx.y * 16 * PER,
            blockIdx.x * 16 * PER, 0, steps);
}

template <int PER>
__device__ void input(int outputs, int channels, const Window& window, const float* w, float* x, const float* g) {
    int group = blockIdx.z;
    product<PER>(WeightByInput{w + group * outputs * channels * window.taps(), channels, window.taps()},
            LooksBack{window, g + group * outputs * window.outputPlane()}, Matrix{x + group * channels * window.plane(), window.plane()},
            channels, window.plane(), blockIdx.y * 16 * PER, blockIdx.x * 16 * PER, 0, outputs * window.taps());
}

template <int PER>
__device__ void weight(int groups, int outputs, int channels, const Window& window, float* w, const float* x, const float* g) {
    int group = blockIdx.z % groups;
    int parts = gridDim.z / groups;
    int size = (window.outputPlane() - 1) / parts + 1;
    int from = blockIdx.z / groups * size;
    int columns = channels * window.taps();
    product<PER>(Rows{g + group * outputs * window.outputPlane(), window.outputPlane()},
            LooksOfTap{window, x + group * channels * window.plane()},
            Matrix{w + static_cast<long long>(blockIdx.z) * outputs * columns, columns}, outputs, columns, blockIdx.y * 16 * PER,
            blockIdx.x * 16 * PER, from, min(window.outputPlane(), from + size));
}

KERNEL(convolve_output_64, int outputs, int channels, STRUCT Window window, const float* w, const float* x, float* g) {
    output<4>(outputs, channels, window, w, x, g);
}

KERNEL(convolve_output_128, int outputs, int channels, STRUCT Window window, const float* w, const float* x, float* g) {
    output<8>(outputs, channels, window, w, x, g);
}

KERNEL(convolve_input_64, int outputs, int channels, STRUCT Window window, const float* w, float* x, const float* g) {
    input<4>(outputs, channels, window, w, x, g);
}

KERNEL(convolve_input_128, int outputs, int channels, STRUCT Window window, const float* w, float* x, const float* g) {
    input<8>(outputs, channels, window, w, x, g);
}

// Part p of a split sum, of all groups, stands p * the weight's size further.
KERNEL(convolve_weight_64, int groups, int outputs, int channels, STRUCT Window window, float* w, const float* x, const float* g) {
    weight<4>(groups, outputs, channels, window, w, x, g);
}

KERNEL(convolve_weight_128, int groups, int outputs, int channels, STRUCT Window window, float* w, const float* x, const float* g) {
    weight<8>(groups, outputs, channels, window, w, x, g);
}

// Survivors that a block has before it, in shared memory: the channel they look at, as its first element, or a negative number if it is of
// another group; how far their tap is from the window's first; and their weight.
struct Batch {
    int channel[THREADS];
    int down[THREADS];
    int right[THREADS];
    float weight[THREADS];

    __device__ void set(int channel, int tap, float weight, const Window& window) {
        this->channel[threadIdx.x] = channel;
        down[threadIdx.x] = tap / window.x.size * window.y.dilation;
        right[threadIdx.x] = tap % window.x.size * window.x.dilation;
        this->weight[threadIdx.x] = weight;
    }
};

// g[o] = sum over the survivors of row o: a block for each row and 256 of its elements, each of which looks where the survivors say.
KERNEL(sparse_output, int outputs, int channels, STRUCT Window window, const int* starts, const int* columns, const float* w,
        const float* x, float* g) {
    __shared__ Batch batch;
    int blocks = (window.outputPlane() - 1) / THREADS + 1;
    int o = blockIdx.x / blocks;
    int own = blockIdx.x % blocks * THREADS + threadIdx.x;
    bool exists = own < window.outputPlane();
    const float* images = x + o / outputs * channels * window.plane();
    Pixel output = Pixel::of(own, window.outputWidth, window.n);
    int row = window.y.input(output.row, 0);
    int column = window.x.input(output.column, 0);
    float sum = 0;
    for (int i = starts[o]; i < starts[o + 1]; i += THREADS) {
        int count = min(THREADS, starts[o + 1] - i);
        __syncthreads();
        if (threadIdx.x < count) {
            int look = columns[i + threadIdx.x];
            batch.set(look / window.taps() * window.plane(), look % window.taps(), w[i + threadIdx.x], window);
        }
        __syncthreads();
        for (int j = 0; j < count; j++) {
            int at = window.at(row + batch.down[j], column + batch.right[j], output.image);
            if (at >= 0 && exists) {
                sum += batch.weight[j] * images[batch.channel[j] + at];
            }
        }
    }
    if (exists) {
        g[o * window.outputPlane() + own] = sum;
    }
}

// x[c] = sum over the survivors that look at channel c: those of its taps' columns, which follow each other.
//
// @param rows   of each survivor, column after column
// @param of     the column of each
// @param places where the value of each stands
KERNEL(sparse_input, int outputs, int channels, STRUCT Window window, const int* starts, const int* rows, const int* of,
        const int* places, const float* w, float* x, const float* g) {
    __shared__ Batch batch;
    int blocks = (window.plane() - 1) / THREADS + 1;
    int c = blockIdx.x / blocks;
    int own = blockIdx.x % blocks * THREADS + threadIdx.x;
    bool exists = own < window.plane();
    int group = c / channels;
    Pixel pixel = Pixel::of(own, window.width, window.n);
    int row = pixel.row + window.y.padding;
    int column = pixel.column + window.x.padding;
    float sum = 0;
    int end = starts[(c % channels + 1) * window.taps()];
    for (int i = starts[c % channels * window.taps()]; i < end; i += THREADS) {
        int count = min(THREADS, end - i);
        __syncthreads();
        if (threadIdx.x < count) {
            int next = i + threadIdx.x;
            int o = rows[next];
            batch.set(o / outputs == group ? o * window.outputPlane() : -1, of[next] % window.taps(), w[places[next]], window);
        }
        __syncthreads();
        for (int j = 0; j < count; j++) {
            int at = window.outputAt(window.y.outputAt(row - batch.down[j]), window.x.outputAt(column - batch.right[j]), pixel.image);
            if (batch.channel[j] >= 0 && at >= 0 && exists) {
                sum += batch.weight[j] * g[batch.channel[j] + at];
            }
        }
    }
    if (exists) {
        x[c * window.plane() + own] = sum;
    }
}

// w of one survivor = sum over the elements of its row of g: a block for each.
KERNEL(sparse_weight, int outputs, int channels, STRUCT Window window, const int* positions, const float* x, const float* g, float* w) {
    int columns = channels * window.taps();
    int o = positions[blockIdx.x] / columns;
    int column = positions[blockIdx.x] % columns;
    const float* images = x + (o / outputs * channels + column / window.taps()) * window.plane();
    const float* gradients = g + o * window.outputPlane();
    int tap = column % window.taps();
    float sum = 0;
    for (int i = threadIdx.x; i < window.outputPlane(); i += THREADS) {
        int at = Pixel::of(i, window.outputWidth, window.n).look(window, tap);
        sum += at < 0 ? 0 : gradients[i] * images[at];
    }
    sum = ofBlock<Sum>(sum);
    if (threadIdx.x == 0) {
        w[blockIdx.x] = sum;
    }
}
