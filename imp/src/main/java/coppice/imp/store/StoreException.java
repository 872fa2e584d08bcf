package coppice.imp.store;

import java.nio.file.Path;

/** A file of a run that cannot be read or written; the message names the file, what is wrong and what to do. */
public final class StoreException extends RuntimeException {

    public StoreException(Path file, String problem, String remedy) {
        super(file + ": " + problem + "; " + remedy);
    }

    public StoreException(Path file, String problem, String remedy, Throwable cause) {
        super(file + ": " + problem + "; " + remedy, cause);
    }
}
