package coppice.nn;

import static coppice.engine.Elementwise.add;
import static coppice.engine.Elementwise.affine;
import static coppice.engine.Elementwise.divide;
import static coppice.engine.Elementwise.multiply;
import static coppice.engine.Elementwise.relu;
import static coppice.engine.Elementwise.sqrt;
import static coppice.engine.Elementwise.subtract;
import static coppice.engine.Layout.reshape;

import coppice.engine.BatchNorm;
import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Batch normalisation of the channels of [C, H, W, N] (Ioffe and Szegedy 2015): in training by the batch's own mean and variance,
 * otherwise by running ones. These are parameters too, so that they are saved, rewound and interpolated with the weights, but no
 * gradient moves them: after each step the {@link Trainer} mixes a share of {@link #MOMENTUM} of the batch's into them, of the
 * variance the unbiased one, Σ (x − mean)² / (n − 1).
 *
 * @param epsilon is added to the variance
 */
public record BatchNorm2d(String name, int channels, float epsilon) implements Rectifiable {

    /** The share of the batch in new running statistics. */
    public static final float MOMENTUM = 0.1f;

    private static final float EPSILON = 1e-5f;

    public BatchNorm2d(String name, int channels) {
        this(name, channels, EPSILON);
    }

    @Override
    public Shape output(Shape input) {
        if (input.rank() != 3 || input.size(0) != channels) {
            throw new ShapeException("batch norm " + name + ": takes examples of [" + channels + ", H, W], got " + input);
        }
        return input;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(parameter("scale", Parameter.Role.SCALE), parameter("shift", Parameter.Role.BIAS),
                parameter("mean", Parameter.Role.MEAN), parameter("variance", Parameter.Role.VARIANCE));
    }

    private Parameter parameter(String part, Parameter.Role role) {
        return new Parameter(name + "." + part, Shape.of(channels), role);
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        return pass.isTraining() ? BatchNorm.normalise(x, scale(pass), shift(pass), moments(pass, x), epsilon) : byRunningStatistics(pass, x);
    }

    @Override
    public Tensor forwardRectified(Pass pass, Tensor x) {
        return pass.isTraining()
                ? BatchNorm.normaliseRelu(x, scale(pass), shift(pass), moments(pass, x), epsilon)
                : relu(byRunningStatistics(pass, x));
    }

    private Tensor moments(Pass pass, Tensor x) {
        Tensor moments = BatchNorm.moments(x);
        pass.observe(new Pass.Observation(name + ".mean", name + ".variance", moments, x.shape().rowSize()));
        return moments;
    }

    private Tensor byRunningStatistics(Pass pass, Tensor x) {
        Tensor deviation = sqrt(affine(pass.weight(name + ".variance"), 1, epsilon));
        Tensor slope = divide(scale(pass), deviation);
        Tensor offset = subtract(shift(pass), multiply(pass.weight(name + ".mean"), slope));
        Shape perChannel = Shape.of(channels, 1, 1, 1);
        return add(multiply(x, reshape(slope, perChannel)), reshape(offset, perChannel));
    }

    private Tensor scale(Pass pass) {
        return pass.weight(name + ".scale");
    }

    private Tensor shift(Pass pass) {
        return pass.weight(name + ".shift");
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return 0;
    }
}
