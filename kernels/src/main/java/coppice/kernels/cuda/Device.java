package coppice.kernels.cuda;

import coppice.engine.BackendException;
import coppice.engine.Product.Face;
import java.lang.foreign.MemorySegment;

/**
 * What the backend asks of a GPU, and all of it: memory, copies, and kernels one after the other, some of which may be a library's. Behind it
 * stands the driver, or, in tests, an emulation that runs the same kernels on the CPU; so everything above is tested without a GPU.
 *
 * <p>Work is done in the order in which it was asked for. {@link #launch} may return before the kernel has run; {@link #download} returns
 * when everything before it has.
 */
interface Device extends AutoCloseable {

    /** What its maker calls it, and which library makes products on it: crossovers are remembered under this name. */
    String name();

    /** Which device it is, and by which driver it is used, in one sentence. */
    String description();

    /** The address of some memory of the device, at a multiple of 256; 0 if there is no room. */
    long allocate(long bytes);

    void free(long address);

    /** The bytes that could still be allocated, about. */
    long freeBytes();

    /** Copies to the device; the source may be changed as soon as this returns. */
    void upload(MemorySegment from, long to);

    /**
     * Takes over work that uploads, and launches nothing, to be done beside what is asked for meanwhile and has nothing to do with it. It
     * comes after all that was asked for before, and before all that is asked for when it is done.
     *
     * @return does the work; to be run once
     */
    Runnable beside(Runnable work);

    /** Copies from the device. */
    void download(long from, MemorySegment to);

    /** Runs a kernel. @throws BackendException if it cannot be run; from this call, or from a later one of any method */
    void launch(Launch launch);

    /** Whether a library makes this product; kernels make the others. */
    default boolean takes(Multiplication product) {
        return false;
    }

    /** Whether a library makes a face of the product with a masked weight. */
    default boolean takesSurvivors(Face face) {
        return false;
    }

    /** Has a product made that it {@link #takes}, or {@link #takesSurvivors}. It may return before that is done, as {@link #launch}. */
    default void multiply(Multiplication product) {
        throw new BackendException("cuda: " + name() + " has no library for " + product);
    }

    /** Returns when everything that was asked for has been done. */
    void finish();

    /** Frees everything. */
    @Override
    void close();
}
