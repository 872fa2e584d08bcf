package coppice.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSetCurrent;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDevicePrimaryCtxRetain;
import static jcuda.driver.JCudaDriver.cuDeviceTotalMem;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;

import coppice.engine.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;

/**
 * The first GPU, used by its driver alone, from the first backend to the end of the process. Kernels are PTX, for any GPU from compute
 * capability 7.5 on, of which the driver makes code for the one that is there when the first kernel of a file is wanted.
 */
final class Gpu {

    /** The least compute capability, times ten. */
    static final int LEAST = 75;

    /** From which on tensor cores take TF32. */
    static final int LEAST_WITH_TF32 = 80;

    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<String, CUfunction> functions = new HashMap<>();

    /** The driver must have been initialised. @throws BackendException if the GPU cannot be used */
    Gpu() {
        require("cuDeviceGet", cuDeviceGet(device, 0));
        require("cuDevicePrimaryCtxRetain", cuDevicePrimaryCtxRetain(context, device));
    }

    /** @throws BackendException if a call of the driver failed */
    static void require(String call, int result) {
        if (result != CUresult.CUDA_SUCCESS) {
            throw new BackendException("cuda: " + call + ": " + CUresult.stringFor(result));
        }
    }

    /** For the thread that calls this. */
    void makeCurrent() {
        require("cuCtxSetCurrent", cuCtxSetCurrent(context));
    }

    /** Times ten. */
    int capability() {
        return 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    }

    /** Of CUDA, up to which the driver can be used: 12,060 for 12.6. */
    int driverVersion() {
        int[] version = new int[1];
        require("cuDriverGetVersion", cuDriverGetVersion(version));
        return version[0];
    }

    String description() {
        long[] bytes = new long[1];
        require("cuDeviceTotalMem", cuDeviceTotalMem(bytes, device));
        return String.format(Locale.ROOT, "%s, compute capability %.1f, %.1f GB, driver for CUDA %d.%d", name(), capability() / 10.0,
                bytes[0] / 1e9, driverVersion() / 1000, driverVersion() % 1000 / 10);
    }

    String name() {
        byte[] name = new byte[256];
        require("cuDeviceGetName", cuDeviceGetName(name, name.length, device));
        int end = 0;
        while (end < name.length && name[end] != 0) {
            end++;
        }
        return new String(name, 0, end, StandardCharsets.UTF_8);
    }

    private int attribute(int which) {
        int[] value = new int[1];
        require("cuDeviceGetAttribute", cuDeviceGetAttribute(value, which, device));
        return value[0];
    }

    /** A kernel, for a launch. The context must be current. */
    synchronized CUfunction function(String file, String kernel) {
        CUfunction known = functions.get(kernel);
        if (known == null) {
            known = new CUfunction();
            require(kernel, cuModuleGetFunction(known, module(file), kernel));
            functions.put(kernel, known);
        }
        return known;
    }

    private CUmodule module(String file) {
        CUmodule known = modules.get(file);
        if (known == null) {
            known = new CUmodule();
            byte[] ptx = ptx(file);
            byte[] terminated = new byte[ptx.length + 1];
            System.arraycopy(ptx, 0, terminated, 0, ptx.length);
            require(file, cuModuleLoadData(known, terminated));
            modules.put(file, known);
        }
        return known;
    }

    /** What nvcc made of a .cu file. */
    static byte[] ptx(String file) {
        try (InputStream stored = Gpu.class.getResourceAsStream(file + ".ptx")) {
            return stored.readAllBytes();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
