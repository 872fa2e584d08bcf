package coppice.imp;

import coppice.engine.Mask;
import coppice.nn.Model;
import coppice.nn.Parameter;
import coppice.nn.Snapshot;
import coppice.nn.Trainer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.ToLongFunction;

/** The masks of a network, by weight. A weight without a mask is dense. */
public record Masks(SequencedMap<String, Mask> byWeight) {

    /** The dense network. */
    public static final Masks NONE = new Masks(new LinkedHashMap<>());

    public Masks {
        byWeight = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(byWeight));
    }

    /** The survivors among some weights. */
    public Snapshot restrict(Snapshot weights) {
        return weights.restrict(byWeight);
    }

    /** The survivors among weights and what the optimiser remembers of them. */
    public Trainer.State restrict(Trainer.State state) {
        return state.restrict(byWeight);
    }

    /** How many values of each of a model's parameters exist. */
    public ToLongFunction<String> sizes(Model model) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        model.parameters().forEach(parameter -> sizes.put(parameter.name(), left(parameter)));
        return sizes::get;
    }

    /** How many prunable weights of a model survive. */
    public long weightsLeft(Model model) {
        return model.prunable().stream().mapToLong(this::left).sum();
    }

    private long left(Parameter parameter) {
        Mask mask = byWeight.get(parameter.name());
        return mask == null ? parameter.shape().size() : mask.count();
    }

    /** The share of a model's prunable weights that survive. */
    public double density(Model model) {
        return (double) weightsLeft(model) / NONE.weightsLeft(model);
    }
}
