/**
 * The CUDA backend: the kernels of {@link coppice.engine.Backend} by hand, on an NVIDIA GPU that JCuda's driver interface runs them on. Nothing
 * but the GPU's driver is needed, no CUDA toolkit; where there is none, {@link coppice.kernels.cuda.CudaProvider} says so in a sentence. NVIDIA's
 * cuBLAS makes large dense products of matrices where it is found, cuSPARSE products of survivors where it is asked for.
 *
 * <p>Read in this order:
 * <ol>
 *   <li>{@link coppice.kernels.cuda.CudaProvider}, {@link coppice.kernels.cuda.CudaBackend}: the way in. Buffers are checked against shapes
 *       here, once; everything below takes addresses on the device.
 *   <li>{@code Device}: all that is asked of a GPU, memory, copies and each {@code Launch} of a kernel. {@code DriverDevice} is one, by the
 *       driver of the {@code Gpu}, with a stream for kernels and one for copies beside them; {@code Natives} loads JCuda's libraries. Before it
 *       stands a {@code ReplayingDevice}, which has the launches of a step done as a CUDA {@code Graph} from their second time on.
 *       {@code DeviceMemory} is the pool, {@code DeviceMasks} keeps the indices of masks on the device.
 *   <li>A class of kernels and the file beside it, {@code ElementwiseKernels.java} and {@code ElementwiseKernels.cu}: the one says how many
 *       threads run a kernel on what, the other what each does. So with {@code ReductionKernels}, {@code LayoutKernels}, {@code PoolingKernels}
 *       (over {@code Window.cuh}), {@code BatchNormKernels}, {@code SoftmaxKernels}, {@code UpdateKernels}; and {@code SelectionKernels}, by which
 *       the weights are found that pruning removes.
 *   <li>{@code ProductTile.cuh}: the dense product, one loop for all faces of matrices and convolutions. {@code MatmulKernels} and
 *       {@code ConvolutionKernels} are that loop with different ideas of where an element stands, and beside it the kernels over survivors;
 *       {@link coppice.kernels.Crossover} chooses, by what {@code Timing} measures.
 *   <li>{@code Cublas}: a {@code Multiplication} by NVIDIA's library instead, the only one whose products may be TF32
 *       ({@link coppice.engine.Precision}, the setting {@code precision} of a run). {@code NvidiaLibrary} finds it, of CUDA 12 or 13;
 *       {@code SharedObject} changes JCuda's own, which is for 12, where 13 is there. {@code Cusparse}: products of survivors, to compare ours with.
 * </ol>
 *
 * <h2>One kernel, from the operation to the GPU</h2>
 *
 * <p>{@code Elementwise.relu(x)} is an operation of the engine; its forward calls {@code backend.map(RELU, n, x, y)}.
 * {@code CudaBackend.map} checks that both buffers are long enough and hands their addresses to {@code ElementwiseKernels.map}, which asks for
 * {@code map_relu} with a thread for each element, in blocks of 256: {@code Grid.threads(n)}. This {@code Launch} waits in
 * {@code ReplayingDevice} for others to go with; then {@code DriverDevice} has {@code Gpu} find the kernel in
 * {@code ElementwiseKernels.ptx}, which the driver compiled for this GPU when the first kernel of the file was wanted, and puts it into the
 * stream. In {@code ElementwiseKernels.cu} the line {@code MAP(relu, v <= 0 ? 0 : v)} stands for
 *
 * <pre>{@code
 * KERNEL(map_relu, int n, const float* x, float* y) {
 *     unsigned i = element();          // this thread's number in the grid
 *     if (i < n) {                     // the last block has threads too many
 *         float v = x[i];
 *         y[i] = v <= 0 ? 0 : v;
 *     }
 * }
 * }</pre>
 *
 * <p>and that is, after nvcc, some twenty instructions of PTX in {@code src/main/resources}: {@code ld.global.f32}, {@code setp.le.f32},
 * {@code selp.f32}, {@code st.global.f32} behind the address arithmetic.
 *
 * <h2>Changing a kernel</h2>
 *
 * <p>{@code kernels/compile-cuda} writes the PTX anew, where there is nvcc; {@code AssemblyTest} fails if it was forgotten, and assembles every
 * kernel for the generations of GPUs from 7.5 to 9.0, none of which may spill registers. {@code EmulatedDevice} (src/test) runs the same .cu
 * files on the CPU, a fiber for each thread, with barriers and shuffles as a GPU has them; with it the whole backend, this package's Java
 * included, passes the contract of backends and trains networks without a GPU, its threads in several orders. {@code PlantedFaultsTest} shows
 * what it finds. {@code DriverTest} does the same through JCuda, over a driver that emulates one (src/test/cuda/driver.cpp), and a cuBLAS and a
 * cuSPARSE that do (cublas.cpp, cusparse.cpp). On a GPU, {@code JAVA_TOOL_OPTIONS=-Dcoppice.cuda.graphs=off imp/coppice run …} launches each kernel
 * by itself, to see whether a fault lies in the graphs. {@code coppice.cuda.cublas}, which is {@code on}, {@code off} or {@code all}, says which
 * dense products of matrices cuBLAS makes; {@code coppice.cuda.cusparse}, {@code off}, {@code 1}, {@code 2} or {@code 3}, by which algorithm
 * cuSPARSE makes those of survivors; {@code coppice.cuda.libraries} names the one folder in which both are looked for.
 *
 * <p>Same bits on the same device: every sum has an order that depends on shapes alone, atomic additions are of whole numbers, and a run keeps the
 * crossovers by which it chose its kernels. Another version of cuBLAS, or none, may round otherwise; {@code coppice info} says which is found, and
 * a run's {@code crossovers.csv} names the one that its kernels were chosen beside.
 */
package coppice.kernels.cuda;
