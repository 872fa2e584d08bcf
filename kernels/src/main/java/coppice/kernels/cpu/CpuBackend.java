package coppice.kernels.cpu;

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
import coppice.kernels.cpu.BatchNormKernels.Channels;
import java.util.function.BooleanSupplier;

/**
 * The backend on the CPU's vectors. Tensors are stored as they are seen, row-major, but for images, which stand in {@link Blocks}. Each
 * method checks that its buffers are this backend's, alive and long enough, and hands their addresses to a kernel; nothing is checked
 * after that. Results that another kernel can compute on its way, of convolutions and batch norm, are {@link Deferred} until it is known
 * which one does.
 */
public final class CpuBackend implements Backend {

    /** To be raised when kernels change their speed, so that what was measured of others is not believed any more. */
    private static final int REVISION = 17;

    private final Workers workers;
    private final Memory memory;
    private final Blocks blocks;
    private final ElementwiseKernels elementwise;
    private final ReductionKernels reductions;
    private final LayoutKernels layout;
    private final MaskKernels masks;
    private final SelectionKernels selection;
    private final Matmul matmul;
    private final Convolutions convolutions;
    private final PoolingKernels pooling;
    private final BatchNormKernels batchNorm;
    private final SoftmaxKernels softmax;
    private final UpdateKernels updates;

    /** With constants for crossovers. @param threads how many threads kernels may use, at least 1 */
    CpuBackend(int threads) {
        this(threads, null);
    }

    /** @param threads how many threads kernels may use, at least 1. @param crossovers null for constants */
    CpuBackend(int threads, Crossovers crossovers) {
        var crossover = new Crossover("cpu-" + REVISION + "-" + 8 * Vectors.BYTES, CpuBackend::crossover, crossovers);
        workers = new Workers(threads);
        memory = new Memory(workers);
        elementwise = new ElementwiseKernels(workers, memory);
        reductions = new ReductionKernels(workers);
        layout = new LayoutKernels(workers);
        blocks = new Blocks(memory, layout);
        masks = new MaskKernels(workers);
        selection = new SelectionKernels(workers);
        matmul = new Matmul(workers, memory, masks, crossover);
        convolutions = new Convolutions(workers, memory, masks, crossover);
        pooling = new PoolingKernels(workers);
        batchNorm = new BatchNormKernels(workers, memory);
        softmax = new SoftmaxKernels(workers, memory);
        updates = new UpdateKernels(workers);
    }

    /** What was found for a few shapes on a Xeon at 2.6 GHz with 512-bit vectors. */
    private static double crossover(Face face, Shape weight) {
        boolean matrices = weight.rank() == 2;
        return switch (face) {
            case OUTPUT -> matrices ? 0.55 : 0.58;
            case INPUT -> matrices ? 0.55 : 0.57;
            case WEIGHT -> matrices ? 0.42 : 0.45;
        };
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public String toString() {
        return name();
    }

    /** The bytes in buffers whose values are in memory and needed, kernels' own included; none for those that are deferred. */
    public long bytesInUse() {
        return memory.use().inUse();
    }

    /** The largest number of bytes in buffers so far. */
    public long peakBytesInUse() {
        return memory.use().peakInUse();
    }

    /** The bytes taken from the system: in use, or waiting for reuse. */
    public long bytesHeld() {
        return memory.use().held();
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
        memory.cannotRepeat();
        NativeBuffer own = own("write", "to", to, count);
        // What is overwritten as a whole need not be put in rows before, which would be a kernel, and may be written beside those.
        Vectors.copy(from, count == own.length() ? overwritten(own, 0) : changed("write", "to", to, count), count);
    }

    @Override
    public void read(Buffer from, float[] to, int count) {
        memory.cannotRepeat();
        Vectors.copy(address("read", "from", from, count), to, count);
    }

    @Override
    public Recording record(Runnable work) {
        return Recorded.of(work, workers, memory);
    }

    @Override
    public void finish(Buffer buffer) {
        own("finish", "buffer", buffer).address();
    }

    @Override
    public Runnable beside(BooleanSupplier piece) {
        return workers.offer(piece);
    }

    @Override
    public void fill(Buffer y, float value) {
        elementwise.fill(y.length(), value, changed("fill", "y", y, y.length()));
    }

    @Override
    public void map(Unary f, int n, Buffer x, Buffer y) {
        if (joins(f, n, x, y)) {
            return;
        }
        elementwise.map(f, n, inAnyOrder("map", x, n, y), inOrderOf("map", y, n, x));
    }

    @Override
    public void affine(float scale, float shift, int n, Buffer x, Buffer y) {
        elementwise.affine(scale, shift, n, inAnyOrder("affine", x, n, y), inOrderOf("affine", y, n, x));
    }

    @Override
    public void combine(Binary f, Shape shape, Shape aShape, Buffer a, Shape bShape, Buffer b, Buffer y) {
        boolean blocked = Blocks.suit(shape) && (standsInBlocks(shape, aShape, a) || standsInBlocks(shape, bShape, b));
        if (blocked && (joins(f, shape, aShape, a, bShape, b, y) || f.isSymmetric() && joins(f, shape, bShape, b, aShape, a, y))) {
            return;
        }
        if (blocked && aShape.equals(bShape) && a != b && y != a && y != b && own("combine", "a", a).deferred() instanceof Source) {
            long other = images("combine", "b", b, shape, true);
            long to = result("combine", "y", y, shape, true);
            if (own("combine", "a", a).deferred() instanceof BatchNormKernels.ByChannel values) {    // y was not what they are computed from
                values.combine(f, other, to);
                return;
            }
        }
        elementwise.combine(f, seen(shape, shape, blocked),
                seen(shape, aShape, blocked), operand("combine", "a", a, shape, aShape, blocked),
                seen(shape, bShape, blocked), operand("combine", "b", b, shape, bShape, blocked),
                result("combine", "y", y, shape, blocked));
    }

    /** Has y = f(a, b) computed when a is made; false if it is not waiting to be. */
    private boolean joins(Binary f, Shape shape, Shape aShape, Buffer a, Shape bShape, Buffer b, Buffer y) {
        boolean perChannel = bShape.equals(Shape.of(shape.size(0), 1, 1, 1));
        MadeImages made = waiting(a, shape);
        if (a == b || y == a || y == b || !aShape.equals(shape) || !(bShape.equals(shape) || perChannel) || made == null || made.isJoined()) {
            return false;
        }
        NativeBuffer own = own("combine", "y", y, shape.size());
        NativeBuffer other = own("combine", "b", b, bShape.size());
        if (perChannel) {
            long values = address("combine", "b", b, bShape);
            other = elementwise.repeated(shape.size(0), values);
        } else {
            images("combine", "b", b, shape, true);
        }
        result("combine", "y", y, shape, true);
        MadeImages values = waiting(a, shape);
        if (values != null) {                    // y was not what they are made from
            long operand = other.address();
            memory.defer(own, values.then(perChannel
                    ? (channel, at, floats, to) -> BinaryLoops.run(f, floats, to, 4, operand + (long) channel * Vectors.BYTES, 0, to)
                    : (channel, at, floats, to) -> BinaryLoops.run(f, floats, to, 4, operand + at, 4, to), other));
        }
        if (perChannel) {
            memory.release(other);
        }
        return values != null;
    }

    /** Has y = f(x) computed when x is made; false if it is not waiting to be. */
    private boolean joins(Unary f, int n, Buffer x, Buffer y) {
        NativeBuffer made = own("map", "x", x, n);
        NativeBuffer own = own("map", "y", y, n);
        if (x == y || made.length() != n || own.length() != n || !(made.deferred() instanceof MadeImages waiting)
                || waiting.isJoined()) {
            return false;
        }
        overwritten(own, made.blockedColumns());
        if (made.deferred() instanceof MadeImages values) {    // own was not what they are made from
            memory.defer(own, values.then((channel, at, floats, to) -> UnaryLoops.run(f, floats, to, to)));
            return true;
        }
        return false;
    }

    /** The images in blocks that are waiting to be made; null if they are there. */
    private MadeImages waiting(Buffer images, Shape shape) {
        return images instanceof NativeBuffer own && own.belongsTo(memory) && own.length() == shape.size() && own.blockedColumns() == shape.size(3)
                && own.deferred() instanceof MadeImages values ? values : null;
    }

    @Override
    public void expand(Shape from, Buffer x, Shape to, Buffer y) {
        boolean blocked = Blocks.suit(to);
        layout.expand(seen(to, from, blocked), operand("expand", "x", x, to, from, blocked), seen(to, to, blocked),
                result("expand", "y", y, to, blocked));
    }

    @Override
    public void sum(Shape from, Buffer x, Shape to, Buffer y) {
        boolean blocked = Blocks.suit(from);         // by shape alone: the order in which x stands is the order of the sum
        reductions.sum(seen(from, from, blocked), operand("sum", "x", x, from, from, blocked), seen(from, to, blocked),
                result("sum", "y", y, to, blocked && Blocks.moves(from, to)));
    }

    @Override
    public void max(Shape from, Buffer x, Shape to, Buffer y) {
        boolean blocked = Blocks.suit(from) && standsInBlocks(from, from, x);
        reductions.max(seen(from, from, blocked), operand("max", "x", x, from, from, blocked), seen(from, to, blocked),
                result("max", "y", y, to, blocked && Blocks.moves(from, to)));
    }

    @Override
    public void permute(Shape from, int[] axes, Buffer x, Buffer y) {
        layout.permute(from, axes, address("permute", "x", x, from), changed("permute", "y", y, from));
    }

    @Override
    public void copyRows(int rows, int length, Buffer x, int xAt, int xStride, Buffer y, int yAt, int yStride) {
        if (rows == 0 || length == 0) {
            return;
        }
        long xEnd = xAt + (rows - 1L) * xStride + length;
        long yEnd = yAt + (rows - 1L) * yStride + length;
        layout.copyRows(rows, length, address("copyRows", "x", x, xEnd) + 4L * xAt, xStride,
                changed("copyRows", "y", y, yEnd) + 4L * yAt, yStride);
    }

    @Override
    public void scatter(Mask mask, Buffer values, Buffer dense) {
        masks.scatter(mask, address("scatter", "values", values, mask.count()), changed("scatter", "dense", dense, mask.shape()));
    }

    @Override
    public void gather(Mask mask, Buffer dense, Buffer values) {
        masks.gather(mask, address("gather", "dense", dense, mask.shape()), changed("gather", "values", values, mask.count()));
    }

    @Override
    public void keepLargest(int kept, int n, Buffer x, Buffer y) {
        if (kept < 0 || kept > n) {
            throw new BackendException("cpu: keepLargest can keep 0 to " + n + " of " + n + " values, got " + kept);
        }
        selection.keepLargest(kept, n, address("keepLargest", "x", x, n), changed("keepLargest", "y", y, n));
    }

    @Override
    public void matmul(Face face, Form weight, int n, Buffer w, Buffer x, Buffer g) {
        memory.settleDependents(own("matmul", "result", switch (face) {
            case OUTPUT -> g;
            case INPUT -> x;
            case WEIGHT -> w;
        }));
        matmul.run(face, weight, n, address("matmul", "w", w, weight.stored()),
                address("matmul", "x", x, (long) weight.shape().size(1) * n),
                address("matmul", "g", g, (long) weight.shape().size(0) * n));
    }

    @Override
    public void convolve(Face face, Form weight, Window window, int groups, Shape images, Buffer w, Buffer x, Buffer g) {
        boolean blocked = Blocks.suit(images);
        Shape output = window.output("convolve", images, weight.shape().size(0));
        boolean waits = blocked && groups == 1 && w != x && w != g && x != g && canWait(face, weight, window, images)
                && (face != Face.WEIGHT || w.length() == weight.stored().size());
        long to = switch (face) {                // first: values that depend on what was there are computed now, which may be others of these
            case OUTPUT -> result("convolve", "g", g, output, blocked);
            case INPUT -> result("convolve", "x", x, images, blocked);
            case WEIGHT -> changed("convolve", "w", w, weight.stored());
        };
        Source in = face == Face.INPUT ? new Source.Stored(to) : source("convolve", "x", x, images, blocked);
        Source out = switch (face) {
            case OUTPUT -> new Source.Stored(to);
            case INPUT -> source("convolve", "g", g, output, blocked);
            case WEIGHT -> convolutions.isSparse(face, weight, window, groups, images)
                    ? source("convolve", "g", g, output, blocked)
                    : new Source.Stored(images("convolve", "g", g, output, blocked));       // the dense one reads it many times
        };
        long weights = face == Face.WEIGHT ? to : address("convolve", "w", w, weight.stored());
        NativeBuffer ownW = (NativeBuffer) w;
        NativeBuffer ownX = (NativeBuffer) x;
        NativeBuffer ownG = (NativeBuffer) g;
        if (!waits) {
            convolutions.run(face, weight, window, groups, images, blocked, weights, in, out, Sink.NOTHING);
        } else if (face == Face.OUTPUT) {
            memory.defer(ownG, new ConvolvedImages(convolutions, memory, face, weight, window, images, ownW, ownX));
        } else if (face == Face.INPUT) {
            memory.defer(ownX, new ConvolvedImages(convolutions, memory, face, weight, window, images, ownW, ownG));
        } else {
            memory.defer(ownW, new ConvolvedWeight(convolutions, weight, window, images, ownX, ownG));
        }
    }

    /** Whether a face of a convolution of images in blocks gains if it is known what is done with its result. */
    private boolean canWait(Face face, Form weight, Window window, Shape images) {
        return face == Face.WEIGHT ? convolutions.isOne(weight, window, images) : convolutions.handedOn(face, weight, window, images) > 0;
    }

    @Override
    public void pick(Window window, Shape images, Buffer x, Buffer v, Buffer y) {
        boolean blocked = Blocks.suit(images);
        pooling.pick(window, Blocks.asChannels(images), images("pick", "x", x, images, blocked), images("pick", "v", v, images, blocked),
                result("pick", "y", y, pooled(window, images), blocked));
    }

    @Override
    public void place(Window window, Shape images, Buffer x, Buffer g, Buffer dx) {
        boolean blocked = Blocks.suit(images);
        boolean waits = blocked && dx != x && dx != g && pooling.handsOn(Blocks.asChannels(images));
        long to = result("place", "dx", dx, images, blocked);
        long largest = images("place", "x", x, images, blocked);
        long gradients = images("place", "g", g, pooled(window, images), blocked);
        if (waits) {
            memory.defer((NativeBuffer) dx, new PlacedImages(pooling, window, images, (NativeBuffer) x, (NativeBuffer) g));
        } else {
            pooling.place(window, Blocks.asChannels(images), largest, gradients, to, Sink.NOTHING);
        }
    }

    @Override
    public void sumWindow(Window window, Shape images, Buffer x, Buffer y) {
        boolean blocked = Blocks.suit(images);
        pooling.sumWindow(window, Blocks.asChannels(images), images("sumWindow", "x", x, images, blocked),
                result("sumWindow", "y", y, pooled(window, images), blocked));
    }

    @Override
    public void spread(Window window, Shape images, Buffer g, Buffer dx) {
        boolean blocked = Blocks.suit(images);
        pooling.spread(window, Blocks.asChannels(images), images("spread", "g", g, pooled(window, images), blocked),
                result("spread", "dx", dx, images, blocked));
    }

    private static Shape pooled(Window window, Shape images) {
        return window.output("pooling", images, images.size(0));
    }

    @Override
    public void moments(Shape shape, Buffer x, Buffer moments) {
        long to = changed("moments", "moments", moments, 2 * shape.size(0));
        Handed images = handed("moments", "x", x, shape, Blocks.suit(shape));
        batchNorm.moments(images.channels, images.lines, to);
    }

    /** Images that are handed to a sink line by line: as they are made, if they are not there yet. To be taken after all other addresses. */
    private Handed handed(String kernel, String role, Buffer buffer, Shape shape, boolean blocked) {
        NativeBuffer own = own(kernel, role, buffer, shape.size());
        Channels channels = Channels.of(shape, blocked);
        MadeImages made = blocked ? waiting(buffer, shape) : null;
        if (made != null) {
            return new Handed(channels.inLines(made.lineFloats()), sink -> memory.settle(own, (values, to) -> ((MadeImages) values).write(to, sink)));
        }
        return new Handed(channels, batchNorm.stored(channels, images(kernel, role, buffer, shape, blocked)));
    }

    private record Handed(Channels channels, BatchNormKernels.Lines lines) {}

    @Override
    public void followMoments(int channels, int n, float share, Buffer moments, Buffer mean, Buffer variance) {
        batchNorm.followMoments(channels, n, share, address("followMoments", "moments", moments, 2L * channels),
                changed("followMoments", "mean", mean, channels), changed("followMoments", "variance", variance, channels));
    }

    @Override
    public void normalise(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer y) {
        boolean blocked = Blocks.suit(shape);
        images("normalise", "x", x, shape, blocked);
        computed("normalise", "y", y, shape, blocked, batchNorm.normalised(Channels.of(shape, blocked), epsilon, rectified, (NativeBuffer) x,
                address("normalise", "moments", moments, 2 * shape.size(0)), address("normalise", "scale", scale, shape.size(0)),
                address("normalise", "shift", shift, shape.size(0))));
    }

    @Override
    public void normaliseSums(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer g,
            Buffer sums) {
        boolean blocked = Blocks.suit(shape);
        long to = changed("normaliseSums", "sums", sums, 2 * shape.size(0));
        long images = images("normaliseSums", "x", x, shape, blocked);
        long momentsAt = address("normaliseSums", "moments", moments, 2 * shape.size(0));
        long scaleAt = rectified ? address("normaliseSums", "scale", scale, shape.size(0)) : 0;
        long shiftAt = rectified ? address("normaliseSums", "shift", shift, shape.size(0)) : 0;
        Handed gradients = handed("normaliseSums", "g", g, shape, blocked);
        batchNorm.normaliseSums(gradients.channels, epsilon, rectified, images, momentsAt, scaleAt, shiftAt, gradients.lines, to);
    }

    @Override
    public void normaliseInput(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer g,
            Buffer sums, Buffer dx) {
        boolean blocked = Blocks.suit(shape);
        images("normaliseInput", "x", x, shape, blocked);
        images("normaliseInput", "g", g, shape, blocked);
        computed("normaliseInput", "dx", dx, shape, blocked, batchNorm.gradient(Channels.of(shape, blocked), epsilon, rectified,
                (NativeBuffer) x, address("normaliseInput", "moments", moments, 2 * shape.size(0)),
                address("normaliseInput", "scale", scale, shape.size(0)),
                rectified ? address("normaliseInput", "shift", shift, shape.size(0)) : 0, (NativeBuffer) g,
                address("normaliseInput", "sums", sums, 2 * shape.size(0))));
    }

    /** Defers values that kernels can compute on the way, or writes them. */
    private void computed(String kernel, String role, Buffer y, Shape shape, boolean blocked, BatchNormKernels.ByChannel values) {
        NativeBuffer own = own(kernel, role, y);
        boolean ofItself = values.operands().contains(own);
        long to = result(kernel, role, y, shape, blocked);
        if (blocked && !ofItself && Blocks.lanes(shape.size(3)) == Vectors.LENGTH) {
            memory.defer(own, values);
        } else {
            values.write(to);
        }
        memory.release(values.constants());
    }

    @Override
    public void softmax(Shape shape, Buffer z, Buffer p) {
        softmax.softmax(shape, address("softmax", "z", z, shape), changed("softmax", "p", p, shape));
    }

    @Override
    public void logSoftmax(Shape shape, Buffer z, Buffer y) {
        softmax.logSoftmax(shape, address("logSoftmax", "z", z, shape), changed("logSoftmax", "y", y, shape));
    }

    @Override
    public void softmaxCrossEntropy(Shape shape, Buffer z, Buffer t, Buffer loss) {
        softmax.softmaxCrossEntropy(shape, address("softmaxCrossEntropy", "z", z, shape), address("softmaxCrossEntropy", "t", t, shape),
                changed("softmaxCrossEntropy", "loss", loss, shape.size(1)));
    }

    @Override
    public void softmaxCrossEntropyInput(Shape shape, Buffer z, Buffer t, Buffer g, Buffer dz) {
        softmax.softmaxCrossEntropyInput(shape, address("softmaxCrossEntropyInput", "z", z, shape), address("softmaxCrossEntropyInput", "t", t, shape),
                address("softmaxCrossEntropyInput", "g", g, shape.size(1)), changed("softmaxCrossEntropyInput", "dz", dz, shape));
    }

    @Override
    public void sgd(Sgd step, int n, Buffer w, Buffer gradient, Buffer velocity) {
        updates.sgd(step, address("sgd", "rate", step.rate(), 1), n, changed("sgd", "w", w, n), address("sgd", "gradient", gradient, n),
                velocity == null ? 0 : changed("sgd", "velocity", velocity, n));
    }

    @Override
    public void adam(Adam step, int n, Buffer w, Buffer gradient, Buffer mean, Buffer square) {
        updates.adam(step, address("adam", "scales", step.scales(), 2), n, changed("adam", "w", w, n), address("adam", "gradient", gradient, n),
                changed("adam", "mean", mean, n), changed("adam", "square", square, n));
    }

    /** Whether an operand of the full shape stands in blocks already. */
    private boolean standsInBlocks(Shape full, Shape shape, Buffer buffer) {
        return shape.equals(full) && buffer instanceof NativeBuffer own && own.blockedColumns() == full.size(full.rank() - 1);
    }

    /** The shape under which kernels see an operand that is repeated to a full shape. */
    private static Shape seen(Shape full, Shape shape, boolean blocked) {
        return blocked ? Blocks.seen(full, shape) : shape;
    }

    /** An operand that is repeated to a full shape: in blocks if that is, and it has a batch. */
    private long operand(String kernel, String role, Buffer buffer, Shape full, Shape shape, boolean blocked) {
        return images(kernel, role, buffer, shape, blocked && Blocks.moves(full, shape));
    }

    /** The address of x for a kernel that takes each value of x to one of y, in whichever order they stand if it takes all. */
    private long inAnyOrder(String kernel, Buffer x, int count, Buffer y) {
        NativeBuffer own = own(kernel, "x", x, count);
        if (own.length() != count || y.length() != count) {
            blocks.undo(own);
        }
        return own.address();
    }

    /** The address of y, whose values will stand in the order of those of x. */
    private long inOrderOf(String kernel, Buffer y, int count, Buffer x) {
        NativeBuffer own = own(kernel, "y", y, count);
        memory.settleDependents(own);
        own.standsInBlocks(((NativeBuffer) x).blockedColumns());
        return own.address();
    }

    private long address(String kernel, String role, Buffer buffer, Shape shape) {
        return address(kernel, role, buffer, shape.size());
    }

    /** The address of a buffer of at least {@code count} floats, which stand row after row. */
    private long address(String kernel, String role, Buffer buffer, long count) {
        NativeBuffer own = own(kernel, role, buffer, count);
        blocks.undo(own);
        return own.address();
    }

    /** The address of images that stand as {@code blocked} says. */
    private long images(String kernel, String role, Buffer buffer, Shape shape, boolean blocked) {
        NativeBuffer own = own(kernel, role, buffer, shape.size());
        if (blocked) {
            requireWhole(kernel, role, own, shape);
            blocks.make(own, shape.size(shape.rank() - 1));
        } else {
            blocks.undo(own);
        }
        return own.address();
    }

    /** Images as a kernel can read them that computes what is deferred on the way. */
    private Source source(String kernel, String role, Buffer buffer, Shape shape, boolean blocked) {
        NativeBuffer own = own(kernel, role, buffer, shape.size());
        return blocked && own.deferred() instanceof Source values && own.length() == shape.size() && own.blockedColumns() == shape.size(3)
                ? values
                : new Source.Stored(images(kernel, role, buffer, shape, blocked));
    }

    /** The address of a buffer of which some floats are about to be written. */
    private long changed(String kernel, String role, Buffer buffer, long count) {
        memory.settleDependents(own(kernel, role, buffer));
        return address(kernel, role, buffer, count);
    }

    private long changed(String kernel, String role, Buffer buffer, Shape shape) {
        return changed(kernel, role, buffer, shape.size());
    }

    /** The address of a buffer that is about to be written as {@code blocked} says. */
    private long result(String kernel, String role, Buffer buffer, Shape shape, boolean blocked) {
        NativeBuffer own = own(kernel, role, buffer, shape.size());
        if (blocked) {
            requireWhole(kernel, role, own, shape);
        }
        return overwritten(own, blocked ? shape.size(shape.rank() - 1) : 0);
    }

    /** The address of a buffer that is about to be written, in blocks of a matrix of so many columns, or row after row. */
    private long overwritten(NativeBuffer own, int blockedColumns) {
        own.requireAlive();
        memory.settleDependents(own);
        memory.discard(own);
        own.standsInBlocks(blockedColumns);
        return own.address();
    }

    /** Where images stand in a buffer in blocks depends on how many rows there are. */
    private static void requireWhole(String kernel, String role, NativeBuffer buffer, Shape shape) {
        if (buffer.length() != shape.size()) {
            throw new BackendException("cpu: " + role + " of " + kernel + " must have " + shape.size() + " floats for " + shape + ", got " + buffer);
        }
    }

    private NativeBuffer own(String kernel, String role, Buffer buffer, long count) {
        NativeBuffer own = own(kernel, role, buffer);
        if (count < 0 || count > own.length()) {
            throw new BackendException("cpu: " + kernel + " needs " + count + " floats of " + role + ", got " + own);
        }
        return own;
    }

    private NativeBuffer own(String kernel, String role, Buffer buffer) {
        if (buffer instanceof NativeBuffer own && own.belongsTo(memory)) {
            memory.use(own);
            return own;
        }
        throw new BackendException("cpu: " + role + " of " + kernel + " must be a buffer of this backend, got " + buffer);
    }

    @Override
    public void close() {
        workers.close();
        memory.close();
    }
}
