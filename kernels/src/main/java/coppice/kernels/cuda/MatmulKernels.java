package coppice.kernels.cuda;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.kernels.Crossover;
import java.util.function.LongConsumer;

/** The faces of the product of matrices, of a weight [M, K] with n columns. Arguments are addresses on the device. */
final class MatmulKernels {

    private final Device device;
    private final KernelFile kernels;
    private final LayoutKernels layout;
    private final ReductionKernels reductions;
    private final DeviceMasks masks;
    private final Crossover crossover;
    private final Timing timing;

    MatmulKernels(Device device, LayoutKernels layout, ReductionKernels reductions, DeviceMasks masks, Crossover crossover, Timing timing) {
        this.device = device;
        this.kernels = new KernelFile(device, MatmulKernels.class);
        this.layout = layout;
        this.reductions = reductions;
        this.masks = masks;
        this.crossover = crossover;
        this.timing = timing;
    }

    /** With a masked weight. */
    void masked(Face face, Mask mask, int n, long w, long x, long g) {
        boolean isEmpty = mask.count() == 0 || n == 0;
        if (isEmpty) {
            byKernels(face, mask, n, w, x, g);
        } else if (crossover.isSparse(face, mask, () -> ways(face, mask.shape(), n))) {
            sparse(face, mask, n, w, x, g);
        } else {
            throughDense(face, mask, n, w, x, g);
        }
    }

    private Crossover.Ways ways(Face face, Shape weight, int n) {
        return timing.ways(weight.size(), weight.size(1) * n, weight.size(0) * n,
                (mask, w, x, g) -> sparse(face, mask, n, w, x, g), (mask, w, x, g) -> throughDense(face, mask, n, w, x, g));
    }

    private void throughDense(Face face, Mask mask, int n, long w, long x, long g) {
        layout.throughDense(face, mask, w, dense -> dense(face, mask.shape(), n, dense, x, g));
    }

    /** With at least one survivor. */
    private void sparse(Face face, Mask mask, int n, long w, long x, long g) {
        if (device.takesSurvivors(face)) {
            var survivors = new Multiplication.Survivors(mask, masks.rows(mask));
            device.multiply(new Multiplication(face, mask.shape().size(0), mask.shape().size(1), n, w, x, g, survivors));
        } else {
            byKernels(face, mask, n, w, x, g);
        }
    }

    private void byKernels(Face face, Mask mask, int n, long w, long x, long g) {
        int m = mask.shape().size(0);
        int k = mask.shape().size(1);
        boolean byFour = n % 4 == 0;
        String ofRows = byFour ? "survivors_by_four" : "survivors_by_one";
        switch (face) {
            case OUTPUT -> {
                DeviceMasks.Rows rows = masks.rows(mask);
                kernels.run(ofRows, ofRows(m, n, byFour), m, n, rows.order(), rows.starts(), rows.columns(), 0L, w, x, g);
            }
            case INPUT -> {
                DeviceMasks.Columns columns = masks.columns(mask);
                kernels.run(ofRows, ofRows(k, n, byFour), k, n, columns.order(), columns.starts(), columns.rows(), columns.places(), w, g, x);
            }
            case WEIGHT -> kernels.run(byFour ? "sampled_by_four" : "sampled_by_one", Grid.threads(mask.count()), mask.count(), k, n,
                    masks.positions(mask), x, g, w);
        }
    }

    /** A warp for each row, and for the columns that its lanes take. */
    private static Grid ofRows(int rows, int n, boolean byFour) {
        return new Grid(Math.ceilDiv(rows, Grid.THREADS / Grid.WARP), Math.ceilDiv(n, byFour ? 4 * Grid.WARP : Grid.WARP), 1);
    }

    /** With a dense weight. */
    void dense(Face face, Shape weight, int n, long w, long x, long g) {
        int m = weight.size(0);
        int k = weight.size(1);
        var product = new Multiplication(face, m, k, n, w, x, g);
        if (device.takes(product)) {
            device.multiply(product);
        } else {
            byKernels(face, m, k, n, w, x, g);
        }
    }

    private void byKernels(Face face, int m, int k, int n, long w, long x, long g) {
        switch (face) {
            case OUTPUT -> {
                var tiles = new Tiles(m, n, k, 1);
                inParts(tiles, g, to -> kernels.run("matmul_output_" + tiles.side(), tiles.grid(), m, k, n, w, x, to));
            }
            case INPUT -> {
                var tiles = new Tiles(k, n, m, 1);
                inParts(tiles, x, to -> kernels.run("matmul_input_" + tiles.side(), tiles.grid(), m, k, n, w, to, g));
            }
            case WEIGHT -> {
                var tiles = new Tiles(m, k, n, 1);
                inParts(tiles, w, to -> kernels.run("matmul_weight_" + tiles.side(), tiles.grid(), m, k, n, to, x, g));
            }
        }
    }

    /** Where there are several parts, each goes to a place of its own, and they are added up. */
    private void inParts(Tiles tiles, long result, LongConsumer run) {
        reductions.inParts(tiles.parts(), tiles.rows() * tiles.columns(), result, run);
    }
}
