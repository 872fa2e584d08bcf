package coppice.engine;

import static coppice.engine.Elementwise.add;
import static coppice.engine.Reduction.dot;

import java.util.List;

/** Second derivatives of a loss, exactly, by differentiating its gradient (Pearlmutter, "Fast exact multiplication by the Hessian", 1994). */
public final class Hessian {

    private Hessian() {}

    /**
     * The product of the Hessian of a loss with a vector. For masked parameters this is the Hessian within the mask's subspace,
     * at a cost that falls with the mask.
     *
     * @param loss       a scalar on the tape
     * @param parameters watched on the tape
     * @param vector     one tensor of each parameter's form
     * @return one tensor of each parameter's form, living on the tape
     */
    public static List<Tensor> product(Tape tape, Tensor loss, List<Tensor> parameters, List<Tensor> vector) {
        if (vector.size() != parameters.size()) {
            throw new ShapeException("hessian: the vector needs one tensor for each of " + parameters.size() + " parameters, got "
                    + vector.size());
        }
        List<Tensor> gradients = tape.differentiableGradients(loss, parameters);
        Tensor slope = null;                                    // Σ ⟨∂L/∂w, v⟩, whose gradient is H·v
        for (int i = 0; i < parameters.size(); i++) {
            if (!vector.get(i).form().equals(parameters.get(i).form())) {
                throw new ShapeException("hessian: each part of the vector must have its parameter's form, got "
                        + vector.get(i).form() + " for " + parameters.get(i).form());
            }
            if (gradients.get(i).isTracked()) {
                Tensor term = dot(gradients.get(i), vector.get(i));
                slope = slope == null ? term : add(slope, term);
            }
        }
        return slope == null
                ? parameters.stream().map(w -> tape.constant(w.backend(), w.form(), 0)).toList()
                : tape.gradients(slope, parameters);
    }
}
