package coppice.imp;

import coppice.imp.settings.Spec;
import java.util.Locale;

/** A training whose loss is no longer a number. */
public final class DivergedException extends RuntimeException {

    /** @param what which loss: {@code loss}, {@code validation loss} */
    DivergedException(String what, double value, long iteration, Stage stage, Spec.Training training) {
        super("training diverged: the " + what + " is " + value + " at step " + iteration + " of " + stage + " (optimiser "
                + training.optimiser().name().toLowerCase(Locale.ROOT) + ", learning-rate " + training.learningRate() + ", warmup "
                + training.warmup() + ", batch " + training.batch() + ", " + moments(training) + ", weight-decay "
                + training.weightDecay() + "); a lower training.learning-rate or a longer training.warmup may help");
    }

    private static String moments(Spec.Training training) {
        return switch (training.optimiser()) {
            case SGD -> "momentum " + training.momentum();
            case ADAM -> "beta1 " + training.beta1() + ", beta2 " + training.beta2();
        };
    }
}
