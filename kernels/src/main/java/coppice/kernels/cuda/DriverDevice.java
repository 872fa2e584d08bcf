package coppice.kernels.cuda;

import static coppice.kernels.cuda.Gpu.require;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;
import static jcuda.driver.JCudaDriver.cuGraphAddKernelNode;
import static jcuda.driver.JCudaDriver.cuGraphCreate;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecKernelNodeSetParams;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;

import coppice.engine.BackendException;
import coppice.engine.Precision;
import coppice.engine.Product.Face;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import jcuda.driver.CUDA_KERNEL_NODE_PARAMS;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;

/**
 * A stream of work for a {@link Gpu}, which does one thing after the other, and the memory that was allocated for it. Uploads {@link #beside}
 * that work go through a stream of their own: a GPU copies while it computes.
 */
final class DriverDevice implements GraphDevice {

    /** Bytes that are copied at once, by way of memory from which a GPU can read by itself. */
    private static final long STAGED = 4L << 20;

    /** A stream does not wait for those of others. */
    private static final int CU_STREAM_NON_BLOCKING = 1;

    private final Gpu gpu;
    private final Arena arena = Arena.ofShared();
    private final Arguments arguments = new Arguments(arena);
    private final CUstream stream = new CUstream();
    /** For uploads beside the work of the other. */
    private final CUstream copies = new CUstream();
    /** When the work was done that uploads beside come after, and when these were. */
    private final CUevent before = new CUevent();
    private final CUevent copied = new CUevent();
    private boolean isBeside;
    /** Null if kernels make all dense products. */
    private final Cublas cublas;
    /** Null if kernels make all products of survivors. */
    private final Cusparse cusparse;
    private final Set<Long> allocations = new HashSet<>();
    /** Two, of which one is filled while the other is still on its way. */
    private final Staging[] staging = new Staging[2];
    private int staged;
    private Thread user;
    private boolean closed;

    /** Memory from which a GPU can read by itself. @param taken when it has read all of it */
    private record Staging(Address address, CUevent taken) {

        MemorySegment room() {
            return MemorySegment.ofAddress(address.value()).reinterpret(STAGED);
        }
    }

    /** An address of the device's memory. */
    private static final class DeviceAddress extends CUdeviceptr {

        DeviceAddress() {}

        DeviceAddress(long address) {
            super(new CUdeviceptr(), address);
        }

        long value() {
            return getNativePointer();
        }
    }

    /** @param precision of products by cuBLAS */
    DriverDevice(Gpu gpu, Precision precision) {
        this.gpu = gpu;
        makeCurrent();
        require("cuStreamCreate", cuStreamCreate(stream, CU_STREAM_NON_BLOCKING));
        require("cuStreamCreate", cuStreamCreate(copies, CU_STREAM_NON_BLOCKING));
        require("cuEventCreate", cuEventCreate(before, CUevent_flags.CU_EVENT_DISABLE_TIMING));
        require("cuEventCreate", cuEventCreate(copied, CUevent_flags.CU_EVENT_DISABLE_TIMING));
        for (int i = 0; i < staging.length; i++) {
            staging[i] = new Staging(new Address(), new CUevent());
            require("cuMemAllocHost", cuMemAllocHost(staging[i].address, STAGED));
            require("cuEventCreate", cuEventCreate(staging[i].taken, CUevent_flags.CU_EVENT_DISABLE_TIMING));
        }
        try {
            cublas = Cublas.open(gpu, stream, precision);
            cusparse = Cusparse.open(gpu, stream);
        } catch (BackendException error) {
            close();
            throw error;
        }
    }

    /** Each thread has a current context of its own. */
    private void makeCurrent() {
        if (user != Thread.currentThread()) {
            gpu.makeCurrent();
            user = Thread.currentThread();
        }
    }

    @Override
    public String name() {
        return gpu.name() + (cublas == null ? "" : " with " + cublas.name()) + (cusparse == null ? "" : " with " + cusparse.name());
    }

    @Override
    public String description() {
        return gpu.description();
    }

    @Override
    public long freeBytes() {
        makeCurrent();
        long[] free = new long[1];
        require("cuMemGetInfo", cuMemGetInfo(free, new long[1]));
        return free[0];
    }

    @Override
    public long allocate(long bytes) {
        makeCurrent();
        var address = new DeviceAddress();
        int result = cuMemAlloc(address, bytes);
        if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
            return 0;
        }
        require("cuMemAlloc", result);
        allocations.add(address.value());
        return address.value();
    }

    @Override
    public void free(long address) {
        makeCurrent();
        require("cuMemFree", cuMemFree(new DeviceAddress(address)));
        allocations.remove(address);
    }

    @Override
    public void upload(MemorySegment from, long to) {
        makeCurrent();
        CUstream way = isBeside ? copies : stream;
        for (long at = 0; at < from.byteSize(); at += STAGED) {
            long bytes = Math.min(STAGED, from.byteSize() - at);
            Staging next = staging[staged++ % staging.length];
            require("cuEventSynchronize", cuEventSynchronize(next.taken));
            MemorySegment.copy(from, at, next.room(), 0, bytes);
            require("cuMemcpyHtoDAsync", cuMemcpyHtoDAsync(new DeviceAddress(to + at), next.address, bytes, way));
            require("cuEventRecord", cuEventRecord(next.taken, way));
        }
    }

    @Override
    public Runnable beside(Runnable work) {
        makeCurrent();
        require("cuEventRecord", cuEventRecord(before, stream));
        return () -> {
            makeCurrent();
            require("cuStreamWaitEvent", cuStreamWaitEvent(copies, before, 0));
            isBeside = true;
            try {
                work.run();
            } finally {
                isBeside = false;
                require("cuEventRecord", cuEventRecord(copied, copies));
                require("cuStreamWaitEvent", cuStreamWaitEvent(stream, copied, 0));
            }
        };
    }

    @Override
    public void download(long from, MemorySegment to) {
        finish();                                    // what is staged has been taken
        for (long at = 0; at < to.byteSize(); at += STAGED) {
            long bytes = Math.min(STAGED, to.byteSize() - at);
            require("cuMemcpyDtoHAsync", cuMemcpyDtoHAsync(staging[0].address, new DeviceAddress(from + at), bytes, stream));
            finish();
            MemorySegment.copy(staging[0].room(), 0, to, at, bytes);
        }
    }

    @Override
    public void launch(Launch launch) {
        makeCurrent();
        Grid grid = launch.grid();
        require(launch.kernel(), cuLaunchKernel(gpu.function(launch.file(), launch.kernel()), grid.x(), grid.y(), grid.z(), Grid.THREADS, 1, 1,
                0, stream, pointers(launch), null));
    }

    @Override
    public boolean takes(Multiplication product) {
        return cublas != null && cublas.takes(product);
    }

    @Override
    public boolean takesSurvivors(Face face) {
        return cusparse != null && cusparse.takes(face);
    }

    @Override
    public void multiply(Multiplication product) {
        makeCurrent();
        if (product.survivors() == null) {
            cublas.multiply(product);
        } else {
            cusparse.multiply(product);
        }
    }

    /** To its arguments, until the next launch's are asked for. */
    private Address pointers(Launch launch) {
        return new Address(arguments.of(launch.arguments()).address());
    }

    @Override
    public Graph graph(List<Launch> launches) {
        makeCurrent();
        var chain = new Chain(launches);
        if (chain.hasRoom) {
            return chain;
        }
        chain.close();
        return null;
    }

    /** Kernels, each of which waits for the one before. */
    private final class Chain implements Graph {

        private final CUgraph graph = new CUgraph();
        private final CUgraphExec executable = new CUgraphExec();
        private final List<CUgraphNode> nodes = new ArrayList<>();
        /** If not, it can only be closed. */
        private final boolean hasRoom;

        Chain(List<Launch> launches) {
            require("cuGraphCreate", cuGraphCreate(graph, 0));
            CUgraphNode[] before = {};
            for (Launch launch : launches) {
                var node = new CUgraphNode();
                require("cuGraphAddKernelNode", cuGraphAddKernelNode(node, graph, before, before.length, parameters(launch)));
                nodes.add(node);
                before = new CUgraphNode[] {node};
            }
            int result = cuGraphInstantiate(executable, graph, 0);
            hasRoom = result != CUresult.CUDA_ERROR_OUT_OF_MEMORY;
            require("cuGraphInstantiate", hasRoom ? result : CUresult.CUDA_SUCCESS);
        }

        private CUDA_KERNEL_NODE_PARAMS parameters(Launch launch) {
            var parameters = new CUDA_KERNEL_NODE_PARAMS();
            parameters.func = gpu.function(launch.file(), launch.kernel());
            parameters.gridDimX = launch.grid().x();
            parameters.gridDimY = launch.grid().y();
            parameters.gridDimZ = launch.grid().z();
            parameters.blockDimX = Grid.THREADS;
            parameters.blockDimY = 1;
            parameters.blockDimZ = 1;
            parameters.kernelParams = pointers(launch);
            return parameters;
        }

        @Override
        public void change(int index, Launch launch) {
            makeCurrent();
            require("cuGraphExecKernelNodeSetParams", cuGraphExecKernelNodeSetParams(executable, nodes.get(index), parameters(launch)));
        }

        @Override
        public void run() {
            makeCurrent();
            require("cuGraphLaunch", cuGraphLaunch(executable, stream));
        }

        @Override
        public void close() {
            makeCurrent();
            int result = hasRoom ? cuGraphExecDestroy(executable) : CUresult.CUDA_SUCCESS;
            require("close", first(result, cuGraphDestroy(graph)));
        }
    }

    @Override
    public void finish() {
        makeCurrent();
        require("cuStreamSynchronize", cuStreamSynchronize(stream));
    }

    /** Frees all that it can; the first error of those that come on the way is thrown in the end. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        makeCurrent();
        int result = first(cuStreamSynchronize(copies), cuStreamSynchronize(stream));
        try {
            if (cusparse != null) {
                cusparse.close();
            }
        } finally {
            try {
                if (cublas != null) {
                    cublas.close();
                }
            } finally {
                freeAll(result);
            }
        }
    }

    /** @param earlier the result of what was done before */
    private void freeAll(int earlier) {
        int result = earlier;
        for (long address : allocations) {
            result = first(result, cuMemFree(new DeviceAddress(address)));
        }
        for (Staging each : staging) {
            result = first(result, cuEventDestroy(each.taken));
            result = first(result, cuMemFreeHost(each.address));
        }
        result = first(result, cuEventDestroy(before));
        result = first(result, cuEventDestroy(copied));
        result = first(result, cuStreamDestroy(copies));
        result = first(result, cuStreamDestroy(stream));
        arena.close();
        require("close", result);
    }

    private static int first(int result, int next) {
        return result == CUresult.CUDA_SUCCESS ? next : result;
    }
}
