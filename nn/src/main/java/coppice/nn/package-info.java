/**
 * Networks and how they are trained. A {@link coppice.nn.Model} is a description; its values are {@link coppice.nn.Weights} on
 * a device or a {@link coppice.nn.Snapshot} off it, and nothing here knows of masks beyond carrying them.
 *
 * <p>Read: {@link coppice.nn.Layer}, its {@link coppice.nn.Parameter}s and the {@link coppice.nn.Pass} it computes in; {@link coppice.nn.Linear}, {@link coppice.nn.Conv2d} and
 * {@link coppice.nn.BatchNorm2d}; how layers are put together, {@link coppice.nn.Sequential} (with {@link coppice.nn.Rectifiable}),
 * {@link coppice.nn.Residual}, {@link coppice.nn.Branches}; {@link coppice.nn.Model} and {@code models}; {@link coppice.nn.Snapshot},
 * {@link coppice.nn.Initialiser} and {@link coppice.nn.ScaleInitialiser}; {@link coppice.nn.Optimiser},
 * {@link coppice.nn.Schedule}, {@link coppice.nn.Span}, {@link coppice.nn.Loss}: a {@link coppice.nn.Recipe}; {@code data} for the examples;
 * {@link coppice.nn.Trainer}, one training step; {@link coppice.nn.Evaluation}.
 */
package coppice.nn;
