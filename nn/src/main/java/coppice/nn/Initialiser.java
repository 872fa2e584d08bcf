package coppice.nn;

import coppice.engine.Seed;
import java.util.Arrays;

/**
 * How weights start. Biases and running means start at zero, running variances at one; for scales see {@link ScaleInitialiser}. Each weight
 * is drawn from the seed's branch of its name, so layers are independent.
 */
public enum Initialiser {
    /** Variance 2 / (fan-in + fan-out), normal (Glorot and Bengio 2010, equation 12, with a normal distribution). */
    GLOROT_NORMAL,
    /** Variance 2 / (fan-in + fan-out), uniform (Glorot and Bengio 2010, equation 16). */
    GLOROT_UNIFORM,
    /** Variance 2 / fan-in, normal (He et al. 2015, equation 10). */
    KAIMING_NORMAL,
    /** Variance 2 / fan-in, uniform. */
    KAIMING_UNIFORM;

    /** The starting values of a parameter that is no scale, row-major. */
    public float[] values(Parameter parameter, Seed seed) {
        float[] values = new float[parameter.shape().size()];
        if (parameter.role() != Parameter.Role.WEIGHT) {
            Arrays.fill(values, parameter.role() == Parameter.Role.VARIANCE ? 1 : 0);
            return values;
        }
        Seed source = seed.in(parameter.name());
        double deviation = Math.sqrt(switch (this) {
            case GLOROT_NORMAL, GLOROT_UNIFORM -> 2.0 / (parameter.fanIn() + parameter.fanOut());
            case KAIMING_NORMAL, KAIMING_UNIFORM -> 2.0 / parameter.fanIn();
        });
        double bound = Math.sqrt(3) * deviation;              // of the uniform distribution with that deviation
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) switch (this) {
                case GLOROT_NORMAL, KAIMING_NORMAL -> deviation * source.normal(i);
                case GLOROT_UNIFORM, KAIMING_UNIFORM -> bound * (2 * source.uniform(i) - 1);
            };
        }
        return values;
    }
}
