package coppice.nn;

import coppice.engine.Seed;
import java.util.Arrays;

/** How the scales of batch norm start. */
public enum ScaleInitialiser {
    /** At one (Ioffe and Szegedy 2015). */
    ONE,
    /** Evenly drawn from 0 to 1, which spreads the channels' importance from the start, as in the published lottery ticket experiments. */
    UNIFORM;

    float[] values(Parameter parameter, Seed seed) {
        float[] values = new float[parameter.shape().size()];
        switch (this) {
            case ONE -> Arrays.fill(values, 1);
            case UNIFORM -> {
                Seed source = seed.in(parameter.name());
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) source.uniform(i);
                }
            }
        }
        return values;
    }
}
