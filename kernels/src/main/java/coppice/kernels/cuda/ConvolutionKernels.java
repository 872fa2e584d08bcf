package coppice.kernels.cuda;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.Crossover;

/** The faces of a convolution of images [C, H, W, N] with a weight [O, C / groups, kh, kw]. Arguments are addresses on the device. */
final class ConvolutionKernels {

    /** Looks from each pixel of the result at the same one of the images: a product of matrices. */
    private static final Window PIXEL = Window.square(1, 1, 0);

    private final Device device;
    private final KernelFile kernels;
    private final LayoutKernels layout;
    private final ReductionKernels reductions;
    private final DeviceMasks masks;
    private final Crossover crossover;
    private final Timing timing;

    ConvolutionKernels(Device device, LayoutKernels layout, ReductionKernels reductions, DeviceMasks masks, Crossover crossover, Timing timing) {
        this.device = device;
        this.kernels = new KernelFile(device, ConvolutionKernels.class);
        this.layout = layout;
        this.reductions = reductions;
        this.masks = masks;
        this.crossover = crossover;
        this.timing = timing;
    }

    /** With a masked weight. */
    void masked(Face face, Mask mask, Window window, int groups, Shape images, long w, long x, long g) {
        boolean isEmpty = mask.count() == 0 || images.size() == 0;
        if (isEmpty || crossover.isSparse(face, mask, window, groups, images, () -> ways(face, mask.shape(), window, groups, images))) {
            sparse(face, mask, window, groups, images, w, x, g);
        } else {
            throughDense(face, mask, window, groups, images, w, x, g);
        }
    }

    private Crossover.Ways ways(Face face, Shape weight, Window window, int groups, Shape images) {
        return timing.ways(weight.size(), images.size(), window.output("convolve", images, weight.size(0)).size(),
                (mask, w, x, g) -> sparse(face, mask, window, groups, images, w, x, g),
                (mask, w, x, g) -> throughDense(face, mask, window, groups, images, w, x, g));
    }

    private void throughDense(Face face, Mask mask, Window window, int groups, Shape images, long w, long x, long g) {
        layout.throughDense(face, mask, w, dense -> dense(face, mask.shape(), window, groups, images, dense, x, g));
    }

    private void sparse(Face face, Mask mask, Window window, int groups, Shape images, long w, long x, long g) {
        int allOutputs = mask.shape().size(0);
        int outputs = allOutputs / groups;
        int channels = mask.shape().size(1);
        int[] sliding = WindowArguments.of(window, images);
        switch (face) {
            case OUTPUT -> {
                DeviceMasks.Rows rows = masks.rows(mask);
                kernels.run("sparse_output", elements(allOutputs, window.output("convolve", images, 1).size()), outputs, channels, sliding,
                        rows.starts(), rows.columns(), w, x, g);
            }
            case INPUT -> {
                DeviceMasks.Columns columns = masks.columns(mask);
                kernels.run("sparse_input", elements(images.size(0), images.rowSize()), outputs, channels, sliding, columns.starts(),
                        columns.rows(), columns.columns(), columns.places(), w, x, g);
            }
            case WEIGHT -> kernels.run("sparse_weight", Grid.blocks(mask.count()), outputs, channels, sliding, masks.positions(mask), x, g, w);
        }
    }

    /** A thread for each element of some channels, no block with elements of two. */
    private static Grid elements(int channels, int ofChannel) {
        return Grid.blocks((long) channels * Math.ceilDiv(ofChannel, Grid.THREADS));
    }

    /** With a dense weight. */
    void dense(Face face, Shape weight, Window window, int groups, Shape images, long w, long x, long g) {
        if (window.equals(PIXEL) && groups == 1) {
            var product = new Multiplication(face, weight.size(0), weight.size(1), images.rowSize(), w, x, g);
            if (device.takes(product)) {
                device.multiply(product);
                return;
            }
        }
        byKernels(face, weight, window, groups, images, w, x, g);
    }

    private void byKernels(Face face, Shape weight, Window window, int groups, Shape images, long w, long x, long g) {
        int outputs = weight.size(0) / groups;
        int channels = weight.size(1);
        int outputPlane = window.output("convolve", images, 1).size();
        int[] sliding = WindowArguments.of(window, images);
        switch (face) {
            case OUTPUT -> {
                Tiles tiles = Tiles.whole(outputs, outputPlane, groups);
                kernels.run("convolve_output_" + tiles.side(), tiles.grid(), outputs, channels, sliding, w, x, g);
            }
            case INPUT -> {
                Tiles tiles = Tiles.whole(channels, images.rowSize(), groups);
                kernels.run("convolve_input_" + tiles.side(), tiles.grid(), outputs, channels, sliding, w, x, g);
            }
            case WEIGHT -> {
                var tiles = new Tiles(outputs, weight.rowSize(), outputPlane, groups);
                reductions.inParts(tiles.parts(), weight.size(), w, to ->
                        kernels.run("convolve_weight_" + tiles.side(), tiles.grid(), groups, outputs, channels, sliding, to, x, g));
            }
        }
    }
}
