package coppice.kernels.cuda;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;

/** The faces of a convolution of images [C, H, W, N] with a weight [O, C / groups, kh, kw]. Arguments are addresses on the device. */
final class ConvolutionKernels {

    private final KernelFile kernels;
    private final DeviceMemory memory;
    private final LayoutKernels layout;
    private final ReductionKernels reductions;
    private final DeviceMasks masks;

    ConvolutionKernels(Device device, DeviceMemory memory, LayoutKernels layout, ReductionKernels reductions, DeviceMasks masks) {
        this.kernels = new KernelFile(device, ConvolutionKernels.class);
        this.memory = memory;
        this.layout = layout;
        this.reductions = reductions;
        this.masks = masks;
    }

    /** With a masked weight. */
    void masked(Face face, Mask mask, Window window, int groups, Shape images, long w, long x, long g) {
        Shape weight = mask.shape();
        if (DeviceMasks.isSparse(mask)) {
            sparse(face, mask, window, groups, images, w, x, g);
            return;
        }
        try (DeviceBuffer dense = memory.allocate(weight.size())) {
            if (face != Face.WEIGHT) {
                layout.scatter(mask, w, dense.address());
            }
            dense(face, weight, window, groups, images, dense.address(), x, g);
            if (face == Face.WEIGHT) {
                layout.gather(mask, dense.address(), w);
            }
        }
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
        int outputs = weight.size(0) / groups;
        int channels = weight.size(1);
        int outputPlane = window.output("convolve", images, 1).size();
        int[] sliding = WindowArguments.of(window, images);
        switch (face) {
            case OUTPUT -> {
                int side = Tiles.sideOf(outputs, outputPlane);
                kernels.run("convolve_output_" + side, Tiles.grid(outputs, outputPlane, side, groups), outputs, channels, sliding, w, x, g);
            }
            case INPUT -> {
                int side = Tiles.sideOf(channels, images.rowSize());
                kernels.run("convolve_input_" + side, Tiles.grid(channels, images.rowSize(), side, groups), outputs, channels, sliding, w, x, g);
            }
            case WEIGHT -> weight(weight, groups, outputs, channels, outputPlane, sliding, w, x, g);
        }
    }

    private void weight(Shape weight, int groups, int outputs, int channels, int outputPlane, int[] sliding, long w, long x, long g) {
        var tiles = new Tiles(outputs, weight.rowSize(), outputPlane, groups);
        String kernel = "convolve_weight_" + tiles.side();
        Grid grid = Tiles.grid(outputs, weight.rowSize(), tiles.side(), groups * tiles.parts());
        if (tiles.parts() == 1) {
            kernels.run(kernel, grid, groups, outputs, channels, sliding, w, x, g);
            return;
        }
        try (DeviceBuffer partial = memory.allocate(Math.multiplyExact(weight.size(), tiles.parts()))) {
            kernels.run(kernel, grid, groups, outputs, channels, sliding, partial.address(), x, g);
            reductions.addArrays(tiles.parts(), weight.size(), partial.address(), w);
        }
    }
}
