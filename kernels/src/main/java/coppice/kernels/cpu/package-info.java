/**
 * The CPU backend: the kernels of {@link coppice.engine.Backend} on the Vector API, over native memory and a few spinning threads.
 *
 * <p>Read in this order:
 * <ol>
 *   <li>{@link coppice.kernels.cpu.CpuProvider}, {@link coppice.kernels.cpu.CpuBackend}: the way in. Buffers are checked against
 *       shapes here, once; everything below takes raw addresses and checks nothing.
 *   <li>{@code Memory}, {@code NativeBuffer}: the pool. {@code Blocks}: how images stand. {@code Workers}: the threads. {@code Vectors}:
 *       vectors and addresses. {@code Recorded}: tasks that are run again without the program, shared among the threads as {@code Sharing} finds
 *       to be fastest.
 *   <li>{@code Broadcast} and the kernels over it: {@code ElementwiseKernels} (over {@code UnaryLoops} and {@code BinaryLoops}),
 *       {@code ReductionKernels} (by a {@code ReductionPlan}), {@code LayoutKernels} (by a {@code PermutedWalk}), {@code MaskKernels},
 *       {@code SelectionKernels}; {@code Functions} for exp, log and their kin; {@code SoftmaxKernels}, {@code UpdateKernels}.
 *   <li>{@code PoolingKernels}, {@code BatchNormKernels}. What batch norm makes is {@code Deferred}: convolutions compute it as they read
 *       it, from a {@code Source}, and it need not be in memory. What a convolution makes, {@code ConvolvedImages}, and the gradient of a
 *       maximum, {@code PlacedImages}, are {@code MadeImages}, which wait until it is known what is done with them: sums and functions of them
 *       are taken in the cache, as a {@code Sink}. A sparse {@code ConvolvedWeight} waits for the input's gradient, and both are made in one go.
 *   <li>The matrix product: {@code Matmul} chooses by {@code Crossover} between {@code DenseProduct} (over {@code DenseTile}; over
 *       {@code FewRowsTile} for a classifier) and {@code SparseProduct} (over {@code SparseTile} and {@code SampledTile}, shared out by
 *       {@code Balance}); both read their right operand from a {@code Panel}, or in place. A masked weight goes through the dense one by {@code Scattering}.
 *   <li>Convolution: {@code Convolutions} chooses between {@code DenseConvolution}, with {@code DenseConvolutionWeight} (over
 *       {@code ConvolutionTile}), and {@code SparseConvolution} (over {@code SparseConvolutionTile}, or {@code InPlaceTile} with its {@code Edges} where no
 *       panel is needed, with the {@code Survivors} in its order, made once for a mask); all run over the bands of a {@code Sweep}, down and across by a {@code SweepLine}, and
 *       {@code LaneSums} adds up the lanes of weights' gradients.
 * </ol>
 *
 * <p>Adding a kernel: {@code CpuBackend} takes the address of an operand by {@code address}, or {@code images} where it may stand in blocks; of
 * what is changed in part by {@code changed}; of what is made anew by {@code result}, if it may stand in blocks, and otherwise by
 * {@code changed}. These see to it that values which wait, and those that wait for them, are computed first; {@code address} of a result does
 * not, and no line of the contract may notice: {@code RandomProgramTest} does, if the kernel is a step of its programs.
 *
 * <p>Whatever a kernel does to memory it does in a task of {@code Workers}, be it a few numbers: what it did itself would not be done again in
 * a step that is replayed. {@code BackendContractTest.givesTheSameBitsWhenReplayed} tells. A replayed step makes no objects, if tasks make none: what
 * they need is made before them. Neither must vectors become objects, which they do where they are handed to a method that the compiler does
 * not inline, since it is large, or since the call is seldom reached, as after a loop; and where they live from one loop to the next. So
 * loops use the Vector API itself, one to a method. {@code bench/run TrainingStep -prof gc} tells, once all is compiled.
 *
 * <p>Three things that the compiler does to a loop are not to be seen in it, and made sparse products up to a half slower; the machine code shows them
 * ({@code -XX:CompileCommand=print}). What is loaded or stored under a mask is checked against bounds, unless its address is
 * {@code & Vectors.ADDRESSES}. Masks and shuffles from static fields are loaded in every round of a loop that stores; before a long loop they are made
 * of constants ({@code LaneSums.has}). And a multiplication takes one operand from memory itself, without an instruction of its own, if that one
 * comes second ({@code u.fma(load, sum)}) and the first was not loaded either, or at the same time; a {@code blend} between load and use helps.
 *
 * <p>Same bits for any number of threads and from the first call to the last: work is split by tiles of the result, partial sums are
 * combined in tile order, and nothing is used whose value depends on whether the code is interpreted or compiled. The Vector
 * API's own exp, log and sums across lanes are of that kind, so they are written out here.
 */
package coppice.kernels.cpu;
