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
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasMath;
import jcuda.jcublas.cublasStatus;
import jcuda.libraryPropertyType;
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

    private static final String BASE = "libcublas";
    private static final String JCUDA = "JCublas2";
    private static final String OF_JCUDA = BASE + ".so.12";

    /** Looked for once. @param library null if there is an obstacle. @param version that it says it is */
    private record Search(NvidiaLibrary library, String version, String obstacle) {

        static final Search RESULT = search();

        private static Search search() {
            NvidiaLibrary library = NvidiaLibrary.load(BASE);
            if (library == null) {
                return new Search(null, null, BASE + ".so.12 or .13 was not found");
            }
            try {
                Natives.load(JCUDA, JCublas2.class, bytes -> {
                    if (!library.name().equals(OF_JCUDA)) {
                        new SharedObject(bytes).need(OF_JCUDA, library.name());
                    }
                });
                return new Search(library, loadedVersion(), null);
            } catch (LinkageError | UncheckedIOException error) {
                return new Search(null, null, "JCuda's library for it cannot be loaded: " + error.getMessage());
            }
        }

        private static String loadedVersion() {
            return IntStream.of(libraryPropertyType.MAJOR_VERSION, libraryPropertyType.MINOR_VERSION, libraryPropertyType.PATCH_LEVEL).mapToObj(part -> {
                int[] value = new int[1];
                require("cublasGetProperty", cublasGetProperty(part, value));
                return Integer.toString(value[0]);
            }).collect(Collectors.joining("."));
        }
    }

    private final cublasHandle handle = new cublasHandle();
    private final Arena arena = Arena.ofShared();
    private final Address one = new Address(arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1).address());
    private final Address zero = new Address(arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0).address());
    private final Precision precision;
    private final long least;

    /** The context must be current. @return null if it is off, or not found */
    static Cublas open(CUstream stream, Precision precision) {
        return obstacle() != null ? null : new Cublas(stream, precision);
    }

    /** Which cuBLAS is used for what, or why it is not. */
    static String description() {
        if (isOff()) {
            return "cuBLAS is off";
        }
        return Search.RESULT.library == null ? "no cuBLAS: " + Search.RESULT.obstacle
                : (least() == 0 ? "all" : "large") + " dense products of matrices by cuBLAS " + Search.RESULT.version + ", " + Search.RESULT.library.path();
    }

    /** Why it cannot be used; null if it can. */
    static String obstacle() {
        return isOff() ? PROPERTY + " is off" : Search.RESULT.obstacle;
    }

    private static boolean isOff() {
        return least() == Long.MAX_VALUE;
    }

    /** The least size of a product that it is given. */
    private static long least() {
        String asked = System.getProperty(PROPERTY, "on");
        return switch (asked) {
            case "on" -> LARGE;
            case "all" -> 0;
            case "off" -> Long.MAX_VALUE;
            default -> throw new BackendException(PROPERTY + ": must be on, all or off, got " + asked);
        };
    }

    private Cublas(CUstream stream, Precision precision) {
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

    /** With its version and precision. */
    String name() {
        return "cuBLAS " + Search.RESULT.version + " " + precision.name().toLowerCase(Locale.ROOT);
    }

    /** Whether a product is worth it. */
    boolean takes(Multiplication its) {
        return its.size() >= least && its.size() > 0;
    }

    void multiply(Multiplication its) {
        int m = its.m();
        int k = its.k();
        int n = its.n();
        Address w = new Address(its.w());
        Address x = new Address(its.x());
        Address g = new Address(its.g());
        require("cublasSgemm", switch (its.face()) {
            case OUTPUT -> cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_N, n, m, k, one, x, n, w, k, zero, g, n);
            case INPUT -> cublasSgemm(handle, CUBLAS_OP_N, CUBLAS_OP_T, n, k, m, one, g, n, w, k, zero, x, n);
            case WEIGHT -> cublasSgemm(handle, CUBLAS_OP_T, CUBLAS_OP_N, k, m, n, one, x, n, g, n, zero, w, k);
        });
    }

    /** When its work is done. @return a result of the driver */
    int close() {
        arena.close();
        return cublasDestroy(handle) == cublasStatus.CUBLAS_STATUS_SUCCESS ? CUresult.CUDA_SUCCESS : CUresult.CUDA_ERROR_UNKNOWN;
    }
}
