package coppice.engine;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Product.Face;
import java.util.function.BooleanSupplier;

/**
 * What a device must be able to do: hold buffers, and run these kernels on them. The meaning of each method is the plain loop of
 * {@link Reference}; every other backend agrees with it within rounding, for every shape, mask and operand.
 *
 * <p>Contract: shapes and forms are checked before they get here. A result never overlaps an operand unless a method says so.
 * A method may return before its work is done, as long as {@link #read} and later methods see it done. Same backend, same machine
 * and same operands give the same bits, for any number of threads. A backend is used by one thread at a time, but
 * {@link #release} may be called from any. An infinity or NaN among the operands of a masked product may become NaN also in results that no
 * survivor connects with it: a backend may put zeros where nothing survives.
 */
public interface Backend extends AutoCloseable {

    /**
     * Probabilities of softmax, and moments and squared gradients of an optimiser, count as 0 where they are smaller. Otherwise the
     * moments of a weight whose gradient stays 0 (a pixel that is always black) decay into denormal numbers and stay there, and a
     * network that has learnt its data by heart computes with nothing else; processors are ten to a hundred times slower on them.
     */
    float NEGLIGIBLE = 0x1p-100f;

    /** The backend's short name: {@code reference}, {@code cpu}, {@code cuda}. */
    String name();

    /** A buffer of unspecified contents. */
    Buffer allocate(int length);

    /** Hands a buffer back for reuse; it must not be used afterwards. */
    void release(Buffer buffer);

    /** Copies the first {@code count} values of an array to the start of a buffer. */
    void write(Buffer to, float[] from, int count);

    /** Copies the first {@code count} values of a buffer to the start of an array. */
    void read(Buffer from, float[] to, int count);

    /** Returns when the values of a buffer have been computed: for measurements. Nothing to do where methods return only then. */
    default void finish(Buffer buffer) {}

    /**
     * Takes over work to be done beside the kernels that are asked for meanwhile. It calls none itself, but may {@link #write} buffers that
     * these do not use. Here it is only put off, which is beside them on a device that works ahead of the program.
     *
     * @param piece does the next piece of the work, a few microseconds of it, so that a thread that kernels need is soon free; false after the
     *     last. Pieces are done one after the other, by whatever threads
     * @return does what is left, or waits until it was done, and throws what a piece throws, which is then the last; to be run once, before
     *     other work is given
     */
    default Runnable beside(BooleanSupplier piece) {
        return () -> {
            while (piece.getAsBoolean()) {
                // There is another.
            }
        };
    }

    /**
     * Does some work and remembers the kernels that it calls, so that the same buffers can be put through them again without the program in
     * between: a step of a training that is always the same. Here nothing is remembered.
     *
     * @param work calls kernels, and allocates and releases buffers; what it {@link #read}s or {@link #write}s cannot be repeated
     * @return of no use once a buffer that the work was given, and not one of its own, is released
     */
    default Recording record(Runnable work) {
        work.run();
        return () -> false;
    }

    /** What a backend remembers of some work. It holds no memory. */
    interface Recording {

        /**
         * Runs the kernels again, on the values that the buffers have now.
         *
         * @return false, and nothing was done, if that is not possible, or not now: since the memory that the work used for itself is in use,
         *     or a buffer is not as it was when the work was begun. Then the work is to be done, and may be recorded, as before.
         */
        boolean replay();
    }

    /** y = value, everywhere. */
    void fill(Buffer y, float value);

    /** y[i] = f(x[i]) for i below {@code n}. */
    void map(Unary f, int n, Buffer x, Buffer y);

    /** y[i] = scale · x[i] + shift for i below {@code n}. */
    void affine(float scale, float shift, int n, Buffer x, Buffer y);

    /**
     * y = f(a, b) with a and b repeated along their axes of size 1.
     *
     * @param shape  the shape of y
     * @param aShape of y's rank, each axis of y's size or 1; or a scalar
     * @param bShape likewise
     */
    void combine(Binary f, Shape shape, Shape aShape, Buffer a, Shape bShape, Buffer b, Buffer y);

    /** y = x repeated along the axes where {@code from} has size 1; {@code from} may be a scalar. */
    void expand(Shape from, Buffer x, Shape to, Buffer y);

    /** y = Σ x over the axes where {@code to} has size 1; all of them if it is a scalar. */
    void sum(Shape from, Buffer x, Shape to, Buffer y);

    /** y = max x over the axes where {@code to} has size 1; all of them if it is a scalar. */
    void max(Shape from, Buffer x, Shape to, Buffer y);

    /** y's axis i is x's axis {@code axes[i]}; {@code from} is the shape of x. */
    void permute(Shape from, int[] axes, Buffer x, Buffer y);

    /** Copies {@code rows} runs of {@code length} values: run r from x at {@code xAt + r · xStride} to y at {@code yAt + r · yStride}. */
    void copyRows(int rows, int length, Buffer x, int xAt, int xStride, Buffer y, int yAt, int yStride);

    /** dense = the masked values at their positions, 0 elsewhere. */
    void scatter(Mask mask, Buffer values, Buffer dense);

    /** values = the dense tensor at the mask's positions. */
    void gather(Mask mask, Buffer dense, Buffer values);

    /**
     * y[i] = 1 where x[i] is among the {@code kept} values of largest magnitude, 0 where it is not, for i below {@code n}. Where not all of equal
     * magnitudes can be, those that stand last are; a NaN is larger than any number.
     *
     * @param kept from 0 to n
     * @param y    may be x
     */
    void keepLargest(int kept, int n, Buffer x, Buffer y);

    /**
     * One face of ⟨g, w·x⟩: OUTPUT writes g = w·x, INPUT writes x = wᵀ·g, WEIGHT writes w = g·xᵀ, where w is masked only at its
     * survivors.
     *
     * @param weight [M, K], dense or masked
     * @param n      the columns of x [K, N] and g [M, N]
     */
    void matmul(Face face, Form weight, int n, Buffer w, Buffer x, Buffer g);

    /**
     * One face of ⟨g, w ∗ x⟩ ({@link Convolution}): OUTPUT writes g, INPUT writes x, WEIGHT writes w, where it is masked only at its
     * survivors.
     *
     * @param weight [O, C / groups, kh, kw], dense or masked
     * @param images the shape of x, [C, H, W, N]
     * @param g      [O, H', W', N]
     */
    void convolve(Face face, Form weight, Window window, int groups, Shape images, Buffer w, Buffer x, Buffer g);

    /** y [C, H', W', N] = v at the largest x of each window, the first of equals in row order. @param images the shape of x and v */
    void pick(Window window, Shape images, Buffer x, Buffer v, Buffer y);

    /** dx [C, H, W, N] = Σ g [C, H', W', N] over the windows in which x is the largest, the first of equals. */
    void place(Window window, Shape images, Buffer x, Buffer g, Buffer dx);

    /** y [C, H', W', N] = Σ x over each window; padding counts as 0. @param images the shape of x */
    void sumWindow(Window window, Shape images, Buffer x, Buffer y);

    /** dx [C, H, W, N] = Σ g [C, H', W', N] over the windows that look at an element. @param images the shape of dx */
    void spread(Window window, Shape images, Buffer g, Buffer dx);

    /** moments [2, C] = the mean and the variance, Σ (x − mean)² / n, of each channel of x [C, …]. */
    void moments(Shape shape, Buffer x, Buffer moments);

    /**
     * Mixes a batch's moments [2, C] into running ones: mean [C] = (1 − share) · mean + share · the batch's, and likewise variance [C] with
     * the batch's unbiased one, n / (n − 1) of its own; with its own if n is 1.
     *
     * @param n values in each channel of the batch
     */
    void followMoments(int channels, int n, float share, Buffer moments, Buffer mean, Buffer variance);

    /**
     * y = scale · x̂ + shift for each channel of x [C, …], where x̂ = (x − mean) / √(variance + ε); scale and shift are [C].
     *
     * @param rectified 0 where that is not above 0
     */
    void normalise(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer y);

    /**
     * sums [2, C] = Σ g and Σ g · x̂ of each channel.
     *
     * @param rectified only where scale · x̂ + shift is positive; otherwise scale and shift may be null
     */
    void normaliseSums(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer g,
            Buffer sums);

    /**
     * dx = scale / √(variance + ε) · (g − sums₀ / n − x̂ · sums₁ / n) for each channel of n elements.
     *
     * @param rectified with 0 for g where scale · x̂ + shift is not positive; otherwise shift may be null
     */
    void normaliseInput(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer g,
            Buffer sums, Buffer dx);

    /** p = exp(z) / Σ exp(z) over axis 0 of [C, N]; 0 where that is {@link #NEGLIGIBLE}. */
    void softmax(Shape shape, Buffer z, Buffer p);

    /** y = z − log Σ exp(z) over axis 0 of [C, N]. */
    void logSoftmax(Shape shape, Buffer z, Buffer y);

    /** loss [N] = −Σ t · log softmax(z) over axis 0 of [C, N]. */
    void softmaxCrossEntropy(Shape shape, Buffer z, Buffer t, Buffer loss);

    /** dz [C, N] = g · (softmax(z) · Σ t − t) with the sum over axis 0, where g is [N]: what the loss's gradient g hands on to z. */
    void softmaxCrossEntropyInput(Shape shape, Buffer z, Buffer t, Buffer g, Buffer dz);

    /**
     * One step of stochastic gradient descent with momentum, on the first {@code n} values, in place. A {@link #NEGLIGIBLE} velocity
     * becomes 0.
     *
     * @param velocity read and written; null if {@code momentum} is 0
     */
    void sgd(Sgd step, int n, Buffer w, Buffer gradient, Buffer velocity);

    /**
     * One step of Adam on the first {@code n} values, in place. A {@link #NEGLIGIBLE} moment, and a
     * negligible d², become 0.
     *
     * @param mean   the first moment, read and written
     * @param square the second moment, read and written
     */
    void adam(Adam step, int n, Buffer w, Buffer gradient, Buffer mean, Buffer square);

    /**
     * d = g + decay · w; v = momentum · v + d; w −= rate · (nesterov ? d + momentum · v : v)
     * (Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013, in the form of the common
     * libraries).
     *
     * @param rate one value; in a buffer, since it changes from step to step and a step may be {@link Backend#record recorded}
     */
    record Sgd(Buffer rate, float momentum, boolean nesterov, float decay) {}

    /**
     * d = g + decay · w; m = β₁·m + (1 − β₁)·d; s = β₂·s + (1 − β₂)·d²; w −= rate · m / (1 − β₁ᵗ) / (√(s / (1 − β₂ᵗ)) + ε)
     * (Kingma and Ba, "Adam", 2015, algorithm 1).
     *
     * @param scales what changes from step to step, two values: {@link #scales}
     */
    record Adam(Buffer scales, float beta1, float beta2, float epsilon, float decay) {

        /**
         * rate / (1 − β₁ᵗ) and 1 / (1 − β₂ᵗ), so that w −= the first · m / (√(s · the second) + ε).
         *
         * @param iteration t, from 1
         * @param to        receives both
         */
        public static void scales(float rate, float beta1, float beta2, long iteration, float[] to) {
            to[0] = (float) (rate / (1 - Math.pow(beta1, iteration)));
            to[1] = (float) (1 / (1 - Math.pow(beta2, iteration)));
        }
    }

    /** Frees everything; every buffer is gone. */
    @Override
    void close();
}
