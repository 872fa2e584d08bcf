// The scheduler of emulation.hpp: one block after the other, its threads as fibers on one thread of the machine.
#include "emulation.hpp"

#include <algorithm>
#include <memory>

#include <sys/mman.h>

namespace emulation {

uint3 currentThread;
uint3 currentBlock;
uint3 blocks;

std::vector<Named>& kernels() {
    static std::vector<Named> all;
    return all;
}

namespace {

constexpr int WARP_LANES = 32;
constexpr std::size_t STACK_BYTES = 64 * 1024;

#if defined(__x86_64__)

// Where a fiber stands: its stack, on which lie the registers that a function must keep.
struct Context {
    void* stack = nullptr;
};

extern "C" void coppice_switch(void** from, void* to);

asm(R"(
.text
.type coppice_switch, @function
coppice_switch:
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    mov %rsp, (%rdi)
    mov %rsi, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
.size coppice_switch, .-coppice_switch
)");

void change(Context& from, const Context& to) {
    coppice_switch(&from.stack, to.stack);
}

// Makes a context that begins with a call of a function.
void begin(Context& context, char* memory, void (*function)()) {
    auto** top = reinterpret_cast<void**>(reinterpret_cast<std::uintptr_t>(memory + STACK_BYTES) & ~std::uintptr_t{15});
    *--top = nullptr;    // the function finds its stack as after a call
    *--top = reinterpret_cast<void*>(function);
    for (int saved = 0; saved < 6; saved++) {
        *--top = nullptr;
    }
    context.stack = top;
}

#else
#include <ucontext.h>

struct Context {
    ucontext_t machine;
};

void change(Context& from, const Context& to) {
    swapcontext(&from.machine, &to.machine);
}

void begin(Context& context, char* memory, void (*function)()) {
    getcontext(&context.machine);
    context.machine.uc_stack = {memory, 0, STACK_BYTES};
    context.machine.uc_link = nullptr;
    makecontext(&context.machine, function, 0);
}

#endif

enum class State { READY, AT_BARRIER, AT_COLLECTIVE, DONE };

struct Fiber {
    Context context;
    char* stack = nullptr;
    int thread = 0;
    State state = State::DONE;
    int site = 0;
    unsigned mask = 0;
    Collective kind = BALLOT;
    int source = 0;
    std::uint64_t value = 0;
};

std::vector<Fiber> fibers;
int threads;    // of a block: as many of the fibers
Context scheduler;
Fiber* current;
Kernel kernel;
void** arguments;
const char* failure;

[[noreturn]] void body() {
    for (;;) {
        kernel(arguments);
        current->state = State::DONE;
        change(current->context, scheduler);
    }
}

void wait(State state) {
    Fiber* self = current;
    self->state = state;
    change(self->context, scheduler);
}

// Lets the lanes of a warp go on that wait for one another and are all there. @return whether any could
bool releaseWarp(int first, int end) {
    unsigned waiting = 0;
    unsigned alive = 0;
    for (int i = first; i < end; i++) {
        unsigned bit = 1u << (i - first);
        waiting |= fibers[i].state == State::AT_COLLECTIVE ? bit : 0;
        alive |= fibers[i].state != State::DONE ? bit : 0;
    }
    bool released = false;
    while (waiting != 0) {
        int leader = __builtin_ctz(waiting);
        unsigned mask = fibers[first + leader].mask;
        Collective kind = fibers[first + leader].kind;
        if ((mask & ~alive) != 0) {
            failure = "a collective names lanes that have ended";
            return false;
        }
        if ((mask & ~waiting) != 0) {
            for (int i = first; i < end; i++) {
                if ((mask >> (i - first) & 1) != 0 && fibers[i].state == State::AT_BARRIER) {
                    failure = "a collective waits for lanes that wait at a barrier";
                    return false;
                }
            }
            waiting &= ~(1u << leader);    // the others are still on their way
            continue;
        }
        std::uint64_t bits = 0;
        for (int lane = 0; lane < WARP_LANES; lane++) {
            if ((mask >> lane & 1) != 0) {
                const Fiber& other = fibers[first + lane];
                if (other.mask != mask || other.kind != kind) {
                    failure = "lanes of one warp wait in different collectives";
                    return false;
                }
                if (kind != BALLOT && (mask >> other.source & 1) == 0) {
                    failure = "a shuffle reads from a lane that takes no part";
                    return false;
                }
                bits |= other.value != 0 ? std::uint64_t{1} << lane : 0;
            }
        }
        std::uint64_t values[WARP_LANES];
        for (int lane = 0; lane < WARP_LANES; lane++) {
            values[lane] = (mask >> lane & 1) == 0 ? 0 : kind == BALLOT ? bits : fibers[first + fibers[first + lane].source].value;
        }
        for (int lane = 0; lane < WARP_LANES; lane++) {
            if ((mask >> lane & 1) != 0) {
                fibers[first + lane].value = values[lane];
                fibers[first + lane].state = State::READY;
            }
        }
        waiting &= ~mask;
        released = true;
    }
    return released;
}

// Lets a block go on whose threads are all at one barrier. @return whether it could
bool releaseBlock() {
    for (int i = 0; i < threads; i++) {
        const Fiber& fiber = fibers[i];
        if (fiber.state == State::DONE) {
            failure = "a barrier that threads which have ended did not reach";
            return false;
        }
        if (fiber.state != State::AT_BARRIER) {
            failure = "threads wait for one another in different places";
            return false;
        }
        if (fiber.site != fibers[0].site) {
            failure = "threads of one block wait at different barriers";
            return false;
        }
    }
    for (int i = 0; i < threads; i++) {
        fibers[i].state = State::READY;
    }
    return true;
}

// Runs the threads of the current block to their ends. @param order 1: from the first, 2: from the last, otherwise drawn anew each time
void runBlock(int order, std::uint64_t random) {
    std::vector<int> turns(threads);
    for (int i = 0; i < threads; i++) {
        turns[i] = order == 2 ? threads - 1 - i : i;
        begin(fibers[i].context, fibers[i].stack, body);
        fibers[i].thread = i;
        fibers[i].state = State::READY;
    }
    while (failure == nullptr) {
        if (order > 2) {
            for (int i = threads - 1; i > 0; i--) {
                random = random * 6364136223846793005u + 1442695040888963407u;
                std::swap(turns[i], turns[(random >> 33) % (i + 1)]);
            }
        }
        for (int turn : turns) {
            if (fibers[turn].state == State::READY) {
                current = &fibers[turn];
                currentThread = {static_cast<unsigned>(turn), 0, 0};
                change(scheduler, current->context);
            }
        }
        bool released = false;
        bool waits = false;
        for (int first = 0; first < threads && failure == nullptr; first += WARP_LANES) {
            released |= releaseWarp(first, std::min(threads, first + WARP_LANES));
        }
        for (int i = 0; i < threads; i++) {
            waits |= fibers[i].state != State::DONE;
        }
        if (!waits) {
            return;
        }
        if (!released && failure == nullptr) {
            releaseBlock();
        }
    }
}

}  // namespace

void barrier(int site) {
    current->site = site;
    wait(State::AT_BARRIER);
}

std::uint64_t exchange(unsigned mask, std::uint64_t value, int sourceLane, Collective kind) {
    Fiber* self = current;
    self->mask = mask;
    self->value = value;
    self->source = sourceLane;
    self->kind = kind;
    wait(State::AT_COLLECTIVE);
    return self->value;
}

int currentLane() {
    return static_cast<int>(currentThread.x) % WARP_LANES;
}

}  // namespace emulation

// Whether there is a kernel of this name.
extern "C" int coppice_has(const char* name) {
    auto& all = emulation::kernels();
    return std::any_of(all.begin(), all.end(), [&](const auto& each) { return std::string(each.name) == name; });
}

// Runs a kernel. @return null, or what it did that is an error
extern "C" const char* coppice_launch(const char* name, int x, int y, int z, int threads, void** arguments, int order) {
    using namespace emulation;
    failure = nullptr;
    kernel = nullptr;
    for (const Named& each : kernels()) {
        if (std::string(each.name) == name) {
            kernel = each.kernel;
        }
    }
    if (kernel == nullptr) {
        return "there is no such kernel";
    }
    emulation::threads = threads;
    emulation::arguments = arguments;
    blocks = {static_cast<unsigned>(x), static_cast<unsigned>(y), static_cast<unsigned>(z)};
    while (static_cast<int>(fibers.size()) < threads) {
        fibers.emplace_back();
        fibers.back().stack = static_cast<char*>(mmap(nullptr, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        if (fibers.back().stack == MAP_FAILED) {
            fibers.pop_back();
            return "there is no memory for the stack of a thread";
        }
    }
    std::uint64_t all = static_cast<std::uint64_t>(x) * y * z;
    for (std::uint64_t i = 0; i < all && failure == nullptr; i++) {
        std::uint64_t block = order == 2 ? all - 1 - i : i;
        currentBlock = {static_cast<unsigned>(block % x), static_cast<unsigned>(block / x % y),
                static_cast<unsigned>(block / (static_cast<std::uint64_t>(x) * y))};
        runBlock(order, static_cast<std::uint64_t>(order) * 7919 + i + 1);
    }
    return failure;
}
