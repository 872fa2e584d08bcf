package coppice.nn.data;

/** A data file, folder or download that cannot be used; the message names it, what is wrong with it and what is expected. */
public final class DataException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
