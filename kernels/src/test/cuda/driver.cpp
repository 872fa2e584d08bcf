// A driver of a GPU that there is not: the functions of libcuda.so.1 that the backend calls through JCuda, over the emulation of kernels. So
// tests run all of the host's code, JCuda included, as it stands in front of a GPU.
//
// A stream does nothing before it must, as if the GPU were very slow: what relies on a copy or a kernel that has not been waited for finds
// memory as it was. Where the real driver leaves open what happens, this one refuses: work without a context, copies beside an allocation.
#include "emulation.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>

extern "C" const char* coppice_launch(const char* name, int x, int y, int z, int threads, void** arguments, int order);

namespace {

// Numbers of the driver's interface.
constexpr int SUCCESS = 0;
constexpr int INVALID_VALUE = 1;
constexpr int OUT_OF_MEMORY = 2;
constexpr int INVALID_CONTEXT = 201;
constexpr int NOT_FOUND = 500;
constexpr int LAUNCH_FAILED = 719;
constexpr int CAPABILITY_MAJOR = 75;
constexpr int CAPABILITY_MINOR = 76;

constexpr std::size_t MEMORY = std::size_t{1} << 30;
constexpr std::size_t MARGIN = 256;
constexpr int UNTOUCHED = 0x5A;
constexpr int DRAWN_ORDER = 3;

using Address = unsigned long long;

std::recursive_mutex oneAtATime;
thread_local bool hasContext;
int failed = SUCCESS;    // for good, as the driver has it
std::map<Address, std::size_t> allocations;
std::size_t used;

struct Module {
    std::string ptx;
};

struct Function {
    const emulation::Named* kernel;
};

// One run of a kernel, with arguments of its own.
struct Launch {
    const emulation::Named* kernel;
    unsigned grid[3];
    unsigned threads;
    std::vector<std::vector<char>> arguments;

    void run() const {
        std::vector<void*> pointers;
        for (const auto& argument : arguments) {
            pointers.push_back(const_cast<char*>(argument.data()));
        }
        const char* failure = coppice_launch(kernel->name, grid[0], grid[1], grid[2], threads, pointers.data(), DRAWN_ORDER);
        if (failure != nullptr) {
            std::fprintf(stderr, "%s: %s\n", kernel->name, failure);
            failed = LAUNCH_FAILED;
        }
    }
};

struct Stream {
    std::deque<std::function<void()>> waiting;
    std::size_t done = 0;

    void until(std::size_t count) {
        while (done < count && failed == SUCCESS) {
            waiting.front()();
            waiting.pop_front();
            done++;
        }
    }

    std::size_t asked() const { return done + waiting.size(); }
};

struct Event {
    Stream* stream = nullptr;
    std::size_t position = 0;
};

struct Node {
    Launch launch;
    std::vector<Node*> after;
};

struct Graph {
    std::vector<Node*> nodes;
};

struct Executable {
    Graph* graph;
    std::vector<Node*> order;
    std::map<const Node*, Launch> launches;
};

std::set<Stream*> streams;
std::set<Graph*> graphs;
std::set<Executable*> executables;

// Says in the end what was done by graphs.
struct Account {
    int runs = 0;
    int changes = 0;
    ~Account() { std::printf("the driver ran %d graphs, changed %d nodes\n", runs, changes); }
} account;

// CUDA_KERNEL_NODE_PARAMS_v2
struct KernelNode {
    Function* function;
    unsigned grid[3];
    unsigned block[3];
    unsigned sharedBytes;
    void** arguments;
    void** extra;
    void* kernel;
    void* context;
};

void finishAll() {
    for (Stream* stream : streams) {
        stream->until(stream->asked());
    }
}

bool isAllocated(Address address, std::size_t bytes) {
    auto after = allocations.upper_bound(address);
    if (after == allocations.begin()) {
        return false;
    }
    auto allocation = std::prev(after);
    return address + bytes <= allocation->first + allocation->second;
}

bool launchOf(Function* function, const unsigned* grid, const unsigned* block, unsigned sharedBytes, void** arguments, void** extra, Launch& launch) {
    if (function == nullptr || arguments == nullptr || extra != nullptr || sharedBytes != 0 || block[1] != 1 || block[2] != 1
            || grid[0] == 0 || grid[1] == 0 || grid[2] == 0 || grid[1] > 65535 || grid[2] > 65535) {
        return false;
    }
    launch = {function->kernel, {grid[0], grid[1], grid[2]}, block[0], {}};
    for (std::size_t i = 0; i < function->kernel->arguments; i++) {
        auto* value = static_cast<char*>(arguments[i]);
        launch.arguments.emplace_back(value, value + function->kernel->sizes[i]);
    }
    return true;
}

// What a call does, under the lock, with a context, if no kernel has failed.
template <class Work>
int call(Work work) {
    std::lock_guard<std::recursive_mutex> lock(oneAtATime);
    if (!hasContext) {
        return INVALID_CONTEXT;
    }
    if (failed != SUCCESS) {
        return failed;
    }
    int result = work();
    return failed != SUCCESS ? failed : result;
}

}  // namespace

extern "C" {

int cuInit(unsigned) {
    return SUCCESS;
}

int cuDriverGetVersion(int* version) {
    const char* asked = std::getenv("EMULATED_DRIVER_VERSION");
    *version = asked == nullptr ? 12060 : std::atoi(asked);
    return SUCCESS;
}

int cuGetErrorName(int, const char** name) {
    *name = "an error";
    return SUCCESS;
}

int cuDeviceGetCount(int* count) {
    *count = 1;
    return SUCCESS;
}

int cuDeviceGet(int* device, int ordinal) {
    *device = 0;
    return ordinal == 0 ? SUCCESS : INVALID_VALUE;
}

int cuDeviceGetName(char* name, int length, int) {
    std::snprintf(name, length, "an emulation on the CPU");
    return SUCCESS;
}

int cuDeviceTotalMem_v2(std::size_t* bytes, int) {
    *bytes = MEMORY;
    return SUCCESS;
}

int cuDeviceGetAttribute(int* value, int which, int) {
    const char* asked = std::getenv("EMULATED_CAPABILITY");
    int capability = asked == nullptr ? 75 : std::atoi(asked);
    *value = which == CAPABILITY_MAJOR ? capability / 10 : capability % 10;
    return which == CAPABILITY_MAJOR || which == CAPABILITY_MINOR ? SUCCESS : INVALID_VALUE;
}

int cuDevicePrimaryCtxRetain(void** context, int) {
    *context = &oneAtATime;
    return SUCCESS;
}

int cuCtxSetCurrent(void* context) {
    hasContext = context == &oneAtATime;
    return hasContext ? SUCCESS : INVALID_CONTEXT;
}

int cuModuleLoadData(void** module, const void* image) {
    return call([&] {
        *module = new Module{static_cast<const char*>(image)};
        return SUCCESS;
    });
}

int cuModuleGetFunction(void** function, Module* module, const char* name) {
    return call([&] {
        if (module->ptx.find(".entry " + std::string(name) + "(") == std::string::npos) {
            return NOT_FOUND;
        }
        for (const emulation::Named& each : emulation::kernels()) {
            if (std::string(each.name) == name) {
                *function = new Function{&each};
                return SUCCESS;
            }
        }
        return NOT_FOUND;
    });
}

int cuMemAlloc_v2(Address* address, std::size_t bytes) {
    return call([&] {
        if (bytes == 0) {
            return INVALID_VALUE;
        }
        if (bytes > MEMORY - used) {
            return OUT_OF_MEMORY;
        }
        auto* memory = static_cast<char*>(std::aligned_alloc(MARGIN, (bytes + 3 * MARGIN - 1) / MARGIN * MARGIN));
        std::memset(memory, UNTOUCHED, bytes + 2 * MARGIN);
        *address = reinterpret_cast<Address>(memory + MARGIN);
        allocations[*address] = bytes;
        used += bytes;
        return SUCCESS;
    });
}

int cuMemFree_v2(Address address) {
    return call([&] {
        finishAll();
        auto allocation = allocations.find(address);
        if (allocation == allocations.end()) {
            return INVALID_VALUE;
        }
        auto* memory = reinterpret_cast<char*>(address) - MARGIN;
        std::size_t bytes = allocation->second;
        for (std::size_t i = 0; i < MARGIN; i++) {
            if (memory[i] != UNTOUCHED || memory[MARGIN + bytes + i] != UNTOUCHED) {
                std::fprintf(stderr, "a kernel wrote beside an allocation\n");
                failed = LAUNCH_FAILED;
            }
        }
        std::free(memory);
        used -= bytes;
        allocations.erase(allocation);
        return SUCCESS;
    });
}

int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
    return call([&] {
        *free = MEMORY - used;
        *total = MEMORY;
        return SUCCESS;
    });
}

int cuMemAllocHost_v2(void** memory, std::size_t bytes) {
    return call([&] {
        *memory = std::malloc(bytes);
        return SUCCESS;
    });
}

int cuMemFreeHost(void* memory) {
    return call([&] {
        std::free(memory);
        return SUCCESS;
    });
}

int cuMemcpyHtoDAsync_v2(Address to, const void* from, std::size_t bytes, Stream* stream) {
    return call([&] {
        if (!isAllocated(to, bytes)) {
            return INVALID_VALUE;
        }
        stream->waiting.emplace_back([=] { std::memcpy(reinterpret_cast<void*>(to), from, bytes); });
        return SUCCESS;
    });
}

int cuMemcpyDtoHAsync_v2(void* to, Address from, std::size_t bytes, Stream* stream) {
    return call([&] {
        if (!isAllocated(from, bytes)) {
            return INVALID_VALUE;
        }
        stream->waiting.emplace_back([=] { std::memcpy(to, reinterpret_cast<void*>(from), bytes); });
        return SUCCESS;
    });
}

int cuStreamCreate(Stream** stream, unsigned) {
    return call([&] {
        *stream = new Stream;
        streams.insert(*stream);
        return SUCCESS;
    });
}

int cuStreamSynchronize(Stream* stream) {
    return call([&] {
        stream->until(stream->asked());
        return SUCCESS;
    });
}

int cuStreamDestroy_v2(Stream* stream) {
    return call([&] {
        stream->until(stream->asked());
        streams.erase(stream);
        delete stream;
        return SUCCESS;
    });
}

// For the libraries beside it: whether the thread that calls has a context.
int coppice_has_context() {
    return hasContext;
}

// Does some work in a stream, if all of this memory is allocated.
int coppice_enqueue(Stream* stream, int count, const Address* addresses, const std::size_t* bytes, void (*work)(void*), void* its) {
    return call([&] {
        for (int i = 0; i < count; i++) {
            if (!isAllocated(addresses[i], bytes[i])) {
                return INVALID_VALUE;
            }
        }
        stream->waiting.emplace_back([=] { work(its); });
        return SUCCESS;
    });
}

int cuEventCreate(Event** event, unsigned) {
    return call([&] {
        *event = new Event;
        return SUCCESS;
    });
}

int cuEventRecord(Event* event, Stream* stream) {
    return call([&] {
        *event = {stream, stream->asked()};
        return SUCCESS;
    });
}

int cuEventSynchronize(Event* event) {
    return call([&] {
        if (event->stream != nullptr) {
            event->stream->until(event->position);
        }
        return SUCCESS;
    });
}

int cuStreamWaitEvent(Stream* stream, Event* event, unsigned) {
    return call([&] {
        if (event->stream != nullptr) {
            stream->waiting.emplace_back([other = event->stream, position = event->position] { other->until(position); });
        }
        return SUCCESS;
    });
}

int cuEventDestroy_v2(Event* event) {
    return call([&] {
        delete event;
        return SUCCESS;
    });
}

int cuLaunchKernel(Function* function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,
        unsigned sharedBytes, Stream* stream, void** arguments, void** extra) {
    return call([&] {
        const unsigned grid[] = {gridX, gridY, gridZ};
        const unsigned block[] = {blockX, blockY, blockZ};
        Launch launch;
        if (!launchOf(function, grid, block, sharedBytes, arguments, extra, launch)) {
            return INVALID_VALUE;
        }
        stream->waiting.emplace_back([launch] { launch.run(); });
        return SUCCESS;
    });
}

int cuGraphCreate(Graph** graph, unsigned) {
    return call([&] {
        *graph = new Graph;
        graphs.insert(*graph);
        return SUCCESS;
    });
}

int cuGraphAddKernelNode_v2(Node** node, Graph* graph, Node* const* after, std::size_t count, const KernelNode* its) {
    return call([&] {
        Launch launch;
        if (graphs.count(graph) == 0 || !launchOf(its->function, its->grid, its->block, its->sharedBytes, its->arguments, its->extra, launch)) {
            return INVALID_VALUE;
        }
        *node = new Node{launch, {after, after + count}};
        graph->nodes.push_back(*node);
        return SUCCESS;
    });
}

// Nodes that could run run from the last that was added: an order that only dependencies can make right.
int cuGraphInstantiateWithFlags(Executable** executable, Graph* graph, unsigned long long) {
    return call([&] {
        if (graphs.count(graph) == 0) {
            return INVALID_VALUE;
        }
        *executable = new Executable{graph, {}, {}};
        executables.insert(*executable);
        std::vector<Node*>& order = (*executable)->order;
        auto isDone = [&](Node* node) { return std::find(order.begin(), order.end(), node) != order.end(); };
        while (order.size() < graph->nodes.size()) {
            auto next = std::find_if(graph->nodes.rbegin(), graph->nodes.rend(),
                    [&](Node* node) { return !isDone(node) && std::all_of(node->after.begin(), node->after.end(), isDone); });
            order.push_back(*next);
            (*executable)->launches[*next] = (*next)->launch;
        }
        return SUCCESS;
    });
}

int cuGraphExecKernelNodeSetParams_v2(Executable* executable, Node* node, const KernelNode* its) {
    return call([&] {
        if (executables.count(executable) == 0 || graphs.count(executable->graph) == 0) {
            return INVALID_VALUE;
        }
        auto known = executable->launches.find(node);
        Launch launch;
        if (known == executable->launches.end()
                || !launchOf(its->function, its->grid, its->block, its->sharedBytes, its->arguments, its->extra, launch)) {
            return INVALID_VALUE;
        }
        known->second = launch;
        account.changes++;
        return SUCCESS;
    });
}

int cuGraphLaunch(Executable* executable, Stream* stream) {
    return call([&] {
        if (executables.count(executable) == 0) {
            return INVALID_VALUE;
        }
        account.runs++;
        for (Node* node : executable->order) {
            stream->waiting.emplace_back([launch = executable->launches[node]] { launch.run(); });
        }
        return SUCCESS;
    });
}

int cuGraphExecDestroy(Executable* executable) {
    return call([&] {
        if (executables.erase(executable) == 0) {
            return INVALID_VALUE;
        }
        delete executable;
        return SUCCESS;
    });
}

int cuGraphDestroy(Graph* graph) {
    return call([&] {
        if (graphs.erase(graph) == 0) {
            return INVALID_VALUE;
        }
        for (Node* node : graph->nodes) {
            delete node;
        }
        delete graph;
        return SUCCESS;
    });
}

}  // extern "C"
