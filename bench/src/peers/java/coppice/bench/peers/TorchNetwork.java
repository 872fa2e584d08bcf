package coppice.bench.peers;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.nn.AveragePool;
import coppice.nn.BatchNorm2d;
import coppice.nn.Branches;
import coppice.nn.Conv2d;
import coppice.nn.Dropout;
import coppice.nn.Flatten;
import coppice.nn.GlobalAveragePool;
import coppice.nn.Layer;
import coppice.nn.Linear;
import coppice.nn.MaxPool;
import coppice.nn.Parameter;
import coppice.nn.Relu;
import coppice.nn.Residual;
import coppice.nn.Sequential;
import coppice.nn.Snapshot;
import coppice.nn.ZeroPadded;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A network of ours made of libtorch's functions: the dictionary from our layers to theirs. What our records leave open is said here
 * as PyTorch's documentation says it, so that a different convention of ours is seen.
 *
 * <p>A masked weight is a dense one of theirs, 0 where it is pruned, whose gradient is set to 0 there after each backward.
 */
final class TorchNetwork {

    /** The default of {@code torch.nn.BatchNorm2d}: the share of the batch in new running statistics. */
    private static final double MOMENTUM = 0.1;

    private final Bridge bridge;
    private final Layer body;
    private final SequencedMap<String, Tensor> values = new LinkedHashMap<>();
    private final SequencedMap<String, Mask> masks = new LinkedHashMap<>();

    TorchNetwork(Bridge bridge, Layer body, Snapshot start) {
        this.bridge = bridge;
        this.body = body;
        for (Parameter parameter : body.parameters()) {
            Snapshot.Value value = start.get(parameter.name());
            Tensor tensor = bridge.weight(dense(value), parameter.shape());
            values.put(parameter.name(), tensor.set_requires_grad(parameter.isTrained()));
            if (value.form().isMasked()) {
                masks.put(parameter.name(), value.form().mask());
            }
        }
    }

    /** In training, by the statistics of the batch, which the running ones follow at once. @param draws what dropout draws from */
    Tensor train(Tensor x, Seed draws) {
        return new Pass(true, draws).forward(body, x);
    }

    Tensor infer(Tensor x) {
        return new Pass(false, null).forward(body, x);
    }

    /** A weight, or a running statistic. */
    Tensor tensor(String name) {
        return values.get(name);
    }

    /** The stored values of a weight, or of something of its shape: the survivors where it is masked. */
    double[] stored(String name, Tensor tensor) {
        double[] dense = Bridge.values(tensor);
        Mask mask = masks.get(name);
        return mask == null ? dense : Arrays.stream(mask.positions()).mapToDouble(position -> dense[position]).toArray();
    }

    /** Takes from the gradients what pruned weights have no claim to. */
    void maskGradients() {
        masks.forEach((name, mask) -> {
            float[] ones = new float[mask.count()];
            Arrays.fill(ones, 1);
            values.get(name).grad().mul_(bridge.weight(dense(new Snapshot.Value(Form.masked(mask), ones)), mask.shape()));
        });
    }

    private static float[] dense(Snapshot.Value value) {
        if (!value.form().isMasked()) {
            return value.values();
        }
        float[] dense = new float[value.form().shape().size()];
        for (int i = 0; i < value.values().length; i++) {
            dense[value.form().mask().position(i)] = value.values()[i];
        }
        return dense;
    }

    /** One forward pass. */
    private final class Pass {

        private final boolean training;
        private final Seed draws;

        Pass(boolean training, Seed draws) {
            this.training = training;
            this.draws = draws;
        }

        /** @param x [N, C, H, W] or [N, features] */
        Tensor forward(Layer layer, Tensor x) {
            return switch (layer) {
                case Sequential(List<Layer> layers) -> {
                    Tensor value = x;
                    for (Layer next : layers) {
                        value = forward(next, value);
                    }
                    yield value;
                }
                case Residual(Layer shortened, Layer shortcut) -> forward(shortened, x).add(forward(shortcut, x));
                case Branches(List<Layer> layers) ->
                        torch.cat(new TensorVector(layers.stream().map(branch -> forward(branch, x)).toArray(Tensor[]::new)), 1);
                case Conv2d convolution -> torch.conv2d(x, values(layer, 0), optional(convolution.biased() ? values(layer, 1) : null),
                        strides(convolution.window()), paddings(convolution.window()), dilations(convolution.window()), convolution.groups());
                case Linear _ -> torch.linear(x, values(layer, 0), optional(values(layer, 1)));
                case BatchNorm2d norm -> torch.batch_norm(x, optional(values(layer, 0)), optional(values(layer, 1)),
                        optional(values(layer, 2)), optional(values(layer, 3)), training, MOMENTUM, norm.epsilon(), false);
                case Relu() -> torch.relu(x);
                case MaxPool(Window window) ->
                        torch.max_pool2d(x, sizes(window), strides(window), paddings(window), dilations(window), false);
                case AveragePool(Window window) -> averagePool(x, window);
                case GlobalAveragePool() -> torch.adaptive_avg_pool2d(x, 1, 1).flatten(1, -1);
                case Flatten() -> x.flatten(1, -1);
                case ZeroPadded(int in, int out, int stride) -> zeroPadded(x, out - in, stride);
                case Dropout dropout -> training ? dropout(x, dropout) : x;
                default -> throw new IllegalArgumentException("libtorch network: has no word for " + layer);
            };
        }

        private Tensor values(Layer layer, int parameter) {
            return values.get(layer.parameters().get(parameter).name());
        }

        /** With {@code ceil_mode} off, and {@code count_include_pad} on as by default: padding counts as zeros. */
        private static Tensor averagePool(Tensor x, Window window) {
            if (window.y().dilation() != 1 || window.x().dilation() != 1) {
                throw new IllegalArgumentException("libtorch network: average pools have no dilation, got " + window);
            }
            return torch.avg_pool2d(x, sizes(window), strides(window), paddings(window), false, true, new LongOptional());
        }

        /** Option A as it is written for PyTorch: {@code pad(x[:, :, ::stride, ::stride], (0, 0, 0, 0, 0, more))}. */
        private static Tensor zeroPadded(Tensor x, int more, int stride) {
            Tensor every = x.slice(2, new LongOptional(), new LongOptional(), stride).slice(3, new LongOptional(), new LongOptional(), stride);
            return torch.constant_pad_nd(every, 0, 0, 0, 0, 0, more);
        }

        /** Which values are dropped is drawn as ours draws it; what becomes of the others is what libtorch makes of ones. */
        private Tensor dropout(Tensor x, Dropout layer) {
            Seed seed = draws.in(layer.name());
            int rank = (int) x.dim();
            int[] sizes = new int[rank];
            for (int axis = 0; axis < rank; axis++) {
                sizes[axis] = (int) x.size((axis + 1) % rank);
            }
            Shape shape = Shape.of(sizes);
            float[] kept = new float[shape.size()];
            for (int i = 0; i < kept.length; i++) {
                kept[i] = seed.uniform(i) < layer.rate() ? 0 : 1;
            }
            Tensor factor = torch.dropout(torch.ones_like(x.detach()), layer.rate(), true).max();
            return x.mul(bridge.batch(kept, shape)).mul(factor);
        }

        private static TensorOptional optional(Tensor tensor) {
            return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
        }

        private static long[] sizes(Window window) {
            return new long[] {window.y().size(), window.x().size()};
        }

        private static long[] strides(Window window) {
            return new long[] {window.y().stride(), window.x().stride()};
        }

        private static long[] paddings(Window window) {
            return new long[] {window.y().padding(), window.x().padding()};
        }

        private static long[] dilations(Window window) {
            return new long[] {window.y().dilation(), window.x().dilation()};
        }
    }
}
