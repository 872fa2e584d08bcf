package coppice.nn;

import static coppice.engine.Convolution.convolve;
import static coppice.engine.Elementwise.add;
import static coppice.engine.Elementwise.addRelu;
import static coppice.engine.Elementwise.relu;
import static coppice.engine.Layout.reshape;

import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * y = w ∗ x, of [in, H, W, N] to [out, H', W', N], with a bias or, where batch norm follows, without.
 *
 * @param groups into how many parts the channels are divided, each convolved by itself
 */
public record Conv2d(String name, int in, int out, Window window, int groups, boolean biased) implements Rectifiable {

    public Conv2d {
        if (groups < 1 || in % groups != 0 || out % groups != 0) {
            throw new ShapeException("conv2d " + name + ": groups must divide inputs and outputs, got " + groups + " for " + in + " and " + out);
        }
    }

    /** 3×3 with a border of one, so that a stride of 1 keeps the size; without bias. */
    public static Conv2d of3x3(String name, int in, int out, int stride) {
        return new Conv2d(name, in, out, Window.square(3, stride, 1), 1, false);
    }

    /** 1×1, without bias. */
    public static Conv2d of1x1(String name, int in, int out, int stride) {
        return new Conv2d(name, in, out, Window.square(1, stride, 0), 1, false);
    }

    /** The same with a bias. */
    public Conv2d withBias() {
        return new Conv2d(name, in, out, window, groups, true);
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3 || input.size(0) != in) {
            throw new ShapeException("conv2d " + name + ": takes examples of [" + in + ", H, W], got " + input);
        }
        return window.outputOfExample("conv2d " + name, input, out);
    }

    @Override
    public List<Parameter> parameters() {
        var parameters = new ArrayList<Parameter>();
        parameters.add(new Parameter(weight(), Shape.of(out, in / groups, window.y().size(), window.x().size()), Parameter.Role.WEIGHT));
        if (biased) {
            parameters.add(new Parameter(bias(), Shape.of(out), Parameter.Role.BIAS));
        }
        return parameters;
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        Tensor y = convolve(pass.weight(weight()), x, window, groups);
        return biased ? add(y, bias(pass)) : y;
    }

    @Override
    public Tensor forwardRectified(Pass pass, Tensor x) {
        Tensor y = convolve(pass.weight(weight()), x, window, groups);
        return biased ? addRelu(y, bias(pass)) : relu(y);
    }

    /** [out,1,1,1], over pixels and batch. */
    private Tensor bias(Pass pass) {
        return reshape(pass.weight(bias()), Shape.of(out, 1, 1, 1));
    }

    /** Every weight is used once for each pixel of the output, padding included. */
    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        Shape output = output(input);
        return survivors.applyAsLong(weight()) * output.size(1) * output.size(2);
    }

    private String weight() {
        return name + ".weight";
    }

    private String bias() {
        return name + ".bias";
    }
}
