// Sums and maxima over some axes. Elements of the result are walked by `kept`, what each is made of by `reduced`; both give distances in
// x. Every element is reduced in an order that depends on the shapes alone.
#include "Kernel.cuh"

// A block for each element of the result and part of what it is made of: for axes whose neighbours stand side by side.
template <class F>
__device__ void byBlock(int parts, int length, const Axes& kept, const Axes& reduced, const float* x, float* y) {
    int result = blockIdx.x / parts;
    int part = blockIdx.x % parts;
    const float* from = x + kept.inA(result);
    float value = F::none();
    int size = (length - 1) / parts + 1;
    int first = part * size;
    int end = length - first < size ? length : first + size;
    for (int i = first + threadIdx.x; i < end; i += THREADS) {
        value = F::of(value, from[reduced.inA(i)]);
    }
    value = ofBlock<F>(value);
    if (threadIdx.x == 0) {
        y[blockIdx.x] = value;
    }
}

// A thread for each element of the result: where elements of the result, not of what they are made of, stand side by side.
template <class F>
__device__ void byThread(int n, int length, const Axes& kept, const Axes& reduced, const float* x, float* y) {
    unsigned i = element();
    if (i < n) {
        const float* from = x + kept.inA(i);
        float value = F::none();
        for (int j = 0; j < length; j++) {
            value = F::of(value, from[reduced.inA(j)]);
        }
        y[i] = value;
    }
}

KERNEL(sum_by_block, int parts, int length, STRUCT Axes kept, STRUCT Axes reduced, const float* x, float* y) {
    byBlock<Sum>(parts, length, kept, reduced, x, y);
}

KERNEL(max_by_block, int parts, int length, STRUCT Axes kept, STRUCT Axes reduced, const float* x, float* y) {
    byBlock<Largest>(parts, length, kept, reduced, x, y);
}

KERNEL(sum_by_thread, int n, int length, STRUCT Axes kept, STRUCT Axes reduced, const float* x, float* y) {
    byThread<Sum>(n, length, kept, reduced, x, y);
}

KERNEL(max_by_thread, int n, int length, STRUCT Axes kept, STRUCT Axes reduced, const float* x, float* y) {
    byThread<Largest>(n, length, kept, reduced, x, y);
}
