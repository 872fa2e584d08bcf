package coppice.kernels.cuda;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.Buffer;
import coppice.engine.Crossovers;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.Crossover;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/**
 * The backend on a GPU. Tensors stand there as they are seen, row-major. Each method checks that its buffers are this backend's, alive and
 * long enough, and hands their addresses to a kernel; nothing is checked after that.
 */
public final class CudaBackend implements Backend {

    /** To be raised when kernels change their speed, so that what was measured of others is not believed any more. */
    private static final int REVISION = 1;

    private static final int SMALL = 1024;

    private final String name;
    private final NotingDevice device;
    private final DeviceMemory memory;
    private final ElementwiseKernels elementwise;
    private final ReductionKernels reductions;
    private final LayoutKernels layout;
    private final SelectionKernels selection;
    private final MatmulKernels matmul;
    private final ConvolutionKernels convolutions;
    private final PoolingKernels pooling;
    private final BatchNormKernels batchNorm;
    private final SoftmaxKernels softmax;
    private final UpdateKernels updates;

    /** @param name as its provider calls it. @param itself closed with the backend. @param crossovers null for constants */
    CudaBackend(String name, Device itself, Crossovers crossovers) {
        this.name = name;
        device = new NotingDevice(itself);
        memory = new DeviceMemory(device);
        var masks = new DeviceMasks(device, memory);
        var crossover = new Crossover("cuda-" + REVISION + " " + device.name().replace(',', ' '), CudaBackend::crossover, crossovers);
        var timing = new Timing(device, memory);
        elementwise = new ElementwiseKernels(device);
        reductions = new ReductionKernels(device, memory);
        layout = new LayoutKernels(device, memory, elementwise, masks);
        selection = new SelectionKernels(device, memory, elementwise);
        matmul = new MatmulKernels(device, layout, reductions, masks, crossover, timing);
        convolutions = new ConvolutionKernels(device, layout, reductions, masks, crossover, timing);
        pooling = new PoolingKernels(device);
        batchNorm = new BatchNormKernels(device, memory);
        softmax = new SoftmaxKernels(device);
        updates = new UpdateKernels(device);
    }

    /**
     * By counting, not by measuring: a dense kernel does some ten multiplications for each number that it loads, a sparse one does one. Small
     * weights are not worth a dense copy of themselves.
     */
    private static double crossover(Face face, Shape weight) {
        return weight.size() <= SMALL ? 1 : 0.2;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String toString() {
        return name();
    }

    /** The bytes in buffers, kernels' own included. */
    public long bytesInUse() {
        return memory.bytesInUse();
    }

    /** The bytes taken from the device: in use, or waiting for reuse. */
    public long bytesHeld() {
        return memory.bytesHeld();
    }

    @Override
    public Buffer allocate(int length) {
        return memory.allocate(length);
    }

    @Override
    public void release(Buffer buffer) {
        memory.release(own("release", "buffer", buffer));
    }

    @Override
    public void write(Buffer to, float[] from, int count) {
        device.upload(MemorySegment.ofArray(from).asSlice(0, (long) count * Float.BYTES), address("write", "to", to, count));
    }

    @Override
    public void read(Buffer from, float[] to, int count) {
        device.download(address("read", "from", from, count), MemorySegment.ofArray(to).asSlice(0, (long) count * Float.BYTES));
    }

    @Override
    public Recording record(Runnable work) {
        return Recorded.of(work, device, memory);
    }

    @Override
    public void finish(Buffer buffer) {
        own("finish", "buffer", buffer).address();
        device.finish();
    }

    @Override
    public Runnable beside(BooleanSupplier piece) {
        return device.beside(Backend.super.beside(piece));
    }

    @Override
    public void fill(Buffer y, float value) {
        elementwise.fill(y.length(), value, address("fill", "y", y, y.length()));
    }

    @Override
    public void map(Unary f, int n, Buffer x, Buffer y) {
        elementwise.map(f, n, address("map", "x", x, n), address("map", "y", y, n));
    }

    @Override
    public void affine(float scale, float shift, int n, Buffer x, Buffer y) {
        elementwise.affine(scale, shift, n, address("affine", "x", x, n), address("affine", "y", y, n));
    }

    @Override
    public void combine(Binary f, Shape shape, Shape aShape, Buffer a, Shape bShape, Buffer b, Buffer y) {
        elementwise.combine(f, shape, aShape, address("combine", "a", a, aShape), bShape, address("combine", "b", b, bShape),
                address("combine", "y", y, shape));
    }

    @Override
    public void expand(Shape from, Buffer x, Shape to, Buffer y) {
        layout.expand(from, address("expand", "x", x, from), to, address("expand", "y", y, to));
    }

    @Override
    public void sum(Shape from, Buffer x, Shape to, Buffer y) {
        reductions.sum(from, address("sum", "x", x, from), to, address("sum", "y", y, to));
    }

    @Override
    public void max(Shape from, Buffer x, Shape to, Buffer y) {
        reductions.max(from, address("max", "x", x, from), to, address("max", "y", y, to));
    }

    @Override
    public void permute(Shape from, int[] axes, Buffer x, Buffer y) {
        layout.permute(from, axes, address("permute", "x", x, from), address("permute", "y", y, from));
    }

    @Override
    public void copyRows(int rows, int length, Buffer x, int xAt, int xStride, Buffer y, int yAt, int yStride) {
        layout.copyRows(rows, length, row("x", rows, length, x, xAt, xStride), xStride, row("y", rows, length, y, yAt, yStride), yStride);
    }

    /** The address of the first of some rows. */
    private long row(String role, int rows, int length, Buffer buffer, int at, int stride) {
        long end = rows == 0 ? 0 : at + (rows - 1L) * stride + length;
        return address("copyRows", role, buffer, end) + (long) at * Float.BYTES;
    }

    @Override
    public void scatter(Mask mask, Buffer values, Buffer dense) {
        layout.scatter(mask, address("scatter", "values", values, mask.count()), address("scatter", "dense", dense, mask.shape()));
    }

    @Override
    public void gather(Mask mask, Buffer dense, Buffer values) {
        layout.gather(mask, address("gather", "dense", dense, mask.shape()), address("gather", "values", values, mask.count()));
    }

    @Override
    public void keepLargest(int kept, int n, Buffer x, Buffer y) {
        if (kept < 0 || kept > n) {
            throw new BackendException("cuda: keepLargest can keep 0 to " + n + " of " + n + " values, got " + kept);
        }
        selection.keepLargest(kept, n, address("keepLargest", "x", x, n), address("keepLargest", "y", y, n));
    }

    @Override
    public void matmul(Face face, Form weight, int n, Buffer w, Buffer x, Buffer g) {
        long weights = address("matmul", "w", w, weight.stored());
        long inputs = address("matmul", "x", x, (long) weight.shape().size(1) * n);
        long outputs = address("matmul", "g", g, (long) weight.shape().size(0) * n);
        if (weight.isMasked()) {
            matmul.masked(face, weight.mask(), n, weights, inputs, outputs);
        } else {
            matmul.dense(face, weight.shape(), n, weights, inputs, outputs);
        }
    }

    @Override
    public void convolve(Face face, Form weight, Window window, int groups, Shape images, Buffer w, Buffer x, Buffer g) {
        long weights = address("convolve", "w", w, weight.stored());
        long inputs = address("convolve", "x", x, images);
        long outputs = address("convolve", "g", g, window.output("convolve", images, weight.shape().size(0)));
        if (weight.isMasked()) {
            convolutions.masked(face, weight.mask(), window, groups, images, weights, inputs, outputs);
        } else {
            convolutions.dense(face, weight.shape(), window, groups, images, weights, inputs, outputs);
        }
    }

    @Override
    public void pick(Window window, Shape images, Buffer x, Buffer v, Buffer y) {
        pooling.pick(window, images, address("pick", "x", x, images), address("pick", "v", v, images),
                address("pick", "y", y, pooled(window, images)));
    }

    @Override
    public void place(Window window, Shape images, Buffer x, Buffer g, Buffer dx) {
        pooling.place(window, images, address("place", "x", x, images), address("place", "g", g, pooled(window, images)),
                address("place", "dx", dx, images));
    }

    @Override
    public void sumWindow(Window window, Shape images, Buffer x, Buffer y) {
        pooling.sumWindow(window, images, address("sumWindow", "x", x, images), address("sumWindow", "y", y, pooled(window, images)));
    }

    @Override
    public void spread(Window window, Shape images, Buffer g, Buffer dx) {
        pooling.spread(window, images, address("spread", "g", g, pooled(window, images)), address("spread", "dx", dx, images));
    }

    private static Shape pooled(Window window, Shape images) {
        return window.output("pooling", images, images.size(0));
    }

    @Override
    public void moments(Shape shape, Buffer x, Buffer moments) {
        batchNorm.moments(shape, address("moments", "x", x, shape), address("moments", "moments", moments, 2L * shape.size(0)));
    }

    @Override
    public void followMoments(int channels, int n, float share, Buffer moments, Buffer mean, Buffer variance) {
        batchNorm.followMoments(channels, n, share, address("followMoments", "moments", moments, 2L * channels),
                address("followMoments", "mean", mean, channels), address("followMoments", "variance", variance, channels));
    }

    @Override
    public void normalise(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer y) {
        batchNorm.normalise(shape, epsilon, rectified, address("normalise", "x", x, shape),
                address("normalise", "moments", moments, 2L * shape.size(0)), address("normalise", "scale", scale, shape.size(0)),
                address("normalise", "shift", shift, shape.size(0)), address("normalise", "y", y, shape));
    }

    @Override
    public void normaliseSums(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer g,
            Buffer sums) {
        batchNorm.normaliseSums(shape, epsilon, rectified, address("normaliseSums", "x", x, shape),
                address("normaliseSums", "moments", moments, 2L * shape.size(0)),
                rectified ? address("normaliseSums", "scale", scale, shape.size(0)) : 0,
                rectified ? address("normaliseSums", "shift", shift, shape.size(0)) : 0,
                address("normaliseSums", "g", g, shape), address("normaliseSums", "sums", sums, 2L * shape.size(0)));
    }

    @Override
    public void normaliseInput(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer g,
            Buffer sums, Buffer dx) {
        batchNorm.normaliseInput(shape, epsilon, rectified, address("normaliseInput", "x", x, shape),
                address("normaliseInput", "moments", moments, 2L * shape.size(0)), address("normaliseInput", "scale", scale, shape.size(0)),
                rectified ? address("normaliseInput", "shift", shift, shape.size(0)) : 0, address("normaliseInput", "g", g, shape),
                address("normaliseInput", "sums", sums, 2L * shape.size(0)), address("normaliseInput", "dx", dx, shape));
    }

    @Override
    public void softmax(Shape shape, Buffer z, Buffer p) {
        softmax.softmax(shape, address("softmax", "z", z, shape), address("softmax", "p", p, shape));
    }

    @Override
    public void logSoftmax(Shape shape, Buffer z, Buffer y) {
        softmax.logSoftmax(shape, address("logSoftmax", "z", z, shape), address("logSoftmax", "y", y, shape));
    }

    @Override
    public void softmaxCrossEntropy(Shape shape, Buffer z, Buffer t, Buffer loss) {
        softmax.softmaxCrossEntropy(shape, address("softmaxCrossEntropy", "z", z, shape), address("softmaxCrossEntropy", "t", t, shape),
                address("softmaxCrossEntropy", "loss", loss, shape.size(1)));
    }

    @Override
    public void softmaxCrossEntropyInput(Shape shape, Buffer z, Buffer t, Buffer g, Buffer dz) {
        softmax.softmaxCrossEntropyInput(shape, address("softmaxCrossEntropyInput", "z", z, shape), address("softmaxCrossEntropyInput", "t", t, shape),
                address("softmaxCrossEntropyInput", "g", g, shape.size(1)), address("softmaxCrossEntropyInput", "dz", dz, shape));
    }

    @Override
    public void sgd(Sgd step, int n, Buffer w, Buffer gradient, Buffer velocity) {
        updates.sgd(step, address("sgd", "rate", step.rate(), 1), n, address("sgd", "w", w, n), address("sgd", "gradient", gradient, n),
                velocity == null ? 0 : address("sgd", "velocity", velocity, n));
    }

    @Override
    public void adam(Adam step, int n, Buffer w, Buffer gradient, Buffer mean, Buffer square) {
        updates.adam(step, address("adam", "scales", step.scales(), 2), n, address("adam", "w", w, n),
                address("adam", "gradient", gradient, n), address("adam", "mean", mean, n), address("adam", "square", square, n));
    }

    private long address(String kernel, String role, Buffer buffer, Shape shape) {
        return address(kernel, role, buffer, shape.size());
    }

    /** The address of a buffer of at least {@code count} floats. */
    private long address(String kernel, String role, Buffer buffer, long count) {
        DeviceBuffer own = own(kernel, role, buffer);
        if (count < 0 || count > own.length()) {
            throw new BackendException("cuda: " + kernel + " needs " + count + " floats of " + role + ", got " + own);
        }
        return own.address();
    }

    private DeviceBuffer own(String kernel, String role, Buffer buffer) {
        if (buffer instanceof DeviceBuffer own && own.belongsTo(memory)) {
            memory.use(own);
            return own;
        }
        throw new BackendException("cuda: " + role + " of " + kernel + " must be a buffer of this backend, got " + buffer);
    }

    @Override
    public void close() {
        if (!memory.isClosed()) {
            memory.close();
            device.close();
        }
    }
}
