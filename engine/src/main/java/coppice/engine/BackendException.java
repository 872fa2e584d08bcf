package coppice.engine;

/** A backend that does not exist, cannot be used on this machine, or ran out of what it needs. */
public final class BackendException extends RuntimeException {

    public BackendException(String message) {
        super(message);
    }
}
