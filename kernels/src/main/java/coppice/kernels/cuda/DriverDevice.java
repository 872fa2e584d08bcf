package coppice.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRelease;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemAllocHost;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemFreeHost;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuModuleUnload;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;

import coppice.engine.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;

/**
 * A GPU, used by its driver alone. All work goes to one stream, which does one thing after the other. Kernels are PTX, for any GPU from
 * compute capability 7.5 on, of which the driver makes code for the one that is there.
 */
final class DriverDevice implements Device {

    /** Bytes that are copied at once, by way of memory from which a GPU can read by itself. */
    private static final long STAGED = 4L << 20;

    /** A stream does not wait for those of others. */
    private static final int CU_STREAM_NON_BLOCKING = 1;

    private final Arena arena = Arena.ofShared();
    private final Arguments arguments = new Arguments(arena);
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final CUstream stream = new CUstream();
    private final Address staging = new Address();
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, CUfunction> functions = new HashMap<>();
    private Thread user;

    /** An address of the machine's memory, as JCuda takes it. */
    private static final class Address extends Pointer {

        Address() {}

        Address(long address) {
            super(address);
        }

        long value() {
            return getNativePointer();
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

    /** The first GPU. The driver must have been initialised. */
    DriverDevice() {
        require("cuDeviceGet", cuDeviceGet(device, 0));
        require("cuDevicePrimaryCtxRetain", cuDevicePrimaryCtxRetain(context, device));
        makeCurrent();
        require("cuStreamCreate", cuStreamCreate(stream, CU_STREAM_NON_BLOCKING));
        require("cuMemAllocHost", cuMemAllocHost(staging, STAGED));
    }

    /** @throws BackendException if a call of the driver failed */
    private static void require(String call, int result) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new BackendException("cuda: " + call + ": " + CUresult.stringFor(result));
        }
    }

    /** Each thread has a current context of its own. */
    private void makeCurrent() {
        if (user != Thread.currentThread()) {
            require("cuCtxSetCurrent", cuCtxSetCurrent(context));
            user = Thread.currentThread();
        }
    }

    @Override
    public String description() {
        byte[] name = new byte[256];
        require("cuDeviceGetName", cuDeviceGetName(name, name.length, device));
        int[] version = new int[1];
        require("cuDriverGetVersion", cuDriverGetVersion(version));
        return String.format(Locale.ROOT, "%s, compute capability %d.%d, %.1f GB, driver for CUDA %d.%d", text(name),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR), memory()[1] / 1e9, version[0] / 1000, version[0] % 1000 / 10);
    }

    private static String text(byte[] terminated) {
        int end = 0;
        while (end < terminated.length && terminated[end] != 0) {
            end++;
        }
        return new String(terminated, 0, end, StandardCharsets.UTF_8);
    }

    private int attribute(int which) {
        int[] value = new int[1];
        require("cuDeviceGetAttribute", cuDeviceGetAttribute(value, which, device));
        return value[0];
    }

    /** Free bytes, and all. */
    private long[] memory() {
        makeCurrent();
        long[] free = new long[1];
        long[] total = new long[1];
        require("cuMemGetInfo", cuMemGetInfo(free, total));
        return new long[] {free[0], total[0]};
    }

    @Override
    public long freeBytes() {
        return memory()[0];
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
        return address.value();
    }

    @Override
    public void free(long address) {
        makeCurrent();
        require("cuMemFree", cuMemFree(new DeviceAddress(address)));
    }

    @Override
    public void upload(MemorySegment from, long to) {
        makeCurrent();
        MemorySegment room = MemorySegment.ofAddress(staging.value()).reinterpret(STAGED);
        for (long at = 0; at < from.byteSize(); at += STAGED) {
            long bytes = Math.min(STAGED, from.byteSize() - at);
            finish();                                    // what was staged before has been taken
            MemorySegment.copy(from, at, room, 0, bytes);
            require("cuMemcpyHtoDAsync", cuMemcpyHtoDAsync(new DeviceAddress(to + at), staging, bytes, stream));
        }
    }

    @Override
    public void download(long from, MemorySegment to) {
        makeCurrent();
        MemorySegment room = MemorySegment.ofAddress(staging.value()).reinterpret(STAGED);
        for (long at = 0; at < to.byteSize(); at += STAGED) {
            long bytes = Math.min(STAGED, to.byteSize() - at);
            require("cuMemcpyDtoHAsync", cuMemcpyDtoHAsync(staging, new DeviceAddress(from + at), bytes, stream));
            finish();
            MemorySegment.copy(room, 0, to, at, bytes);
        }
    }

    @Override
    public void launch(String file, String kernel, Grid grid, Object... values) {
        makeCurrent();
        CUfunction function = functions.computeIfAbsent(kernel, _ -> function(file, kernel));
        require(kernel, cuLaunchKernel(function, grid.x(), grid.y(), grid.z(), Grid.THREADS, 1, 1, 0, stream,
                new Address(arguments.of(values).address()), null));
    }

    private CUfunction function(String file, String kernel) {
        var function = new CUfunction();
        require(kernel, cuModuleGetFunction(function, modules.computeIfAbsent(file, DriverDevice::module), kernel));
        return function;
    }

    private static CUmodule module(String file) {
        var module = new CUmodule();
        byte[] ptx = ptx(file);
        byte[] terminated = new byte[ptx.length + 1];
        System.arraycopy(ptx, 0, terminated, 0, ptx.length);
        require(file, cuModuleLoadData(module, terminated));
        return module;
    }

    /** What nvcc made of a .cu file. */
    static byte[] ptx(String file) {
        try (InputStream stored = DriverDevice.class.getResourceAsStream(file + ".ptx")) {
            return stored.readAllBytes();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    @Override
    public void finish() {
        makeCurrent();
        require("cuStreamSynchronize", cuStreamSynchronize(stream));
    }

    @Override
    public void close() {
        finish();
        modules.values().forEach(module -> require("cuModuleUnload", cuModuleUnload(module)));
        require("cuMemFreeHost", cuMemFreeHost(staging));
        require("cuStreamDestroy", cuStreamDestroy(stream));
        require("cuDevicePrimaryCtxRelease", cuDevicePrimaryCtxRelease(device));
        arena.close();
    }
}
