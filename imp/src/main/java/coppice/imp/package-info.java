/**
 * Iterative magnitude pruning, its controls and its reports.
 *
 * <p>Read: {@link coppice.imp.Imp}, the paper's algorithm; {@link coppice.imp.MagnitudePruning} and {@link coppice.imp.Masks};
 * {@code Training}, one training from a rewound start to the end, and {@code TrainingFiles}, which makes it skip or resume itself;
 * {@code Experiment}, what all trainings share; {@link coppice.imp.Run}, a run in its folder; {@link coppice.imp.MachineCrossovers}
 * and {@code RunCrossovers}, which remember the choice of kernels. Around them: {@code settings},
 * {@code store} (the files), {@code report} (the page) and {@code cli}.
 */
package coppice.imp;
