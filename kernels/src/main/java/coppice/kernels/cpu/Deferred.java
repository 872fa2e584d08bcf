package coppice.kernels.cpu;

import coppice.engine.Elementwise.Binary;
import java.util.List;

/**
 * The values of images that are not in memory, but known how to compute from others that are. A kernel that can compute them on the way
 * reads them as a {@link Source}; for any other they are written when it asks for their address.
 */
abstract class Deferred implements Source {

    private final List<NativeBuffer> operands;
    private final NativeBuffer constants;

    /**
     * @param operands  which must stay as they are until these values are written or forgotten
     * @param constants its own
     */
    Deferred(List<NativeBuffer> operands, NativeBuffer constants) {
        this.operands = operands;
        this.constants = constants;
    }

    List<NativeBuffer> operands() {
        return operands;
    }

    NativeBuffer constants() {
        return constants;
    }

    /** Computes all values, to where they belong. */
    abstract void write(long to);

    /** y = f(these, other), in one pass. @param other in the order of these, as y; not y itself */
    abstract void combine(Binary f, long other, long y);
}
