package coppice.imp;

import coppice.imp.settings.Spec;
import java.util.Locale;

/** A training whose loss is no longer a number. */
public final class DivergedException extends RuntimeException {

    /** @param what which loss: {@code loss}, {@code validation loss} */
    DivergedException(String what, double value, long iteration, Stage stage, Spec.Training training) {
        super("training diverged: the " + what + " is " + value + " at step " + iteration + " of " + stage + " (optimiser "
                + training.optimiser().name().toLowerCase(Locale.ROOT) + ", learning-rate " + training.learningRate() + ", warmup "
                + training.warmup() + ", batch " + training.batch() + ", momentum " + training.momentum() + ", weight-decay "
                + training.weightDecay() + "); a lower training.learning-rate or a longer training.warmup may help");
    }
}
