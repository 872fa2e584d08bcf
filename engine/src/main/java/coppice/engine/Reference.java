package coppice.engine;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Product.Face;
import java.util.Arrays;

/**
 * The plain meaning of a backend: one obvious loop for each kernel, sums in double precision. Slow, and the oracle for
 * every fast kernel. It will not be tuned.
 */
public final class Reference implements Backend {

    private record Floats(float[] values) implements Buffer {

        @Override
        public int length() {
            return values.length;
        }
    }

    private static float[] of(Buffer buffer) {
        return ((Floats) buffer).values;
    }

    @Override
    public String name() {
        return "reference";
    }

    @Override
    public String toString() {
        return name();
    }

    @Override
    public Buffer allocate(int length) {
        return new Floats(new float[length]);
    }

    @Override
    public void release(Buffer buffer) {
        // Arrays go back to the heap when nothing refers to them.
    }

    @Override
    public void write(Buffer to, float[] from, int count) {
        System.arraycopy(from, 0, of(to), 0, count);
    }

    @Override
    public void read(Buffer from, float[] to, int count) {
        System.arraycopy(of(from), 0, to, 0, count);
    }

    @Override
    public void fill(Buffer y, float value) {
        Arrays.fill(of(y), value);
    }

    @Override
    public void map(Unary f, int n, Buffer x, Buffer y) {
        for (int i = 0; i < n; i++) {
            of(y)[i] = f.f.apply(of(x)[i]);
        }
    }

    @Override
    public void affine(float scale, float shift, int n, Buffer x, Buffer y) {
        for (int i = 0; i < n; i++) {
            of(y)[i] = scale * of(x)[i] + shift;
        }
    }

    @Override
    public void combine(Binary f, Shape shape, Shape aShape, Buffer a, Shape bShape, Buffer b, Buffer y) {
        int[] aAt = repeated(shape, aShape);
        int[] bAt = repeated(shape, bShape);
        for (int i = 0; i < shape.size(); i++) {
            of(y)[i] = f.f.apply(of(a)[aAt[i]], of(b)[bAt[i]]);
        }
    }

    @Override
    public void expand(Shape from, Buffer x, Shape to, Buffer y) {
        int[] at = repeated(to, from);
        for (int i = 0; i < to.size(); i++) {
            of(y)[i] = of(x)[at[i]];
        }
    }

    @Override
    public void sum(Shape from, Buffer x, Shape to, Buffer y) {
        int[] at = repeated(from, to);
        double[] sums = new double[to.size()];
        for (int i = 0; i < from.size(); i++) {
            sums[at[i]] += of(x)[i];
        }
        store(sums, of(y));
    }

    @Override
    public void max(Shape from, Buffer x, Shape to, Buffer y) {
        int[] at = repeated(from, to);
        Arrays.fill(of(y), Float.NEGATIVE_INFINITY);
        for (int i = 0; i < from.size(); i++) {
            of(y)[at[i]] = Math.max(of(y)[at[i]], of(x)[i]);
        }
    }

    /** For each element of {@code large}, the element of {@code small} that stands for it when small is repeated. */
    private static int[] repeated(Shape large, Shape small) {
        int[] at = new int[large.size()];
        for (int i = 0; i < at.length; i++) {
            int rest = i;
            int stride = 1;
            for (int axis = small.rank() - 1; axis >= 0; axis--) {
                int coordinate = rest % large.size(axis);
                rest /= large.size(axis);
                if (small.size(axis) > 1) {
                    at[i] += coordinate * stride;
                }
                stride *= small.size(axis);
            }
        }
        return at;
    }

    @Override
    public void permute(Shape from, int[] axes, Buffer x, Buffer y) {
        for (int i = 0; i < from.size(); i++) {
            int[] coordinates = new int[from.rank()];
            int rest = i;
            for (int axis = from.rank() - 1; axis >= 0; axis--) {
                coordinates[axis] = rest % from.size(axis);
                rest /= from.size(axis);
            }
            int at = 0;
            for (int axis : axes) {
                at = at * from.size(axis) + coordinates[axis];
            }
            of(y)[at] = of(x)[i];
        }
    }

    @Override
    public void copyRows(int rows, int length, Buffer x, int xAt, int xStride, Buffer y, int yAt, int yStride) {
        for (int row = 0; row < rows; row++) {
            System.arraycopy(of(x), xAt + row * xStride, of(y), yAt + row * yStride, length);
        }
    }

    @Override
    public void scatter(Mask mask, Buffer values, Buffer dense) {
        Arrays.fill(of(dense), 0);
        for (int i = 0; i < mask.count(); i++) {
            of(dense)[mask.position(i)] = of(values)[i];
        }
    }

    @Override
    public void gather(Mask mask, Buffer dense, Buffer values) {
        for (int i = 0; i < mask.count(); i++) {
            of(values)[i] = of(dense)[mask.position(i)];
        }
    }

    @Override
    public void keepLargest(int kept, int n, Buffer x, Buffer y) {
        long[] byMagnitude = new long[n];                     // the bits of |x|, which sort as |x| does, then the place
        for (int i = 0; i < n; i++) {
            byMagnitude[i] = (long) Float.floatToIntBits(Math.abs(of(x)[i])) << Integer.SIZE | i;
        }
        Arrays.sort(byMagnitude);
        for (int i = 0; i < n; i++) {
            of(y)[(int) byMagnitude[i]] = i < n - kept ? 0 : 1;
        }
    }

    @Override
    public void matmul(Face face, Form weight, int n, Buffer w, Buffer x, Buffer g) {
        int k = weight.shape().size(1);
        double[] sums = new double[switch (face) {
            case OUTPUT -> weight.shape().size(0) * n;
            case INPUT -> k * n;
            case WEIGHT -> weight.stored().size();
        }];
        for (int i = 0; i < weight.stored().size(); i++) {          // each weight that exists
            int position = weight.isMasked() ? weight.mask().position(i) : i;
            int gRow = position / k * n;
            int xRow = position % k * n;
            for (int j = 0; j < n; j++) {
                switch (face) {
                    case OUTPUT -> sums[gRow + j] += (double) of(w)[i] * of(x)[xRow + j];
                    case INPUT -> sums[xRow + j] += (double) of(w)[i] * of(g)[gRow + j];
                    case WEIGHT -> sums[i] += (double) of(g)[gRow + j] * of(x)[xRow + j];
                }
            }
        }
        float[] result = of(switch (face) {
            case OUTPUT -> g;
            case INPUT -> x;
            case WEIGHT -> w;
        });
        store(sums, result);
    }

    @Override
    public void convolve(Face face, Form weight, Window window, int groups, Shape images, Buffer w, Buffer x, Buffer g) {
        int taps = window.size();
        int perGroup = weight.shape().size(1);
        Shape output = window.output("convolve", images, weight.shape().size(0));
        int n = images.size(3);
        double[] sums = new double[(switch (face) {
            case OUTPUT -> output;
            case INPUT -> images;
            case WEIGHT -> weight.stored();
        }).size()];
        for (int i = 0; i < weight.stored().size(); i++) {          // each weight that exists
            int position = weight.isMasked() ? weight.mask().position(i) : i;
            int o = position / weight.shape().rowSize();
            int c = o / (output.size(0) / groups) * perGroup + position / taps % perGroup;
            int tapY = position % taps / window.x().size();
            int tapX = position % taps % window.x().size();
            for (int p = 0; p < output.size(1) * output.size(2); p++) {
                int y = window.y().input(p / output.size(2), tapY);
                int column = window.x().input(p % output.size(2), tapX);
                if (y < 0 || y >= images.size(1) || column < 0 || column >= images.size(2)) {
                    continue;                                       // padding
                }
                int gAt = (o * output.size(1) * output.size(2) + p) * n;
                int xAt = ((c * images.size(1) + y) * images.size(2) + column) * n;
                for (int j = 0; j < n; j++) {
                    switch (face) {
                        case OUTPUT -> sums[gAt + j] += (double) of(w)[i] * of(x)[xAt + j];
                        case INPUT -> sums[xAt + j] += (double) of(w)[i] * of(g)[gAt + j];
                        case WEIGHT -> sums[i] += (double) of(g)[gAt + j] * of(x)[xAt + j];
                    }
                }
            }
        }
        store(sums, of(switch (face) {
            case OUTPUT -> g;
            case INPUT -> x;
            case WEIGHT -> w;
        }));
    }

    private static void store(double[] values, float[] to) {
        for (int i = 0; i < values.length; i++) {
            to[i] = (float) values[i];
        }
    }

    /** What is done with an element of images that an output looks at, both as positions in their buffers. */
    private interface Look {
        void at(int output, int image);
    }

    /** Every output of a window with each element that it looks at, in row order. */
    private static void look(Window window, Shape images, Look look) {
        Shape output = window.output("pooling", images, images.size(0));
        for (int i = 0; i < output.size(); i++) {
            int n = i % images.size(3);
            int column = i / images.size(3) % output.size(2);
            int row = i / images.size(3) / output.size(2) % output.size(1);
            int channel = i / output.rowSize();
            for (int tap = 0; tap < window.size(); tap++) {
                int y = window.y().input(row, tap / window.x().size());
                int x = window.x().input(column, tap % window.x().size());
                if (y >= 0 && y < images.size(1) && x >= 0 && x < images.size(2)) {
                    look.at(i, ((channel * images.size(1) + y) * images.size(2) + x) * images.size(3) + n);
                }
            }
        }
    }

    /** For each output the first of the largest elements that it looks at, or a NaN among them; −1 for one that looks at padding only. */
    private static int[] largest(Window window, Shape images, float[] x) {
        int[] largest = new int[window.output("pooling", images, images.size(0)).size()];
        Arrays.fill(largest, -1);
        look(window, images, (output, image) -> {
            if (largest[output] < 0 || x[image] > x[largest[output]] || Float.isNaN(x[image])) {
                largest[output] = image;
            }
        });
        return largest;
    }

    @Override
    public void pick(Window window, Shape images, Buffer x, Buffer v, Buffer y) {
        int[] largest = largest(window, images, of(x));
        for (int i = 0; i < largest.length; i++) {
            of(y)[i] = largest[i] < 0 ? 0 : of(v)[largest[i]];
        }
    }

    @Override
    public void place(Window window, Shape images, Buffer x, Buffer g, Buffer dx) {
        int[] largest = largest(window, images, of(x));
        double[] sums = new double[images.size()];
        for (int i = 0; i < largest.length; i++) {
            if (largest[i] >= 0) {
                sums[largest[i]] += of(g)[i];
            }
        }
        store(sums, of(dx));
    }

    @Override
    public void sumWindow(Window window, Shape images, Buffer x, Buffer y) {
        double[] sums = new double[window.output("sumWindow", images, images.size(0)).size()];
        look(window, images, (output, image) -> sums[output] += of(x)[image]);
        store(sums, of(y));
    }

    @Override
    public void spread(Window window, Shape images, Buffer g, Buffer dx) {
        double[] sums = new double[images.size()];
        look(window, images, (output, image) -> sums[image] += of(g)[output]);
        store(sums, of(dx));
    }

    @Override
    public void moments(Shape shape, Buffer x, Buffer moments) {
        int n = shape.rowSize();
        for (int c = 0; c < shape.size(0); c++) {
            double sum = 0;
            for (int i = c * n; i < (c + 1) * n; i++) {
                sum += of(x)[i];
            }
            double squares = 0;
            for (int i = c * n; i < (c + 1) * n; i++) {
                squares += (of(x)[i] - sum / n) * (of(x)[i] - sum / n);
            }
            of(moments)[c] = (float) (sum / n);
            of(moments)[shape.size(0) + c] = (float) (squares / n);
        }
    }

    @Override
    public void followMoments(int channels, int n, float share, Buffer moments, Buffer mean, Buffer variance) {
        float unbiased = n > 1 ? n / (n - 1f) : 1;
        for (int c = 0; c < channels; c++) {
            of(mean)[c] = (1 - share) * of(mean)[c] + share * of(moments)[c];
            of(variance)[c] = (1 - share) * of(variance)[c] + share * unbiased * of(moments)[channels + c];
        }
    }

    @Override
    public void normalise(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift, Buffer y) {
        for (int i = 0; i < shape.size(); i++) {
            float value = result(shape, epsilon, x, moments, scale, shift, i);
            of(y)[i] = rectified && value <= 0 ? 0 : value;
        }
    }

    private static float result(Shape shape, float epsilon, Buffer x, Buffer moments, Buffer scale, Buffer shift, int i) {
        int c = i / shape.rowSize();
        return (float) (of(scale)[c] * normalised(shape, epsilon, x, moments, i) + of(shift)[c]);
    }

    private static double normalised(Shape shape, float epsilon, Buffer x, Buffer moments, int i) {
        int c = i / shape.rowSize();
        return ((double) of(x)[i] - of(moments)[c]) * inverseDeviation(shape, epsilon, moments, c);
    }

    private static double inverseDeviation(Shape shape, float epsilon, Buffer moments, int c) {
        return 1 / Math.sqrt((double) of(moments)[shape.size(0) + c] + epsilon);
    }

    @Override
    public void normaliseSums(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift,
            Buffer g, Buffer sums) {
        double[] totals = new double[2 * shape.size(0)];
        for (int i = 0; i < shape.size(); i++) {
            int c = i / shape.rowSize();
            float passed = rectified && result(shape, epsilon, x, moments, scale, shift, i) <= 0 ? 0 : of(g)[i];
            totals[c] += passed;
            totals[shape.size(0) + c] += passed * normalised(shape, epsilon, x, moments, i);
        }
        store(totals, of(sums));
    }

    @Override
    public void normaliseInput(Shape shape, float epsilon, boolean rectified, Buffer x, Buffer moments, Buffer scale, Buffer shift,
            Buffer g, Buffer sums, Buffer dx) {
        double n = shape.rowSize();
        for (int i = 0; i < shape.size(); i++) {
            int c = i / shape.rowSize();
            float passed = rectified && result(shape, epsilon, x, moments, scale, shift, i) <= 0 ? 0 : of(g)[i];
            double direction = passed - of(sums)[c] / n
                    - normalised(shape, epsilon, x, moments, i) * of(sums)[shape.size(0) + c] / n;
            of(dx)[i] = (float) (of(scale)[c] * inverseDeviation(shape, epsilon, moments, c) * direction);
        }
    }

    @Override
    public void softmax(Shape shape, Buffer z, Buffer p) {
        logSoftmax(shape, z, p);
        for (int i = 0; i < shape.size(); i++) {
            of(p)[i] = flushed((float) Math.exp(of(p)[i]));
        }
    }

    @Override
    public void logSoftmax(Shape shape, Buffer z, Buffer y) {
        int n = shape.size(1);
        for (int j = 0; j < n; j++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int i = j; i < shape.size(); i += n) {
                largest = Math.max(largest, of(z)[i]);
            }
            double sum = 0;
            for (int i = j; i < shape.size(); i += n) {
                sum += Math.exp(of(z)[i] - largest);
            }
            for (int i = j; i < shape.size(); i += n) {
                of(y)[i] = (float) (of(z)[i] - largest - Math.log(sum));
            }
        }
    }

    @Override
    public void softmaxCrossEntropy(Shape shape, Buffer z, Buffer t, Buffer loss) {
        Buffer logs = allocate(shape.size());
        logSoftmax(shape, z, logs);
        int n = shape.size(1);
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int i = j; i < shape.size(); i += n) {
                sum -= of(t)[i] == 0 ? 0 : (double) of(t)[i] * of(logs)[i];
            }
            of(loss)[j] = (float) sum;
        }
    }

    @Override
    public void softmaxCrossEntropyInput(Shape shape, Buffer z, Buffer t, Buffer g, Buffer dz) {
        softmax(shape, z, dz);
        int n = shape.size(1);
        for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int i = j; i < shape.size(); i += n) {
                sum += of(t)[i];
            }
            for (int i = j; i < shape.size(); i += n) {
                of(dz)[i] = (float) (of(g)[j] * (of(dz)[i] * sum - of(t)[i]));
            }
        }
    }

    @Override
    public void sgd(Sgd step, int n, Buffer w, Buffer gradient, Buffer velocity) {
        for (int i = 0; i < n; i++) {
            float d = of(gradient)[i] + step.decay() * of(w)[i];
            float direction = d;
            if (velocity != null) {
                of(velocity)[i] = flushed(step.momentum() * of(velocity)[i] + d);
                direction = step.nesterov() ? d + step.momentum() * of(velocity)[i] : of(velocity)[i];
            }
            of(w)[i] -= of(step.rate())[0] * direction;
        }
    }

    @Override
    public void adam(Adam step, int n, Buffer w, Buffer gradient, Buffer mean, Buffer square) {
        float meanScale = of(step.scales())[0];
        float squareScale = of(step.scales())[1];
        for (int i = 0; i < n; i++) {
            float d = of(gradient)[i] + step.decay() * of(w)[i];
            of(mean)[i] = flushed(step.beta1() * of(mean)[i] + (1 - step.beta1()) * d);
            of(square)[i] = flushed(step.beta2() * of(square)[i] + (1 - step.beta2()) * flushed(d * d));
            of(w)[i] -= meanScale * of(mean)[i] / ((float) Math.sqrt(of(square)[i] * squareScale) + step.epsilon());
        }
    }

    private static float flushed(float value) {
        return Math.abs(value) < NEGLIGIBLE ? 0 : value;
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
