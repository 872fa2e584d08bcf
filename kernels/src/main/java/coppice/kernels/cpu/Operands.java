package coppice.kernels.cpu;

/** Memory for the operands of a product that is timed: zeros, since its time does not depend on the values. */
final class Operands {

    private final Memory memory;
    private final NativeBuffer all;
    private final long w;
    private final long x;
    private final long g;

    /** @param weights floats of w. @param inputs of x. @param outputs of g */
    Operands(Memory memory, int weights, int inputs, int outputs) {
        long xStart = Memory.capacity(weights);
        long gStart = xStart + Memory.capacity(inputs);
        memory.cannotRepeat();
        this.memory = memory;
        this.all = memory.allocate(Math.toIntExact(gStart + Memory.capacity(outputs)));
        this.w = all.address();
        this.x = w + 4 * xStart;
        this.g = w + 4 * gStart;
        Vectors.clear(w, (long) all.length());
    }

    long w() {
        return w;
    }

    long x() {
        return x;
    }

    long g() {
        return g;
    }

    void release() {
        memory.release(all);
    }
}
