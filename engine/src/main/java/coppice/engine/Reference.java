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
        for (int j = 0; j < sums.length; j++) {
            of(y)[j] = (float) sums[j];
        }
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
        for (int i = 0; i < sums.length; i++) {
            result[i] = (float) sums[i];
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
    public void sgd(Sgd step, int n, Buffer w, Buffer gradient, Buffer velocity) {
        for (int i = 0; i < n; i++) {
            float d = of(gradient)[i] + step.decay() * of(w)[i];
            float direction = d;
            if (velocity != null) {
                of(velocity)[i] = flushed(step.momentum() * of(velocity)[i] + d);
                direction = step.nesterov() ? d + step.momentum() * of(velocity)[i] : of(velocity)[i];
            }
            of(w)[i] -= step.rate() * direction;
        }
    }

    @Override
    public void adam(Adam step, int n, Buffer w, Buffer gradient, Buffer mean, Buffer square) {
        float meanScale = step.meanScale();
        float squareScale = step.squareScale();
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
