/**
 * Networks and how they are trained. A {@link coppice.nn.Model} is a description; its values are {@link coppice.nn.Weights} on
 * a device or a {@link coppice.nn.Snapshot} off it, and nothing here knows of masks beyond carrying them.
 *
 * <p>Read: {@link coppice.nn.Layer}, {@link coppice.nn.Linear}, {@link coppice.nn.Conv2d} and {@link coppice.nn.BatchNorm2d}; {@link coppice.nn.Model} and {@code models}; {@link coppice.nn.Snapshot}
 * and {@link coppice.nn.Initialiser}; {@link coppice.nn.Optimiser}, {@link coppice.nn.Schedule}, {@link coppice.nn.Span};
 * {@link coppice.nn.Trainer}, one training step; {@link coppice.nn.Evaluation}; {@code data} for the examples.
 */
package coppice.nn;
