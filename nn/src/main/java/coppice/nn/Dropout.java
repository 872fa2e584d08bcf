package coppice.nn;

import static coppice.engine.Elementwise.multiply;

import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * In training, each value is 0 with probability {@code rate} and 1 / (1 − rate) times itself otherwise (Srivastava et al. 2014, with the
 * scaling moved to training); else nothing happens. Element i is drawn from the step's seed and the layer's name.
 */
public record Dropout(String name, double rate) implements Layer {

    public Dropout {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout " + name + ": rate must be at least 0 and below 1, got " + rate);
        }
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        if (!pass.isTraining() || rate == 0) {
            return x;
        }
        Seed draws = pass.draws().in(name);
        float[] factors = new float[x.count()];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = draws.uniform(i) < rate ? 0 : (float) (1 / (1 - rate));
        }
        return multiply(x, x.tape().input(x.backend(), x.shape(), factors));
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return 0;
    }
}
