package coppice.kernels.cpu;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.Crossover;
import coppice.kernels.cpu.Sweep.Images;

/**
 * Chooses the kernel for a face of a convolution, as {@link Matmul} does for a product: dense, over the survivors, or dense over
 * survivors scattered among zeros. Groups are convolutions of their own, one after the other.
 */
final class Convolutions {

    private final Workers workers;
    private final Memory memory;
    private final MaskKernels masks;
    private final DenseConvolution dense;
    private final SparseConvolution sparse;
    private final Crossover crossover;

    Convolutions(Workers workers, Memory memory, MaskKernels masks, Crossover crossover) {
        this.workers = workers;
        this.memory = memory;
        this.masks = masks;
        this.crossover = crossover;
        this.dense = new DenseConvolution(workers, memory);
        this.sparse = new SparseConvolution(workers, memory);
    }

    /** Whether the kernel over the survivors is chosen. */
    boolean isSparse(Face face, Form weight, Window window, int groups, Shape images) {
        return weight.isMasked() && groups == 1 && images.size() > 0 && weight.stored().size() > 0
                && crossover.isSparse(face, weight.mask(), window, groups, images, () -> ways(face, weight.shape(), window, images));
    }

    private Crossover.Ways ways(Face face, Shape weight, Window window, Shape images) {
        Shape output = window.output("convolve", images, weight.size(0));
        Images in = Images.of(images, Blocks.suit(images));
        Images out = Images.of(output, Blocks.suit(images));
        var its = new Operands(memory, weight.size(), images.size(), output.size());
        var x = new Source.Stored(its.x());
        var g = new Source.Stored(its.g());
        // In a step what is looked at is often computed into a panel; from memory, and so perhaps in place, is no slower.
        Source seenX = face == Face.INPUT ? x : (channel, at, floats, room) -> its.x() + at;
        Source seenG = face == Face.OUTPUT ? g : (channel, at, floats, room) -> its.g() + at;
        return new Crossover.Ways(mask -> sparse.run(face, mask, window, in, out, its.w(), seenX, seenG, Sink.NOTHING),
                mask -> throughDense(face, mask, window, 1, in, out, its.w(), x, g, Sink.NOTHING), its::release);
    }

    /**
     * @param blocked whether x and g stand in blocks
     * @param w       [O, C / groups, kh, kw], dense or the survivors
     * @param x       [C, H, W, N]; {@link Source.Stored} for the face INPUT
     * @param g       [O, H', W', N]; {@link Source.Stored} for the face OUTPUT
     * @param sink    for x or g as they are made; {@link Sink#NOTHING} unless {@link #handedOn}
     */
    void run(Face face, Form weight, Window window, int groups, Shape images, boolean blocked, long w, Source x, Source g, Sink sink) {
        Shape output = window.output("convolve", images, weight.shape().size(0));
        Images in = Images.of(images, blocked);
        Images out = Images.of(output, blocked);
        if (images.size() == 0 || weight.shape().size() == 0 || weight.stored().size() == 0) {
            clear(face, weight, images, output, w, x, g);
        } else if (!weight.isMasked()) {
            perGroup(face, weight.shape(), window, groups, in, out, w, x, g, sink);
        } else if (isSparse(face, weight, window, groups, images)) {
            sparse.run(face, weight.mask(), window, in, out, w, x, g, sink);
        } else {
            throughDense(face, weight.mask(), window, groups, in, out, w, x, g, sink);
        }
    }

    /** The faces INPUT and WEIGHT of images in blocks in one, where {@link #isOne}. @param dx where that of the input is written. @param dw likewise */
    void inputAndWeight(Form weight, Window window, Shape images, long w, Source x, Source g, long dx, Sink sink, long dw) {
        Shape output = window.output("convolve", images, weight.shape().size(0));
        sparse.inputAndWeight(weight.mask(), window, Images.of(images, true), Images.of(output, true), w, x, g, dx, sink, dw);
    }

    /** Whether the faces INPUT and WEIGHT are made in one go, of images in blocks and a single group. */
    boolean isOne(Form weight, Window window, Shape images) {
        return isSparse(Face.INPUT, weight, window, 1, images) && isSparse(Face.WEIGHT, weight, window, 1, images)
                && handedOn(Face.INPUT, weight, window, images) > 0;
    }

    /** The floats of a channel that a face hands on at a time, of images in blocks and a single group; 0 if it cannot. */
    int handedOn(Face face, Form weight, Window window, Shape images) {
        if (images.size() == 0 || weight.shape().size() == 0 || weight.stored().size() == 0) {
            return 0;
        }
        Images in = Images.of(images, true);
        Images out = Images.of(window.output("convolve", images, weight.shape().size(0)), true);
        Sweep first = Sweep.of(face, window, in, out).getFirst();
        return first.makesLines() ? first.lineFloatsMade() : 0;
    }

    /** The address of images that a face writes. */
    static long stored(Source images) {
        return ((Source.Stored) images).address();
    }

    /** Of nothing, every sum is 0. */
    private void clear(Face face, Form weight, Shape images, Shape output, long w, Source x, Source g) {
        workers.run(() -> {
            switch (face) {
                case OUTPUT -> Vectors.clear(stored(g), output.size());
                case INPUT -> Vectors.clear(stored(x), images.size());
                case WEIGHT -> Vectors.clear(w, weight.stored().size());
            }
        });
    }

    private void perGroup(Face face, Shape weight, Window window, int groups, Images images, Images output, long w, Source x, Source g,
            Sink sink) {
        int outputs = weight.size(0) / groups;
        int inputs = weight.size(1);
        Shape part = weight.with(0, outputs);
        for (int group = 0; group < groups; group++) {
            dense.run(face, part, window, images.channels(inputs), output.channels(outputs), w + 4L * group * part.size(),
                    x.from(group * inputs, group * inputs * images.channelBytes()), g.from(group * outputs, group * outputs * output.channelBytes()), sink);
        }
    }

    private void throughDense(Face face, Mask mask, Window window, int groups, Images images, Images output, long w, Source x, Source g,
            Sink sink) {
        NativeBuffer scratch = memory.allocate(mask.shape().size());
        try {
            long full = scratch.address();
            if (face == Face.WEIGHT) {
                perGroup(face, mask.shape(), window, groups, images, output, full, x, g, sink);
                masks.gather(mask, full, w);
            } else {
                masks.scatter(mask, w, full);
                perGroup(face, mask.shape(), window, groups, images, output, full, x, g, sink);
            }
        } finally {
            memory.release(scratch);
        }
    }
}
