package coppice.engine;

/** Tensors used off their tape, after it was closed, or on two tapes or backends at once. */
public final class TapeException extends IllegalStateException {

    public TapeException(String message) {
        super(message);
    }
}
