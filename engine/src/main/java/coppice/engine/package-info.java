/**
 * The engine: tensors, dense and masked, and reverse-mode autograd of any order over them.
 *
 * <p>Read in this order:
 * <ol>
 *   <li>{@link coppice.engine.Shape}, {@link coppice.engine.Mask}, {@link coppice.engine.Form}: what a tensor looks like. A masked
 *       tensor stores one value for each surviving position; a pruned weight does not exist.
 *   <li>{@link coppice.engine.Tensor}: values of a form on a backend.
 *   <li>{@link coppice.engine.Op} and its families, the table of contents: {@link coppice.engine.Elementwise},
 *       {@link coppice.engine.Product}, {@link coppice.engine.Convolution}, {@link coppice.engine.Pooling},
 *       {@link coppice.engine.BatchNorm}, {@link coppice.engine.Reduction}, {@link coppice.engine.Layout},
 *       {@link coppice.engine.Masking}, {@link coppice.engine.Classification}. One operation is one record: shape, forward, backward.
 *   <li>{@link coppice.engine.Tape}: the list of what ran, walked backwards; {@link coppice.engine.Hessian} on top of it.
 *   <li>{@link coppice.engine.Backend}, the contract of a device, {@link coppice.engine.Reference}, its plain meaning, and {@link
 *       coppice.engine.Crossovers}, which remember where a backend's sparse kernels pay.
 *   <li>{@link coppice.engine.Seed}: randomness named by path.
 * </ol>
 *
 * <p>Decisions that everything else follows from:
 * <ul>
 *   <li>Features first, batch last: an activation is {@code [features, N]} or {@code [C, H, W, N]}, a weight {@code [out, in]} or
 *       {@code [out, in, kh, kw]}. All three products of sparse training then run along the contiguous batch.
 *   <li>Mask-awareness lives in three places only: storage ({@code Mask}, {@code Form}, {@code Tensor}), the bilinear family, and
 *       the kernels behind it. Layers, losses and optimisers see a shorter buffer and nothing else.
 *   <li>Two lifetimes: parameters live as long as the model, everything else belongs to a step and goes back to the backend's
 *       pool when its tape is closed. A backend may record a step and replay it ({@link coppice.engine.Backend#record}): what changes from
 *       step to step therefore stands in buffers, the learning rate too.
 *   <li>Same backend, same machine, same seed: same bits, for any number of threads. Sums are split by a rule that does not know
 *       how many threads there are.
 *   <li>The engine defines the contract and its plain meaning; kernels implement it and are found by
 *       {@link java.util.ServiceLoader}. Without them everything still runs, slowly.
 * </ul>
 */
package coppice.engine;
