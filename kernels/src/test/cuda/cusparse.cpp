// The functions of libcusparse that the backend calls through JCuda, for the emulated driver: products done when their stream comes to them. In
// the end it says how many it made, and how many of its matrices nobody destroyed.
#include "driver.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>

namespace {

// Numbers of cuSPARSE's interface.
constexpr int SUCCESS = 0;
constexpr int NOT_INITIALIZED = 1;
constexpr int INVALID_VALUE = 3;
constexpr int EXECUTION_FAILED = 6;
constexpr int INDEX_32I = 2;
constexpr int BASE_ZERO = 0;
constexpr int ORDER_ROW = 2;
constexpr int REAL_32F = 0;
constexpr int NOT_TRANSPOSED = 0;
constexpr int TRANSPOSED = 1;
constexpr int CSR_ALGORITHMS[] = {4, 6, 12};

// What analysis is given room for.
constexpr std::size_t ROOM = 1000;

struct Handle {
    void* stream = nullptr;
};

struct Account {
    int products = 0;
    int gradients = 0;
    int matrices = 0;
    ~Account() {
        std::printf("cuSPARSE made %d products of compressed rows and %d gradients of them, %d are kept\n", products, gradients, matrices);
    }
} account;

struct Counted {
    Counted() { account.matrices++; }
    ~Counted() { account.matrices--; }
};

struct Sparse : Counted {
    std::int64_t rows, columns, survivors;
    const int* starts;
    const int* of;
    float* values;
    const void* room = nullptr;   // where it was analysed
};

struct Dense : Counted {
    std::int64_t rows, columns, row;
    float* values;
};

unsigned long long address(const void* pointer) { return reinterpret_cast<std::uintptr_t>(pointer); }

// g = w x, or the gradient of w.
struct Product {
    bool isGradient;
    std::int64_t m, n;
    const int* starts;
    const int* columns;
    float* w;
    float* x;
    float* g;
};

void multiply(void* its) {
    auto* p = static_cast<Product*>(its);
    for (std::int64_t row = 0; row < p->m; row++) {
        for (std::int64_t j = 0; !p->isGradient && j < p->n; j++) {
            double sum = 0;
            for (int i = p->starts[row]; i < p->starts[row + 1]; i++) {
                sum += double(p->w[i]) * p->x[p->columns[i] * p->n + j];
            }
            p->g[row * p->n + j] = float(sum);
        }
        for (int i = p->starts[row]; p->isGradient && i < p->starts[row + 1]; i++) {
            double sum = 0;
            for (std::int64_t j = 0; j < p->n; j++) {
                sum += double(p->g[row * p->n + j]) * p->x[p->columns[i] * p->n + j];
            }
            p->w[i] = float(sum);
        }
    }
    (p->isGradient ? account.gradients : account.products)++;
    delete p;
}

bool isKnown(int algorithm) {
    for (int each : CSR_ALGORITHMS) {
        if (each == algorithm) {
            return true;
        }
    }
    return false;
}

bool fit(const float* alpha, const float* beta, const Sparse* w, const Dense* x, const Dense* g, int type) {
    return *alpha == 1 && *beta == 0 && type == REAL_32F && w->columns == x->rows && w->rows == g->rows && x->columns == g->columns;
}

int analyse(bool isRight, Sparse* w, const void* room) {
    if (!isRight) {
        return INVALID_VALUE;
    }
    w->room = room;
    return SUCCESS;
}

int enqueue(Handle* handle, bool isGradient, Sparse* w, const Dense* x, const Dense* g, const void* room) {
    if (w->room != room) {
        return INVALID_VALUE;
    }
    const unsigned long long addresses[] = {address(w->starts), address(w->of), address(w->values), address(x->values), address(g->values),
            address(room)};
    const std::size_t sizes[] = {(w->rows + 1) * sizeof(int), w->survivors * sizeof(int), w->survivors * sizeof(float),
            x->rows * x->row * sizeof(float), g->rows * g->row * sizeof(float), ROOM};
    auto* product = new Product{isGradient, w->rows, x->columns, w->starts, w->of, w->values, x->values, g->values};
    return coppice_enqueue(handle->stream, 6, addresses, sizes, multiply, product) == 0 ? SUCCESS : EXECUTION_FAILED;
}

}  // namespace

extern "C" {

int cusparseCreate(Handle** handle) {
    if (!coppice_has_context()) {
        return NOT_INITIALIZED;
    }
    *handle = new Handle;
    return SUCCESS;
}

int cusparseDestroy(Handle* handle) {
    delete handle;
    return SUCCESS;
}

int cusparseGetProperty(int part, int* value) {
    *value = 4 + part;
    return SUCCESS;
}

int cusparseSetStream(Handle* handle, void* stream) {
    handle->stream = stream;
    return SUCCESS;
}

int cusparseCreateCsr(Sparse** matrix, std::int64_t rows, std::int64_t columns, std::int64_t survivors, void* starts, void* of, void* values,
        int startsType, int ofType, int base, int type) {
    if (startsType != INDEX_32I || ofType != INDEX_32I || base != BASE_ZERO || type != REAL_32F || survivors < 1) {
        return INVALID_VALUE;
    }
    auto* made = new Sparse;
    made->rows = rows;
    made->columns = columns;
    made->survivors = survivors;
    made->starts = static_cast<const int*>(starts);
    made->of = static_cast<const int*>(of);
    made->values = static_cast<float*>(values);
    *matrix = made;
    return SUCCESS;
}

int cusparseDestroySpMat(Sparse* matrix) {
    delete matrix;
    return SUCCESS;
}

int cusparseCreateDnMat(Dense** matrix, std::int64_t rows, std::int64_t columns, std::int64_t row, void* values, int type, int order) {
    if (type != REAL_32F || order != ORDER_ROW || row != columns) {
        return INVALID_VALUE;
    }
    auto* made = new Dense;
    made->rows = rows;
    made->columns = columns;
    made->row = row;
    made->values = static_cast<float*>(values);
    *matrix = made;
    return SUCCESS;
}

int cusparseDestroyDnMat(Dense* matrix) {
    delete matrix;
    return SUCCESS;
}

int cusparseSpMM_bufferSize(Handle*, int, int, const void*, Sparse*, Dense*, const void*, Dense*, int, int, std::size_t* bytes) {
    *bytes = ROOM;
    return SUCCESS;
}

int cusparseSpMM_preprocess(Handle*, int wOperation, int xOperation, const float* alpha, Sparse* w, Dense* x, const float* beta, Dense* g,
        int type, int algorithm, void* room) {
    return analyse(wOperation == NOT_TRANSPOSED && xOperation == NOT_TRANSPOSED && isKnown(algorithm) && fit(alpha, beta, w, x, g, type), w, room);
}

int cusparseSpMM(Handle* handle, int, int, const void*, Sparse* w, Dense* x, const void*, Dense* g, int, int, void* room) {
    return enqueue(handle, false, w, x, g, room);
}

int cusparseSDDMM_bufferSize(Handle*, int, int, const void*, Dense*, Dense*, const void*, Sparse*, int, int, std::size_t* bytes) {
    *bytes = ROOM;
    return SUCCESS;
}

int cusparseSDDMM_preprocess(Handle*, int gOperation, int xOperation, const float* alpha, Dense* g, Dense* x, const float* beta, Sparse* w,
        int type, int algorithm, void* room) {
    return analyse(gOperation == NOT_TRANSPOSED && xOperation == TRANSPOSED && algorithm == 0 && fit(alpha, beta, w, x, g, type), w, room);
}

int cusparseSDDMM(Handle* handle, int, int, const void*, Dense* g, Dense* x, const void*, Sparse* w, int, int, void* room) {
    return enqueue(handle, true, w, x, g, room);
}

}  // extern "C"
