// The functions of libcublas that the backend calls through JCuda, for the emulated driver: matrices column by column, as cuBLAS has them, and
// a product done when its stream comes to it. In the end it says how many it made, and how many with TF32.
#include "driver.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// Numbers of cuBLAS's interface.
constexpr int SUCCESS = 0;
constexpr int NOT_INITIALIZED = 1;
constexpr int INVALID_VALUE = 7;
constexpr int EXECUTION_FAILED = 13;
constexpr int TRANSPOSED = 1;
constexpr int TF32_TENSOR_OP_MATH = 3;

struct Handle {
    void* stream = nullptr;
    int math = 0;
};

// c [m, n] = alpha · a [m, k] · b [k, n] + beta · c, the operands perhaps transposed.
struct Product {
    bool aIsTransposed, bIsTransposed, isTf32;
    int m, n, k;
    float alpha, beta;
    const float* a;
    const float* b;
    float* c;
    int aColumn, bColumn, cColumn;
};

struct Account {
    int products = 0;
    int tf32 = 0;
    ~Account() { std::printf("cuBLAS made %d products, %d with TF32\n", products, tf32); }
} account;

// To 10 bits behind the first, ties to even.
float tf32(float value) {
    std::uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0xFFF + ((bits >> 13) & 1)) & ~0x1FFFu;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
}

void multiply(void* its) {
    auto* p = static_cast<Product*>(its);
    for (int j = 0; j < p->n; j++) {
        for (int i = 0; i < p->m; i++) {
            double sum = 0;
            for (int l = 0; l < p->k; l++) {
                float a = p->a[p->aIsTransposed ? l + std::size_t(i) * p->aColumn : i + std::size_t(l) * p->aColumn];
                float b = p->b[p->bIsTransposed ? j + std::size_t(l) * p->bColumn : l + std::size_t(j) * p->bColumn];
                sum += p->isTf32 ? double(tf32(a)) * tf32(b) : double(a) * b;
            }
            float* c = p->c + i + std::size_t(j) * p->cColumn;
            *c = float(p->alpha * sum + (p->beta == 0 ? 0 : p->beta * *c));
        }
    }
    account.products++;
    account.tf32 += p->isTf32;
    delete p;
}

std::size_t bytes(int rows, int columns, int column) {
    return (std::size_t(columns - 1) * column + rows) * sizeof(float);
}

}  // namespace

extern "C" {

// Fails as a library does that is too new for the driver, where it is told to.
int cublasCreate_v2(Handle** handle) {
    if (!coppice_has_context() || std::getenv("EMULATED_CUBLAS_IS_TOO_NEW") != nullptr) {
        return NOT_INITIALIZED;
    }
    *handle = new Handle;
    return SUCCESS;
}

int cublasGetProperty(int part, int* value) {
    *value = 4 + part;
    return SUCCESS;
}

int cublasDestroy_v2(Handle* handle) {
    delete handle;
    return SUCCESS;
}

int cublasSetStream_v2(Handle* handle, void* stream) {
    handle->stream = stream;
    return SUCCESS;
}

int cublasSetMathMode(Handle* handle, int mode) {
    handle->math = mode;
    return SUCCESS;
}

int cublasSgemm_v2(Handle* handle, int aOperation, int bOperation, int m, int n, int k, const float* alpha, const float* a, int aColumn,
        const float* b, int bColumn, const float* beta, float* c, int cColumn) {
    bool aIsTransposed = aOperation == TRANSPOSED;
    bool bIsTransposed = bOperation == TRANSPOSED;
    int aRows = aIsTransposed ? k : m;
    int bRows = bIsTransposed ? n : k;
    if (m <= 0 || n <= 0 || k <= 0 || aColumn < aRows || bColumn < bRows || cColumn < m) {
        return INVALID_VALUE;
    }
    const unsigned long long addresses[] = {reinterpret_cast<std::uintptr_t>(a), reinterpret_cast<std::uintptr_t>(b),
            reinterpret_cast<std::uintptr_t>(c)};
    const std::size_t sizes[] = {bytes(aRows, aIsTransposed ? m : k, aColumn), bytes(bRows, bIsTransposed ? k : n, bColumn), bytes(m, n, cColumn)};
    bool isTf32 = handle->math == TF32_TENSOR_OP_MATH;
    auto* product = new Product{aIsTransposed, bIsTransposed, isTf32, m, n, k, *alpha, *beta, a, b, c, aColumn, bColumn, cColumn};
    return coppice_enqueue(handle->stream, 3, addresses, sizes, multiply, product) == 0 ? SUCCESS : EXECUTION_FAILED;
}

}  // extern "C"
