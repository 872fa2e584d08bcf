package coppice.kernels.cpu;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.kernels.Crossover;

/** Chooses the kernel for a face of a matrix product: dense, over the survivors, or dense over survivors scattered among zeros. */
final class Matmul {

    private final Memory memory;
    private final MaskKernels masks;
    private final DenseProduct dense;
    private final SparseProduct sparse;
    private final Crossover crossover;

    Matmul(Workers workers, Memory memory, MaskKernels masks, Crossover crossover) {
        this.memory = memory;
        this.masks = masks;
        this.crossover = crossover;
        this.dense = new DenseProduct(workers, memory);
        this.sparse = new SparseProduct(workers, memory);
    }

    /** @param w [m, k], dense or the survivors. @param x [k, n]. @param g [m, n] */
    void run(Face face, Form weight, int n, long w, long x, long g) {
        int m = weight.shape().size(0);
        int k = weight.shape().size(1);
        if (!weight.isMasked()) {
            dense.run(face, m, k, n, w, x, g);
        } else if (crossover.isSparse(face, weight.mask(), () -> ways(face, m, k, n))) {
            sparse.run(face, weight.mask(), n, w, x, g);
        } else {
            throughDense(face, weight.mask(), n, w, x, g);
        }
    }

    private Crossover.Ways ways(Face face, int m, int k, int n) {
        var its = new Operands(memory, m * k, k * n, m * n);
        return new Crossover.Ways(mask -> sparse.run(face, mask, n, its.w(), its.x(), its.g()),
                mask -> throughDense(face, mask, n, its.w(), its.x(), its.g()), its::release);
    }

    private void throughDense(Face face, Mask mask, int n, long w, long x, long g) {
        int m = mask.shape().size(0);
        int k = mask.shape().size(1);
        if (DenseProduct.scatters(face, mask, n)) {
            dense.run(face, mask, n, w, x, g);
            return;
        }
        NativeBuffer scratch = memory.allocate(m * k);
        try {
            long full = scratch.address();
            if (face == Face.WEIGHT) {
                dense.run(face, m, k, n, full, x, g);
                masks.gather(mask, full, w);
            } else {
                masks.scatter(mask, w, full);
                dense.run(face, m, k, n, full, x, g);
            }
        } finally {
            memory.release(scratch);
        }
    }
}
