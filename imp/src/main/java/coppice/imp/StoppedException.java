package coppice.imp;

/** A run was asked to stop, and did, with everything saved that it needs to go on. */
public final class StoppedException extends RuntimeException {

    StoppedException(Stage stage, long iteration) {
        super("stopped at step " + iteration + " of " + stage);
    }
}
