// What every kernel file begins with: how a kernel is declared, and how its threads find their share of the work.
//
// A kernel is written once. nvcc makes PTX of it; g++ makes a library of it in which each thread is a fiber (src/test/cuda), so that
// tests run the same lines on a machine without a GPU.
#pragma once

#ifdef COPPICE_EMULATION
#include "emulation.hpp"
#else
#include <cmath>
#define KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(256) name(__VA_ARGS__)
#endif

// A struct among the arguments of a kernel, read where the driver put it: a copy would stand in slow memory.
#define STRUCT const __grid_constant__

// Threads of a block, in every kernel: Grid.THREADS.
constexpr int THREADS = 256;
constexpr int WARP = 32;
constexpr unsigned ALL_LANES = 0xffffffffu;

// The axes over which a kernel walks, with up to two operands' distances between neighbours along each: Axes.java.
struct Axes {
    static constexpr int MOST = 6;
    int rank;
    int size[MOST];
    int a[MOST];
    int b[MOST];

    // Where element i of the walk stands in the first operand.
    __device__ int inA(unsigned i) const {
        int at = 0;
        for (int axis = rank - 1; axis > 0; axis--) {
            at += i % size[axis] * a[axis];
            i /= size[axis];
        }
        return rank == 0 ? 0 : at + i * a[0];
    }

    __device__ int inB(unsigned i) const {
        int at = 0;
        for (int axis = rank - 1; axis > 0; axis--) {
            at += i % size[axis] * b[axis];
            i /= size[axis];
        }
        return rank == 0 ? 0 : at + i * b[0];
    }
};

// The number of this thread among all of a one-dimensional grid.
__device__ inline unsigned element() {
    return blockIdx.x * static_cast<unsigned>(THREADS) + threadIdx.x;
}

__device__ inline int lane() {
    return threadIdx.x % WARP;
}

__device__ inline int warp() {
    return threadIdx.x / WARP;
}

// 0 where a value is so small that it would end as a denormal number: Backend.NEGLIGIBLE.
__device__ inline float flushed(float value) {
    return fabsf(value) < 0x1p-100f ? 0 : value;
}

// The larger of two, as Java has it: a NaN if there is one, and 0 rather than -0.
__device__ inline float larger(float a, float b) {
    if (a != a) {
        return a;
    }
    if (a == b) {
        return signbit(a) ? b : a;
    }
    return a > b ? a : b;
}

struct Sum {
    static __device__ float none() { return 0; }
    static __device__ float of(float a, float b) { return a + b; }
};

struct Largest {
    static __device__ float none() { return -INFINITY; }
    static __device__ float of(float a, float b) { return larger(a, b); }
};

// What the values of a block's threads come to, always in the same order; for thread 0.
template <class F>
__device__ float ofBlock(float value) {
    __shared__ float ofWarp[THREADS / WARP];
    for (int distance = WARP / 2; distance > 0; distance /= 2) {
        value = F::of(value, __shfl_down_sync(ALL_LANES, value, distance));
    }
    __syncthreads();    // whoever used the room before has read it
    if (lane() == 0) {
        ofWarp[warp()] = value;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        for (int other = 1; other < THREADS / WARP; other++) {
            value = F::of(value, ofWarp[other]);
        }
    }
    return value;
}
