package coppice.nn;

import coppice.engine.Seed;
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
    private final Seed draws;
    private final List<Observation> observations = new ArrayList<>();

    /**
     * What a layer saw of a batch.
     *
     * @param mean     the running mean that it is to be mixed into
     * @param variance the running variance
     * @param moments  the batch's, [2, C]
     * @param count    values in each channel
     */
    public record Observation(String mean, String variance, Tensor moments, int count) {}

    private Pass(SequencedMap<String, Tensor> weights, boolean training, Seed draws) {
        this.weights = weights;
        this.training = training;
        this.draws = draws;
    }

    /** A pass whose gradients will be asked for, of a network that draws nothing. */
    public static Pass training(Tape tape, Weights weights) {
        return training(tape, weights, null);
    }

    /** A pass whose gradients will be asked for: every weight is watched. @param draws the step's own randomness */
    public static Pass training(Tape tape, Weights weights, Seed draws) {
        var watched = new LinkedHashMap<String, Tensor>();
        weights.forEach((name, tensor) -> watched.put(name, tape.watch(tensor)));
        return new Pass(watched, true, draws);
    }

    /** A pass that computes and remembers nothing. */
    public static Pass inference(Weights weights) {
        var plain = new LinkedHashMap<String, Tensor>();
        weights.forEach(plain::put);
        return new Pass(plain, false, null);
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

    /** The randomness of this pass. */
    Seed draws() {
        if (draws == null) {
            throw new IllegalStateException("pass: a layer draws at random, and the pass was begun without a seed");
        }
        return draws;
    }

    /** Notes what a layer saw. */
    void observe(Observation observation) {
        observations.add(observation);
    }

    /** What layers saw, in the order of computing. */
    public List<Observation> observations() {
        return observations;
    }

    /** The weights of this pass, in the model's order. */
    public List<Tensor> weights() {
        return new ArrayList<>(weights.values());
    }
}
