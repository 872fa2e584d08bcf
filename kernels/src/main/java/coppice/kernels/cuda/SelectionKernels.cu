// Which values are largest in magnitude, found by counting instead of sorting: how many have each value of a magnitude's first bits, which
// tells those of the smallest that may stay; of the values that have them, how many have each value of the next bits; and so on.
#include "Kernel.cuh"

// Bits of a magnitude that are found at a time.
constexpr int BITS = 11;
constexpr int BINS = 1 << BITS;
constexpr int BINS_OF_THREAD = BINS / THREADS;

// What is known of the smallest magnitude that may stay, and how many go of those that have the same bits.
struct Threshold {
    unsigned bits;
    int going;
};

// The bits of |x|, which are in the order of magnitudes; of every NaN the same.
__device__ inline unsigned magnitude(float x) {
    unsigned bits;
    memcpy(&bits, &x, sizeof bits);
    bits &= 0x7fffffffu;
    return bits < 0x7f800001u ? bits : 0x7f800001u;
}

// The sum of the values of this block's threads before this one. @param room of a block
__device__ inline int sumBefore(int value, int* room) {
    int sum = value;
    for (int distance = 1; distance < THREADS; distance *= 2) {
        __syncthreads();    // everybody has read the sums of the round before
        room[threadIdx.x] = sum;
        __syncthreads();
        sum += threadIdx.x >= distance ? room[threadIdx.x - distance] : 0;
    }
    return sum - value;
}

// The element after the last one of this block, of so many for each.
__device__ inline unsigned endOfShare(unsigned n, unsigned share) {
    unsigned next = (blockIdx.x + 1) * share;
    return next < n ? next : n;
}

// One block.
KERNEL(start_selection, int going, Threshold* threshold, int* counts) {
    for (int bin = threadIdx.x; bin < BINS; bin += THREADS) {
        counts[bin] = 0;
    }
    if (threadIdx.x == 0) {
        threshold->bits = 0;
        threshold->going = going;
    }
}

// counts[bits] += values whose bits from `shift` on are those of the threshold and then these. They are whole numbers: any order will do.
KERNEL(count_magnitudes, int n, int shift, const float* x, const Threshold* threshold, int* counts) {
    __shared__ int counted[BINS];
    for (int bin = threadIdx.x; bin < BINS; bin += THREADS) {
        counted[bin] = 0;
    }
    __syncthreads();
    unsigned known = threshold->bits;
    for (unsigned i = element(); i < n; i += gridDim.x * static_cast<unsigned>(THREADS)) {
        unsigned bits = magnitude(x[i]) >> shift;
        if (bits >> BITS == known) {
            atomicAdd(&counted[bits % BINS], 1);
        }
    }
    __syncthreads();
    for (int bin = threadIdx.x; bin < BINS; bin += THREADS) {
        if (counted[bin] > 0) {
            atomicAdd(&counts[bin], counted[bin]);
        }
    }
}

// Finds the next bits of the threshold, and clears the counts. One block, a few neighbouring bins for each thread.
KERNEL(narrow_threshold, Threshold* threshold, int* counts) {
    __shared__ int room[THREADS];
    int own[BINS_OF_THREAD];
    int sum = 0;
    int* first = counts + threadIdx.x * BINS_OF_THREAD;
    for (int i = 0; i < BINS_OF_THREAD; i++) {
        own[i] = first[i];
        first[i] = 0;
        sum += own[i];
    }
    int going = threshold->going - sumBefore(sum, room);
    unsigned known = threshold->bits;
    __syncthreads();    // everybody has read the threshold
    if (going < 0 || going >= sum) {
        return;         // the bin is another thread's
    }
    int bin = 0;
#pragma unroll
    for (int i = 0; i < BINS_OF_THREAD - 1; i++) {
        if (bin == i && going >= own[i]) {
            going -= own[i];
            bin = i + 1;
        }
    }
    threshold->bits = known << BITS | (threadIdx.x * BINS_OF_THREAD + bin);
    threshold->going = going;
}

// equals[block] = values of the block's share that have the threshold's magnitude. @param share values of a block
KERNEL(count_equals, int n, int share, const float* x, const Threshold* threshold, int* equals) {
    __shared__ int count;
    if (threadIdx.x == 0) {
        count = 0;
    }
    __syncthreads();
    unsigned end = endOfShare(n, share);
    for (unsigned i = blockIdx.x * share + threadIdx.x; i < end; i += THREADS) {
        if (magnitude(x[i]) == threshold->bits) {
            atomicAdd(&count, 1);
        }
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        equals[blockIdx.x] = count;
    }
}

// y = 1 for what stays, 0 for what goes; of those that have the threshold's magnitude, the first ones.
KERNEL(mark_largest, int n, int share, const float* x, const Threshold* threshold, const int* equals, float* y) {
    __shared__ int room[THREADS];
    __shared__ int before;
    int sum = 0;
    for (int block = threadIdx.x; block < blockIdx.x; block += THREADS) {
        sum += equals[block];
    }
    sum += sumBefore(sum, room);
    if (threadIdx.x == THREADS - 1) {
        before = sum;
    }
    __syncthreads();
    int going = threshold->going - before;
    unsigned end = endOfShare(n, share);
    for (unsigned first = blockIdx.x * share; first < end; first += THREADS) {
        unsigned i = first + threadIdx.x;
        unsigned bits = i < end ? magnitude(x[i]) : 0;
        bool isEqual = i < end && bits == threshold->bits;
        int rank = sumBefore(isEqual, room);
        if (i < end) {
            y[i] = bits > threshold->bits || isEqual && rank >= going;
        }
        if (threadIdx.x == THREADS - 1) {
            before = rank + isEqual;
        }
        __syncthreads();
        going -= before;
    }
}
