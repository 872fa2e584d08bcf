package coppice.kernels.cuda;

import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGetProperty;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSgemm;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_N;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_T;

import coppice.engine.BackendException;
import coppice.engine.Precision;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * Large dense products by NVIDIA's cuBLAS, where that is found. It holds matrices column by column: there ours are their own transposes, and
 * y = w x is made as yᵀ = xᵀ wᵀ.
 *
 * <p>It works in one stream, so that the same product has the same bits each time (cuBLAS, Results reproducibility).
 */
final class Cublas {

    /**
     * Which products it is given, by the system property {@value #PROPERTY}: {@code on}, those for which starting it by itself, in no CUDA graph, is
     * little beside the work; {@code all}; or none, {@code off}.
     */
    static final String PROPERTY = "coppice.cuda.cublas";

    /** Multiplications of a large product: 4 µs of a GPU that makes 2 · 10¹³ a second, and about what a launch takes. Counted, not measured. */
    private static final long LARGE = 1L << 26;

    /** The least product of {@code all}, and what is more than any. */
    private static final long ANY = 1;
    private static final long NONE = Long.MAX_VALUE;

    private static final String BASE = "libcublas";
    private static final String JCUDA = "JCublas2";
    private static final String OF_JCUDA = BASE + ".so.12";

    private static final Address ONE = Address.of(1);
    private static final Address ZERO = Address.of(0);

    /** Looked for once. */
    private static LibrarySearch search;

    private final cublasHandle handle = new cublasHandle();
    private final String version;
    private final Precision precision;
    private final long least;

    private static synchronized LibrarySearch search(Gpu gpu) {
        if (search == null) {
            search = LibrarySearch.of(BASE, BASE + ".so.12 or .13", JCUDA, JCublas2.class, Cublas::retarget, () -> versionOfStarted(gpu));
        }
        return search;
    }

    private static void retarget(NvidiaLibrary library, byte[] jcuda) {
        if (!library.name().equals(OF_JCUDA)) {
            new SharedObject(jcuda).need(OF_JCUDA, library.name());
        }
    }

    private static String versionOfStarted(Gpu gpu) {
        gpu.makeCurrent();
        var trial = new cublasHandle();
        require("cublasCreate", cublasCreate(trial));
        require("cublasDestroy", cublasDestroy(trial));
        return LibrarySearch.version((part, value) -> require("cublasGetProperty", cublasGetProperty(part, value)));
    }

    /** For the thread that calls this, whose context is made current. @return null if it is off, or cannot be used */
    static Cublas open(Gpu gpu, CUstream stream, Precision precision) {
        return obstacle(gpu) != null ? null : new Cublas(search(gpu).version(), stream, precision);
    }

    /** Which cuBLAS is used for what, or why it is not. */
    static String description(Gpu gpu) {
        if (isOff()) {
            return "cuBLAS is off";
        }
        LibrarySearch found = search(gpu);
        return found.library() == null ? "no cuBLAS: " + found.obstacle()
                : (least() == ANY ? "all" : "large") + " dense products of matrices by cuBLAS " + found.version() + ", " + found.library().path();
    }

    /** Why it cannot be used; null if it can. */
    static String obstacle(Gpu gpu) {
        return isOff() ? PROPERTY + " is off" : search(gpu).obstacle();
    }

    private static boolean isOff() {
        return least() == NONE;
    }

    /** The least size of a product that it is given. */
    private static long least() {
        String asked = System.getProperty(PROPERTY, "on");
        return switch (asked) {
            case "on" -> LARGE;
            case "all" -> ANY;
            case "off" -> NONE;
            default -> throw new BackendException(PROPERTY + ": must be on, all or off, got " + asked);
        };
    }

    private Cublas(String version, CUstream stream, Precision precision) {
        this.version = version;
        this.precision = precision;
        this.least = least();
        require("cublasCreate", cublasCreate(handle));
        require("cublasSetStream", cublasSetStream(handle, new cudaStream_t(stream)));
        require("cublasSetMathMode", cublasSetMathMode(handle, switch (precision) {
            case FP32 -> cublasMath.CUBLAS_DEFAULT_MATH;
            case TF32 -> cublasMath.CUBLAS_TF32_TENSOR_OP_MATH;
        }));
    }

    private static void require(String call, int result) {
        if (result != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new BackendException("cuda: " + call + ": " + cublasStatus.stringFor(result));
        }
    }

    /** With its version and precision, and whether it makes all products. */
    String name() {
        return "cuBLAS " + version + " " + precision.label() + (least == ANY ? " for all" : "");
    }

    /** Whether a product is worth it. */
    boolean takes(Multiplication product) {
        return product.size() >= least;
    }

    void multiply(Multiplication product) {
        int m = product.m();
        int k = product.k();
        int n = product.n();
        Address w = new Address(product.w());
        Address x = new Address(product.x());
        Address g = new Address(product.g());
        require("cublasSgemm", switch (product.face()) {
            case OUTPUT -> cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, ONE, x, n, w, k, ZERO, g, n);
            case INPUT -> cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_T, n, k, m, ONE, g, n, w, k, ZERO, x, n);
            case WEIGHT -> cublasSgemm(handle, CUBLAS_OP_T, CUBLAS_OP_N, k, m, n, ONE, x, n, g, n, ZERO, w, k);
        });
    }

    /** When its work is done. */
    void close() {
        require("cublasDestroy", cublasDestroy(handle));
    }
}
