package coppice.engine;

/**
 * Floats that belong to a backend. What stands behind it (an array, native memory, device memory) and in which order is the
 * backend's own business; everyone else moves values with {@link Backend#write} and {@link Backend#read}.
 */
public interface Buffer {

    /** The number of floats. */
    int length();
}
