package coppice.kernels.cpu;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;

/**
 * Chooses the kernel for a face of a convolution, as {@link Matmul} does for a product: dense, over the survivors, or dense over
 * survivors scattered among zeros. Groups are convolutions of their own, one after the other.
 */
final class Convolutions {

    private final Memory memory;
    private final MaskKernels masks;
    private final DenseConvolution dense;
    private final SparseConvolution sparse;

    Convolutions(Workers workers, Memory memory, MaskKernels masks) {
        this.memory = memory;
        this.masks = masks;
        this.dense = new DenseConvolution(workers, memory);
        this.sparse = new SparseConvolution(workers, memory);
    }

    /** Whether the kernel over the survivors is chosen. */
    static boolean isSparse(Face face, Form weight, int groups) {
        return weight.isMasked() && groups == 1 && Crossover.isSparseConvolution(face, weight.mask().density());
    }

    /**
     * @param blocked whether x and g stand in blocks
     * @param w       [O, C / groups, kh, kw], dense or the survivors
     * @param x       [C, H, W, N]; {@link Source.Stored} for the face INPUT
     * @param g       [O, H', W', N]; {@link Source.Stored} for the face OUTPUT
     */
    void run(Face face, Form weight, Window window, int groups, Shape images, boolean blocked, long w, Source x, Source g) {
        Shape output = window.output("convolve", images, weight.shape().size(0));
        Images in = Images.of(images, blocked);
        Images out = Images.of(output, blocked);
        if (images.size() == 0 || weight.shape().size() == 0 || weight.stored().size() == 0) {
            clear(face, weight, images, output, w, x, g);
        } else if (!weight.isMasked()) {
            perGroup(face, weight.shape(), window, groups, in, out, w, x, g);
        } else if (isSparse(face, weight, groups)) {
            sparse.run(face, weight.mask(), window, in, out, w, x, g);
        } else {
            throughDense(face, weight.mask(), window, groups, in, out, w, x, g);
        }
    }

    /** The address of images that a face writes. */
    static long stored(Source images) {
        return ((Source.Stored) images).address();
    }

    /** Of nothing, every sum is 0. */
    private static void clear(Face face, Form weight, Shape images, Shape output, long w, Source x, Source g) {
        switch (face) {
            case OUTPUT -> Vectors.clear(stored(g), output.size());
            case INPUT -> Vectors.clear(stored(x), images.size());
            case WEIGHT -> Vectors.clear(w, weight.stored().size());
        }
    }

    private void perGroup(Face face, Shape weight, Window window, int groups, Images images, Images output, long w, Source x, Source g) {
        int outputs = weight.size(0) / groups;
        int inputs = weight.size(1);
        Shape part = weight.with(0, outputs);
        for (int group = 0; group < groups; group++) {
            dense.run(face, part, window, images.channels(inputs), output.channels(outputs), w + 4L * group * part.size(),
                    x.from(group * inputs, group * inputs * images.channelBytes()), g.from(group * outputs, group * outputs * output.channelBytes()));
        }
    }

    private void throughDense(Face face, Mask mask, Window window, int groups, Images images, Images output, long w, Source x, Source g) {
        NativeBuffer scratch = memory.allocate(mask.shape().size());
        try {
            long full = scratch.address();
            if (face == Face.WEIGHT) {
                perGroup(face, mask.shape(), window, groups, images, output, full, x, g);
                masks.gather(mask, full, w);
            } else {
                masks.scatter(mask, w, full);
                perGroup(face, mask.shape(), window, groups, images, output, full, x, g);
            }
        } finally {
            memory.release(scratch);
        }
    }
}
