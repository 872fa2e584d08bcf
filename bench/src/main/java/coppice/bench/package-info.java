/**
 * Benchmarks, by JMH. Read first {@link coppice.bench.TrainingStep}, whole training steps against the density, which is what a run costs;
 * then what a step is made of: {@link coppice.bench.DenseProduct}, {@link coppice.bench.SparseProduct} and {@link
 * coppice.bench.Convolution} (over {@link coppice.bench.ProductBenchmark}), {@link coppice.bench.Passes}; {@link
 * coppice.bench.MaskChange}, what a new mask costs. Products are checked against plain loops before they are timed.
 *
 * <p>{@link coppice.bench.Suite} runs them: {@code bench/run [name…]}. {@link coppice.bench.Limits} measures in the same run what the machine
 * can do; {@code Works} says what each benchmark has to do at least, and so {@code Machine} knows its floor; {@code Tables} and {@code
 * SpeedUps} write what is found under {@code bench/results/}.
 *
 * <p>{@link coppice.bench.StepSplit}, {@code bench/run --split}, says where the time of a step goes. {@code bench/src/peers} has the same
 * products by OpenBLAS and libtorch, and {@code bench/src/peers/python/training_step.py} measures PyTorch's training steps and these turn
 * by turn.
 */
package coppice.bench;
