package coppice.engine;

/** Operands whose shapes or masks do not fit the operation; the message names the operation and both. */
public final class ShapeException extends IllegalArgumentException {

    public ShapeException(String message) {
        super(message);
    }
}
