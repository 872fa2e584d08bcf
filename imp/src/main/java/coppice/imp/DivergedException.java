package coppice.imp;

import coppice.imp.settings.Spec;

/** A training whose loss is no longer a number. */
public final class DivergedException extends RuntimeException {

    DivergedException(double loss, long iteration, Stage stage, Spec.Training training) {
        super("training diverged: the loss is " + loss + " at step " + iteration + " of " + stage + " (optimiser "
                + training.optimiser().name().toLowerCase() + ", learning-rate " + training.learningRate() + ", warmup " + training.warmup()
                + ", batch " + training.batch() + ", momentum " + training.momentum() + ", weight-decay " + training.weightDecay()
                + "); a lower training.learning-rate or a longer training.warmup may help");
    }
}
