package coppice.kernels.cpu;

import java.util.List;

/**
 * The values of a buffer that are not in memory, but known how to compute from others that are. They are computed when it is known what is
 * done with them: on the way, by a kernel that reads them as a {@link Source}; or in one go with what follows, as a {@link Sink}; or else
 * when a kernel asks for their address.
 */
abstract class Deferred {

    private final List<NativeBuffer> operands;

    /** @param operands which stay as they are, even when they are released, until these values are written or forgotten */
    Deferred(List<NativeBuffer> operands) {
        this.operands = operands;
    }

    List<NativeBuffer> operands() {
        return operands;
    }

    /** Computes all values, to where they belong. */
    abstract void write(long to);
}
