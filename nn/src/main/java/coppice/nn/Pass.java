package coppice.nn;

import coppice.engine.Tape;
import coppice.engine.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** One forward pass: the weights that the layers use, and whether it trains them. */
public final class Pass {

    private final SequencedMap<String, Tensor> weights;
    private final boolean training;

    private Pass(SequencedMap<String, Tensor> weights, boolean training) {
        this.weights = weights;
        this.training = training;
    }

    /** A pass whose gradients will be asked for: every weight is watched. */
    public static Pass training(Tape tape, Weights weights) {
        var watched = new LinkedHashMap<String, Tensor>();
        weights.forEach((name, tensor) -> watched.put(name, tape.watch(tensor)));
        return new Pass(watched, true);
    }

    /** A pass that computes and remembers nothing. */
    public static Pass inference(Weights weights) {
        var plain = new LinkedHashMap<String, Tensor>();
        weights.forEach(plain::put);
        return new Pass(plain, false);
    }

    public boolean isTraining() {
        return training;
    }

    public Tensor weight(String name) {
        Tensor weight = weights.get(name);
        if (weight == null) {
            throw new IllegalArgumentException("pass: there is no weight \"" + name + "\", only " + weights.keySet());
        }
        return weight;
    }

    /** The weights of this pass, in the model's order. */
    public List<Tensor> weights() {
        return new ArrayList<>(weights.values());
    }
}
