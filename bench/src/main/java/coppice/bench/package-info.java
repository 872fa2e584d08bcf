/**
 * Benchmarks, by JMH. {@link coppice.bench.TrainingStep} measures whole training steps against the density, which is what a run costs;
 * {@link coppice.bench.MatMul} and {@link coppice.bench.Convolution} the products inside them. Each checks a result before it is timed.
 *
 * <p>Run them with {@code bench/run [name…]}, which prints the tables and keeps them under {@code bench/results/}.
 * {@code bench/src/peers/python/training_step.py} measures PyTorch's training steps and these turn by turn.
 */
package coppice.bench;
