package coppice.kernels.cuda;

import static jcuda.jcusparse.JCusparse.cusparseCreate;
import static jcuda.jcusparse.JCusparse.cusparseCreateCsr;
import static jcuda.jcusparse.JCusparse.cusparseCreateDnMat;
import static jcuda.jcusparse.JCusparse.cusparseDestroy;
import static jcuda.jcusparse.JCusparse.cusparseDestroyDnMat;
import static jcuda.jcusparse.JCusparse.cusparseDestroySpMat;
import static jcuda.jcusparse.JCusparse.cusparseGetProperty;
import static jcuda.jcusparse.JCusparse.cusparseSDDMM;
import static jcuda.jcusparse.JCusparse.cusparseSDDMM_bufferSize;
import static jcuda.jcusparse.JCusparse.cusparseSDDMM_preprocess;
import static jcuda.jcusparse.JCusparse.cusparseSetStream;
import static jcuda.jcusparse.JCusparse.cusparseSpMM;
import static jcuda.jcusparse.JCusparse.cusparseSpMM_bufferSize;
import static jcuda.jcusparse.JCusparse.cusparseSpMM_preprocess;
import static jcuda.jcusparse.cusparseOperation.CUSPARSE_OPERATION_NON_TRANSPOSE;
import static jcuda.jcusparse.cusparseOperation.CUSPARSE_OPERATION_TRANSPOSE;

import coppice.engine.BackendException;
import coppice.engine.Product.Face;
import java.util.ArrayDeque;
import java.util.Deque;
import jcuda.cudaDataType;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import jcuda.jcusparse.JCusparse;
import jcuda.jcusparse.cusparseDnMatDescr;
import jcuda.jcusparse.cusparseHandle;
import jcuda.jcusparse.cusparseIndexBase;
import jcuda.jcusparse.cusparseIndexType;
import jcuda.jcusparse.cusparseOrder;
import jcuda.jcusparse.cusparseSDDMMAlg;
import jcuda.jcusparse.cusparseSpMMAlg;
import jcuda.jcusparse.cusparseSpMatDescr;
import jcuda.jcusparse.cusparseStatus;
import jcuda.runtime.cudaStream_t;

/**
 * Products of survivors by NVIDIA's cuSPARSE, to compare our kernels with: g = w x of compressed rows (SpMM) and their gradient (SDDMM). It is
 * used only where it is asked for, and then for every product of matrices over survivors but the gradient of x, for which it would
 * have to be given the transposed rows, in another order of values.
 *
 * <p>Whether its bits are the same each time is its own matter, by the algorithm. What it prepares keeps masks, and memory beside the pool's.
 */
final class Cusparse {

    /** By which algorithm for compressed rows it makes SpMM, 1, 2 or 3; or {@code off}. */
    static final String PROPERTY = "coppice.cuda.cusparse";

    private static final String OFF = "off";
    private static final String BASE = "libcusparse";
    private static final String JCUDA = "JCusparse";

    /** It needs this one, which stands beside it. */
    private static final String LINKER = "libnvJitLink";

    /** Products whose preparations are kept. */
    private static final int KEPT = 64;

    /** What it is given where it asks for less: an address must not be 0. */
    private static final long LEAST_ROOM = 256;

    private static final Address ONE = Address.of(1);
    private static final Address ZERO = Address.of(0);

    /** Looked for once. */
    private static LibrarySearch search;

    private final cusparseHandle handle = new cusparseHandle();
    private final CUstream stream;
    private final String version;
    private final int algorithm;
    /** The one that was used last is the last. */
    private final Deque<Plan> plans = new ArrayDeque<>();

    private static synchronized LibrarySearch search(Gpu gpu) {
        if (search == null) {
            NvidiaLibrary.load(LINKER);
            search = LibrarySearch.of(BASE, BASE + ".so.12, or the " + LINKER + " that it needs,", JCUDA, JCusparse.class, (library, jcuda) -> {},
                    () -> versionOfStarted(gpu));
        }
        return search;
    }

    private static String versionOfStarted(Gpu gpu) {
        gpu.makeCurrent();
        var trial = new cusparseHandle();
        require("cusparseCreate", cusparseCreate(trial));
        require("cusparseDestroy", cusparseDestroy(trial));
        return LibrarySearch.version((part, value) -> require("cusparseGetProperty", cusparseGetProperty(part, value)));
    }

    /** For the thread that calls this, whose context is made current. @return null if it is off, or cannot be used */
    static Cusparse open(Gpu gpu, CUstream stream) {
        return asked().equals(OFF) || search(gpu).obstacle() != null ? null : new Cusparse(search(gpu).version(), stream);
    }

    /** Which cuSPARSE is used for what, or why it is not. */
    static String description(Gpu gpu) {
        if (asked().equals(OFF)) {
            return "cuSPARSE is not used";
        }
        LibrarySearch found = search(gpu);
        return found.library() == null ? "no cuSPARSE: " + found.obstacle()
                : "products of survivors by cuSPARSE " + found.version() + ", algorithm " + asked() + ", " + found.library().path();
    }

    private static String asked() {
        String asked = System.getProperty(PROPERTY, OFF);
        return switch (asked) {
            case OFF, "1", "2", "3" -> asked;
            default -> throw new BackendException(PROPERTY + ": must be off, 1, 2 or 3, got " + asked);
        };
    }

    private Cusparse(String version, CUstream stream) {
        this.version = version;
        this.stream = stream;
        this.algorithm = switch (asked()) {
            case "1" -> cusparseSpMMAlg.CUSPARSE_SPMM_CSR_ALG1;
            case "2" -> cusparseSpMMAlg.CUSPARSE_SPMM_CSR_ALG2;
            default -> cusparseSpMMAlg.CUSPARSE_SPMM_CSR_ALG3;
        };
        require("cusparseCreate", cusparseCreate(handle));
        require("cusparseSetStream", cusparseSetStream(handle, new cudaStream_t(stream)));
    }

    private static void require(String call, int result) {
        if (result != cusparseStatus.CUSPARSE_STATUS_SUCCESS) {
            throw new BackendException("cuda: " + call + ": " + cusparseStatus.stringFor(result));
        }
    }

    /** With its version and algorithm. */
    String name() {
        return "cuSPARSE " + version + " algorithm " + asked();
    }

    boolean takes(Face face) {
        return face != Face.INPUT;
    }

    /** What is prepared once for a product: its matrices, and room that their analysis stands in. */
    private abstract class Plan {

        private final Multiplication product;
        final cusparseSpMatDescr w = new cusparseSpMatDescr();
        final cusparseDnMatDescr x = new cusparseDnMatDescr();
        final cusparseDnMatDescr g = new cusparseDnMatDescr();
        final CUdeviceptr room = new CUdeviceptr();
        /** What is to be done when nobody needs it any more, the last first. */
        private final Deque<Runnable> made = new ArrayDeque<>();

        Plan(Multiplication product) {
            this.product = product;
        }

        abstract void requireBytes(long[] bytes);

        abstract void analyse();

        abstract void run();

        /** Closes it if it cannot be prepared. */
        final Plan prepared() {
            try {
                DeviceMasks.Rows rows = product.survivors().rows();
                require("cusparseCreateCsr", cusparseCreateCsr(w, product.m(), product.k(), product.survivors().mask().count(),
                        new Address(rows.starts()), new Address(rows.columns()), new Address(product.w()), cusparseIndexType.CUSPARSE_INDEX_32I,
                        cusparseIndexType.CUSPARSE_INDEX_32I, cusparseIndexBase.CUSPARSE_INDEX_BASE_ZERO, cudaDataType.CUDA_R_32F));
                made.push(() -> require("cusparseDestroySpMat", cusparseDestroySpMat(w.asConst())));
                makeDense(x, product.k(), product.x());
                makeDense(g, product.m(), product.g());
                long[] bytes = new long[1];
                requireBytes(bytes);
                Gpu.require("cuMemAlloc for cuSPARSE", JCudaDriver.cuMemAlloc(room, Math.max(LEAST_ROOM, bytes[0])));
                made.push(() -> Gpu.require("cuMemFree", JCudaDriver.cuMemFree(room)));
                analyse();
                return this;
            } catch (BackendException error) {
                close();
                throw error;
            }
        }

        private void makeDense(cusparseDnMatDescr matrix, int rows, long values) {
            require("cusparseCreateDnMat", cusparseCreateDnMat(matrix, rows, product.n(), product.n(), new Address(values),
                    cudaDataType.CUDA_R_32F, cusparseOrder.CUSPARSE_ORDER_ROW));
            made.push(() -> require("cusparseDestroyDnMat", cusparseDestroyDnMat(matrix.asConst())));
        }

        /** The same mask, not an equal one: its rows stand where they stood as long as somebody has it, as this plan. */
        final boolean isFor(Multiplication other) {
            return product.survivors().mask() == other.survivors().mask() && product.face() == other.face() && product.n() == other.n()
                    && product.w() == other.w() && product.x() == other.x() && product.g() == other.g();
        }

        /** When its work is done. All of it, whatever fails; then the first error is thrown. */
        final void close() {
            closeAll(made);
        }
    }

    /** g = w x. */
    private final class Spmm extends Plan {

        Spmm(Multiplication product) {
            super(product);
        }

        @Override
        void requireBytes(long[] bytes) {
            require("cusparseSpMM_bufferSize", cusparseSpMM_bufferSize(handle, CUSPARSE_OPERATION_NON_TRANSPOSE,
                    CUSPARSE_OPERATION_NON_TRANSPOSE, ONE, w.asConst(), x.asConst(), ZERO, g, cudaDataType.CUDA_R_32F, algorithm, bytes));
        }

        @Override
        void analyse() {
            require("cusparseSpMM_preprocess", cusparseSpMM_preprocess(handle, CUSPARSE_OPERATION_NON_TRANSPOSE,
                    CUSPARSE_OPERATION_NON_TRANSPOSE, ONE, w.asConst(), x.asConst(), ZERO, g, cudaDataType.CUDA_R_32F, algorithm, room));
        }

        @Override
        void run() {
            require("cusparseSpMM", cusparseSpMM(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_NON_TRANSPOSE, ONE,
                    w.asConst(), x.asConst(), ZERO, g, cudaDataType.CUDA_R_32F, algorithm, room));
        }
    }

    /** The survivors of g xᵀ. */
    private final class Sddmm extends Plan {

        private static final int ALGORITHM = cusparseSDDMMAlg.CUSPARSE_SDDMM_ALG_DEFAULT;

        Sddmm(Multiplication product) {
            super(product);
        }

        @Override
        void requireBytes(long[] bytes) {
            require("cusparseSDDMM_bufferSize", cusparseSDDMM_bufferSize(handle, CUSPARSE_OPERATION_NON_TRANSPOSE,
                    CUSPARSE_OPERATION_TRANSPOSE, ONE, g.asConst(), x.asConst(), ZERO, w, cudaDataType.CUDA_R_32F, ALGORITHM, bytes));
        }

        @Override
        void analyse() {
            require("cusparseSDDMM_preprocess", cusparseSDDMM_preprocess(handle, CUSPARSE_OPERATION_NON_TRANSPOSE,
                    CUSPARSE_OPERATION_TRANSPOSE, ONE, g.asConst(), x.asConst(), ZERO, w, cudaDataType.CUDA_R_32F, ALGORITHM, room));
        }

        @Override
        void run() {
            require("cusparseSDDMM", cusparseSDDMM(handle, CUSPARSE_OPERATION_NON_TRANSPOSE, CUSPARSE_OPERATION_TRANSPOSE, ONE,
                    g.asConst(), x.asConst(), ZERO, w, cudaDataType.CUDA_R_32F, ALGORITHM, room));
        }
    }

    /** Of survivors, of a face that it {@link #takes}. */
    void multiply(Multiplication product) {
        Plan plan = plans.stream().filter(each -> each.isFor(product)).findFirst().orElse(null);
        if (plan == null) {
            if (plans.size() == KEPT) {
                Gpu.require("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream));
                plans.removeFirst().close();
            }
            plan = (product.face() == Face.OUTPUT ? new Spmm(product) : new Sddmm(product)).prepared();
        } else {
            plans.remove(plan);
        }
        plans.addLast(plan);
        plan.run();
    }

    /** When its work is done. All of it, whatever fails; then the first error is thrown. */
    void close() {
        Deque<Runnable> all = new ArrayDeque<>();
        plans.forEach(plan -> all.add(plan::close));
        all.add(() -> require("cusparseDestroy", cusparseDestroy(handle)));
        closeAll(all);
    }

    private static void closeAll(Deque<Runnable> steps) {
        BackendException first = null;
        for (Runnable step : steps) {
            try {
                step.run();
            } catch (BackendException error) {
                first = first == null ? error : first;
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
