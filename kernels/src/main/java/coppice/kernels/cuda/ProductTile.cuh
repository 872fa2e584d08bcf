// The matrix product behind all dense faces: result[m, n] = sum over k of left[m, k] * right[k, n], where what left and right are is said
// by small types that find one element; so the product of matrices and that of looks of a convolution are the same loop.
//
// A block makes a tile of 16 * PER rows and columns, each of its 256 threads PER x PER elements of it. Slabs of DEPTH steps of both operands
// go through shared memory: while one is multiplied, the next is on its way in registers, and one barrier a slab suffices as there are two
// rooms. The lanes of a warp stand 4 x 8, so that they read 4 and 8 vectors of 16 bytes of shared memory at a time, the rest being repeats.
//
// An operand has
//   Line            what a thread remembers of a row of left, or of a column of right, while it walks along k
//   line(i)         of row or column i
//   at(line, k)     the element
//   ALONG           whether neighbours along k stand side by side in memory, not those across
#pragma once
#include "Kernel.cuh"

constexpr int DEPTH = 8;
constexpr int FRAGMENT = 4;

template <class Operand, int TILE>
struct Slab {
    static constexpr int COUNT = TILE * DEPTH / THREADS;
    static constexpr int PITCH = TILE + FRAGMENT;    // a multiple of 16 bytes, by which stores along k miss each other's banks

    const Operand& operand;
    typename Operand::Line lines[Operand::ALONG ? COUNT : 1];
    bool exists[Operand::ALONG ? COUNT : 1];
    float values[COUNT];

    __device__ Slab(const Operand& operand, int first, int count) : operand(operand) {
#pragma unroll
        for (int i = 0; i < (Operand::ALONG ? COUNT : 1); i++) {
            int index = first + across(i);
            exists[i] = index < count;
            lines[i] = operand.line(exists[i] ? index : first);
        }
    }

    // The row of left, or the column of right, of this thread's value i.
    static __device__ int across(int i) {
        return Operand::ALONG ? threadIdx.x / DEPTH + i * (THREADS / DEPTH) : threadIdx.x % TILE;
    }

    static __device__ int along(int i) {
        return Operand::ALONG ? threadIdx.x % DEPTH : threadIdx.x / TILE + i * (THREADS / TILE);
    }

    __device__ void load(int from, int end) {
#pragma unroll
        for (int i = 0; i < COUNT; i++) {
            int line = Operand::ALONG ? i : 0;
            int k = from + along(i);
            values[i] = exists[line] && k < end ? operand.at(lines[line], k) : 0;
        }
    }

    __device__ void store(float* room) const {
#pragma unroll
        for (int i = 0; i < COUNT; i++) {
            room[along(i) * PITCH + across(i)] = values[i];
        }
    }
};

// A tile of the product over k from `from` to `end`; result.put(m, n, value) takes what exists of it.
template <int PER, class Left, class Right, class Result>
__device__ void product(const Left& left, const Right& right, const Result& result, int rows, int columns, int firstRow, int firstColumn,
        int from, int end) {
    constexpr int TILE = 16 * PER;
    constexpr int FRAGMENTS = PER / FRAGMENT;
    using LeftSlab = Slab<Left, TILE>;
    using RightSlab = Slab<Right, TILE>;
    __shared__ __align__(16) float leftRoom[2][DEPTH * LeftSlab::PITCH];
    __shared__ __align__(16) float rightRoom[2][DEPTH * RightSlab::PITCH];
    int down = warp() / 2 * 4 + lane() / 8;
    int across = warp() % 2 * 8 + lane() % 8;
    LeftSlab leftSlab(left, firstRow, rows);
    RightSlab rightSlab(right, firstColumn, columns);
    float sums[PER][PER] = {};
    leftSlab.load(from, end);
    rightSlab.load(from, end);
    for (int k = from, room = 0; k < end; k += DEPTH, room ^= 1) {
        leftSlab.store(leftRoom[room]);
        rightSlab.store(rightRoom[room]);
        __syncthreads();
        leftSlab.load(k + DEPTH, end);
        rightSlab.load(k + DEPTH, end);
#pragma unroll
        for (int step = 0; step < DEPTH; step++) {
            float u[PER];
            float v[PER];
#pragma unroll
            for (int fragment = 0; fragment < FRAGMENTS; fragment++) {
                int at = fragment * (TILE / FRAGMENTS);
                float4 four = *reinterpret_cast<const float4*>(&leftRoom[room][step * LeftSlab::PITCH + at + down * FRAGMENT]);
                u[fragment * FRAGMENT] = four.x;
                u[fragment * FRAGMENT + 1] = four.y;
                u[fragment * FRAGMENT + 2] = four.z;
                u[fragment * FRAGMENT + 3] = four.w;
                four = *reinterpret_cast<const float4*>(&rightRoom[room][step * RightSlab::PITCH + at + across * FRAGMENT]);
                v[fragment * FRAGMENT] = four.x;
                v[fragment * FRAGMENT + 1] = four.y;
                v[fragment * FRAGMENT + 2] = four.z;
                v[fragment * FRAGMENT + 3] = four.w;
            }
#pragma unroll
            for (int i = 0; i < PER; i++) {
#pragma unroll
                for (int j = 0; j < PER; j++) {
                    sums[i][j] += u[i] * v[j];
                }
            }
        }
    }
#pragma unroll
    for (int i = 0; i < PER; i++) {
        int m = firstRow + i / FRAGMENT * (TILE / FRAGMENTS) + down * FRAGMENT + i % FRAGMENT;
#pragma unroll
        for (int j = 0; j < PER; j++) {
            int n = firstColumn + j / FRAGMENT * (TILE / FRAGMENTS) + across * FRAGMENT + j % FRAGMENT;
            if (m < rows && n < columns) {
                result.put(m, n, sums[i][j]);
            }
        }
    }
}

// A row-major matrix, k across: element (i, k) of `data + i * pitch + k`.
struct Rows {
    static constexpr bool ALONG = true;
    using Line = const float*;
    const float* data;
    int pitch;

    __device__ Line line(int i) const { return data + static_cast<long long>(i) * pitch; }
    __device__ float at(Line line, int k) const { return line[k]; }
};

// A row-major matrix, k down: element (i, k) of `data + k * pitch + i`.
struct Columns {
    static constexpr bool ALONG = false;
    using Line = const float*;
    const float* data;
    int pitch;

    __device__ Line line(int i) const { return data + i; }
    __device__ float at(Line line, int k) const { return line[static_cast<long long>(k) * pitch]; }
};

struct Matrix {
    float* data;
    int pitch;

    __device__ void put(int m, int n, float value) const { data[static_cast<long long>(m) * pitch + n] = value; }
};
