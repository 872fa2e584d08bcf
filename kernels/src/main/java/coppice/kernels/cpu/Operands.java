package coppice.kernels.cpu;

/** Memory for the operands of a product that is timed: zeros, since its time does not depend on the values. */
final class Operands implements AutoCloseable {

    private final Memory memory;
    private final NativeBuffer w;
    private final NativeBuffer x;
    private final NativeBuffer g;

    /** @param weights floats of w. @param inputs of x. @param outputs of g */
    Operands(Memory memory, int weights, int inputs, int outputs) {
        this.memory = memory;
        this.w = zeros(weights);
        this.x = zeros(inputs);
        this.g = zeros(outputs);
    }

    private NativeBuffer zeros(int count) {
        NativeBuffer buffer = memory.allocate(count);
        Vectors.clear(buffer.address(), (long) count);
        return buffer;
    }

    long w() {
        return w.address();
    }

    long x() {
        return x.address();
    }

    long g() {
        return g.address();
    }

    @Override
    public void close() {
        memory.release(g);
        memory.release(x);
        memory.release(w);
    }
}
