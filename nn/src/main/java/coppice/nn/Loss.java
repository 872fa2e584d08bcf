package coppice.nn;

import static coppice.engine.Elementwise.square;
import static coppice.engine.Elementwise.subtract;
import static coppice.engine.Reduction.sum;

import coppice.engine.Classification;
import coppice.engine.Reduction;
import coppice.engine.Tensor;

/** What training makes small, of outputs [C, N] and targets [C, N]. */
public enum Loss {
    /** −Σ t · log softmax(z). */
    CROSS_ENTROPY {
        @Override
        public Tensor perExample(Tensor outputs, Tensor targets) {
            return Classification.softmaxCrossEntropy(outputs, targets);
        }
    },
    /** Σ (z − t)². */
    SQUARED_ERROR {
        @Override
        public Tensor perExample(Tensor outputs, Tensor targets) {
            return sum(square(subtract(outputs, targets)), 0);
        }
    };

    /** The loss of each example, [1, N]. */
    public abstract Tensor perExample(Tensor outputs, Tensor targets);

    /** The mean over the batch, a scalar. */
    public Tensor of(Tensor outputs, Tensor targets) {
        return Reduction.mean(perExample(outputs, targets));
    }
}
