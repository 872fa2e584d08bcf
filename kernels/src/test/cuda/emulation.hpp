// Runs kernels without a GPU: g++ compiles the same .cu files with these definitions, and each thread of a block becomes a fiber with a stack
// of its own. Barriers and shuffles hold a fiber until the others of its block or warp are there, so what a GPU does with them is done
// here, too, and what it leaves undefined is an error: a barrier that only some threads reach, a collective by lanes that are elsewhere, a
// shuffle from a lane that takes no part. A kernel that forgets a barrier gives other results when its threads run in another order.
//
// It is not a GPU's memory model: fibers run one at a time, up to where they wait.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#define __device__
#define __forceinline__ inline __attribute__((always_inline))
#define __restrict__
#define __grid_constant__
#define __shared__ static    // one block at a time
#define __align__(bytes) __attribute__((aligned(bytes)))

#define KERNEL(name, ...)                                                                     \
    static void name(__VA_ARGS__);                                                            \
    static emulation::Registration name##_registered(emulation::Call<&name>::named(#name));   \
    static void name(__VA_ARGS__)

struct uint3 {
    unsigned x;
    unsigned y;
    unsigned z;
};

struct alignas(16) float4 {
    float x;
    float y;
    float z;
    float w;
};

namespace emulation {

// ---- kernels by name ----

using Kernel = void (*)(void** arguments);

struct Named {
    const char* name;
    Kernel kernel;
    const std::size_t* sizes;    // of its arguments, in bytes
    std::size_t arguments;
};

std::vector<Named>& kernels();

struct Registration {
    explicit Registration(Named named) { kernels().push_back(named); }
};

// Calls a kernel with the arguments that an array of pointers points to, as cuLaunchKernel takes them.
template <auto kernel>
struct Call;

template <class... Arguments, void (*kernel)(Arguments...)>
struct Call<kernel> {
    static constexpr std::size_t sizes[] = {sizeof(Arguments)...};

    static Named named(const char* name) { return {name, with, sizes, sizeof...(Arguments)}; }

    static void with(void** arguments) { spread(arguments, std::index_sequence_for<Arguments...>{}); }

    template <std::size_t... I>
    static void spread(void** arguments, std::index_sequence<I...>) {
        kernel(*static_cast<std::remove_const_t<Arguments>*>(arguments[I])...);
    }
};

// ---- what a thread sees ----

extern uint3 currentThread;
extern uint3 currentBlock;
extern uint3 blocks;

// Waits at a barrier of the block. @param site which one in the source
void barrier(int site);

enum Collective { SHUFFLE, SHUFFLE_DOWN, SHUFFLE_XOR, BALLOT };

// Waits for the lanes of a mask, then gives the value of one of them; for BALLOT one bit for each lane whose value is not 0.
std::uint64_t exchange(unsigned mask, std::uint64_t value, int sourceLane, Collective kind);

int currentLane();

template <class T>
T shuffle(unsigned mask, T value, int source, Collective kind) {
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    bits = exchange(mask, bits, source, kind);
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

}  // namespace emulation

#define threadIdx (emulation::currentThread)
#define blockIdx (emulation::currentBlock)
#define gridDim (emulation::blocks)
#define __syncthreads() emulation::barrier(__COUNTER__)

inline void __syncwarp(unsigned mask = 0xffffffffu) {
    emulation::exchange(mask, 0, 0, emulation::BALLOT);
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source) {
    return emulation::shuffle(mask, value, source % 32, emulation::SHUFFLE);
}

// Beyond the last lane a lane keeps its own value.
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned distance) {
    int source = emulation::currentLane() + static_cast<int>(distance);
    return emulation::shuffle(mask, value, source < 32 ? source : emulation::currentLane(), emulation::SHUFFLE_DOWN);
}

template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes) {
    return emulation::shuffle(mask, value, emulation::currentLane() ^ lanes, emulation::SHUFFLE_XOR);
}

inline unsigned __ballot_sync(unsigned mask, int predicate) {
    return static_cast<unsigned>(emulation::exchange(mask, predicate != 0, 0, emulation::BALLOT));
}

// Threads run one at a time, up to where they wait.
inline int atomicAdd(int* sum, int value) {
    int before = *sum;
    *sum += value;
    return before;
}

inline int min(int a, int b) {
    return a < b ? a : b;
}

inline int max(int a, int b) {
    return a > b ? a : b;
}

using std::signbit;
