// The three faces of the product of matrices, g[M, N] = w[M, K] x[K, N]: dense, and with the survivors of w alone.
#include "ProductTile.cuh"

// Blocks: tiles across, tiles down, parts of the sum. Part p of a split sum stands p * rows * columns further.
struct Tiles {
    int row;
    int column;
    int from;
    int end;

    __device__ Tiles(int tile, int steps) {
        int part = (steps - 1) / static_cast<int>(gridDim.z) + 1;
        row = blockIdx.y * tile;
        column = blockIdx.x * tile;
        from = blockIdx.z * part;
        end = min(steps, from + part);
    }
};

template <int PER>
__device__ void output(int m, int k, int n, const float* w, const float* x, float* g) {
    Tiles tiles(16 * PER, k);
    product<PER>(Rows{w, k}, Columns{x, n}, Matrix{g + static_cast<long long>(blockIdx.z) * m * n, n}, m, n, tiles.row, tiles.column,
            tiles.from, tiles.end);
}

template <int PER>
__device__ void input(int m, int k, int n, const float* w, float* x, const float* g) {
    Tiles tiles(16 * PER, m);
    product<PER>(Columns{w, k}, Columns{g, n}, Matrix{x + static_cast<long long>(blockIdx.z) * k * n, n}, k, n, tiles.row, tiles.column,
            tiles.from, tiles.end);
}

template <int PER>
__device__ void weight(int m, int k, int n, float* w, const float* x, const float* g) {
    Tiles tiles(16 * PER, n);
    product<PER>(Rows{g, n}, Rows{x, n}, Matrix{w + static_cast<long long>(blockIdx.z) * m * k, k}, m, k, tiles.row, tiles.column,
            tiles.from, tiles.end);
}

KERNEL(matmul_output_64, int m, int k, int n, const float* w, const float* x, float* g) {
    output<4>(m, k, n, w, x, g);
}

KERNEL(matmul_output_128, int m, int k, int n, const float* w, const float* x, float* g) {
    output<8>(m, k, n, w, x, g);
}

KERNEL(matmul_input_64, int m, int k, int n, const float* w, float* x, const float* g) {
    input<4>(m, k, n, w, x, g);
}

KERNEL(matmul_input_128, int m, int k, int n, const float* w, float* x, const float* g) {
    input<8>(m, k, n, w, x, g);
}

KERNEL(matmul_weight_64, int m, int k, int n, float* w, const float* x, const float* g) {
    weight<4>(m, k, n, w, x, g);
}

KERNEL(matmul_weight_128, int m, int k, int n, float* w, const float* x, const float* g) {
    weight<8>(m, k, n, w, x, g);
}

// How a lane takes its columns: four that stand side by side, where all rows begin at 16 bytes, or one.
struct Four {
    static constexpr int COUNT = 4;
    float4 sum = {0, 0, 0, 0};

    __device__ void add(float weight, const float* x) {
        float4 value = *reinterpret_cast<const float4*>(x);
        sum.x += weight * value.x;
        sum.y += weight * value.y;
        sum.z += weight * value.z;
        sum.w += weight * value.w;
    }

    __device__ void store(float* y) const { *reinterpret_cast<float4*>(y) = sum; }

    static __device__ float dot(const float* a, const float* b) {
        float4 u = *reinterpret_cast<const float4*>(a);
        float4 v = *reinterpret_cast<const float4*>(b);
        return u.x * v.x + u.y * v.y + u.z * v.z + u.w * v.w;
    }
};

struct One {
    static constexpr int COUNT = 1;
    float sum = 0;

    __device__ void add(float weight, const float* x) { sum += weight * *x; }
    __device__ void store(float* y) const { *y = sum; }
    static __device__ float dot(const float* a, const float* b) { return *a * *b; }
};

// y[row] = sum over the survivors of a row of w times x[column]: a warp for each row and the columns of n that its lanes take. The lanes
// read 32 survivors at once and hand them round. Rows with many survivors come first, so that no block is left with them at the end.
//
// @param order  the rows, those with most survivors first
// @param places where the value of each survivor stands; null if they stand in order
template <class Share>
__device__ void rowsOfSurvivors(int rows, int n, const int* order, const int* starts, const int* columns, const int* places, const float* w,
        const float* x, float* y) {
    int turn = blockIdx.x * (THREADS / WARP) + warp();
    if (turn >= rows) {
        return;
    }
    int row = order[turn];
    int first = (blockIdx.y * WARP + lane()) * Share::COUNT;
    bool exists = first < n;
    int end = starts[row + 1];
    Share share;
    for (int i = starts[row]; i < end; i += WARP) {
        int own = i + lane();
        int column = own < end ? columns[own] : 0;
        float weight = own < end ? w[places == nullptr ? own : places[own]] : 0;
        int count = min(WARP, end - i);
        for (int j = 0; j < count; j++) {
            float shared = __shfl_sync(ALL_LANES, weight, j);
            int from = __shfl_sync(ALL_LANES, column, j);
            if (exists) {
                share.add(shared, x + static_cast<long long>(from) * n + first);
            }
        }
    }
    if (exists) {
        share.store(y + static_cast<long long>(row) * n + first);
    }
}

KERNEL(survivors_by_four, int rows, int n, const int* order, const int* starts, const int* columns, const int* places, const float* w,
        const float* x, float* y) {
    rowsOfSurvivors<Four>(rows, n, order, starts, columns, places, w, x, y);
}

KERNEL(survivors_by_one, int rows, int n, const int* order, const int* starts, const int* columns, const int* places, const float* w,
        const float* x, float* y) {
    rowsOfSurvivors<One>(rows, n, order, starts, columns, places, w, x, y);
}

// The sum of each lane's 32 values over all lanes, that of value i for lane i: half of the values change lanes, then a quarter, and so on.
template <int DISTANCE = WARP / 2>
__device__ float transposedSum(float (&values)[WARP]) {
    bool upper = (lane() & DISTANCE) != 0;
#pragma unroll
    for (int i = 0; i < DISTANCE; i++) {
        float sent = upper ? values[i] : values[i + DISTANCE];
        float kept = upper ? values[i + DISTANCE] : values[i];
        values[i] = kept + __shfl_xor_sync(ALL_LANES, sent, DISTANCE);
    }
    if constexpr (DISTANCE > 1) {
        return transposedSum<DISTANCE / 2>(values);
    }
    return values[0];
}

// w = g x^T where a weight survives: a warp for 32 survivors, whose products its lanes share; they are summed over lanes once.
template <class Share>
__device__ void sampled(int count, int k, int n, const int* positions, const float* x, const float* g, float* w) {
    int first = (blockIdx.x * (THREADS / WARP) + warp()) * WARP;
    if (first >= count) {
        return;
    }
    int position = positions[min(first + lane(), count - 1)];
    int row = position / k;
    int column = position % k;
    float sums[WARP];
#pragma unroll
    for (int i = 0; i < WARP; i++) {
        const float* gRow = g + static_cast<long long>(__shfl_sync(ALL_LANES, row, i)) * n;
        const float* xRow = x + static_cast<long long>(__shfl_sync(ALL_LANES, column, i)) * n;
        float sum = 0;
        for (int j = lane() * Share::COUNT; j < n; j += WARP * Share::COUNT) {
            sum += Share::dot(gRow + j, xRow + j);
        }
        sums[i] = sum;
    }
    float sum = transposedSum<>(sums);
    if (first + lane() < count) {
        w[first + lane()] = sum;
    }
}

KERNEL(sampled_by_four, int count, int k, int n, const int* positions, const float* x, const float* g, float* w) {
    sampled<Four>(count, k, n, positions, x, g, w);
}

KERNEL(sampled_by_one, int count, int k, int n, const int* positions, const float* x, const float* g, float* w) {
    sampled<One>(count, k, n, positions, x, g, w);
}
