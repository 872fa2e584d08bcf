package coppice.nn;

import coppice.engine.Backend;
import coppice.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiConsumer;

/** The named tensors of a model on a backend, in the model's order; or anything that is kept for each of them, such as momentum. */
public final class Weights implements AutoCloseable {

    private final SequencedMap<String, Tensor> tensors;

    private Weights(SequencedMap<String, Tensor> tensors) {
        this.tensors = tensors;
    }

    /** The values of a snapshot, on a backend. */
    public static Weights of(Backend backend, Snapshot snapshot) {
        var tensors = new LinkedHashMap<String, Tensor>();
        snapshot.values().forEach((name, value) -> tensors.put(name, Tensor.of(backend, value.form(), value.values())));
        return new Weights(tensors);
    }

    public Tensor get(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("weights: there is no \"" + name + "\", only " + tensors.keySet());
        }
        return tensor;
    }

    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    public void forEach(BiConsumer<String, Tensor> action) {
        tensors.forEach(action);
    }

    /**
     * Mixes what was seen of a batch into the running statistics: (1 − m) · running + m · batch, with m = {@link BatchNorm2d#MOMENTUM} and
     * the unbiased variance of the batch.
     */
    public void updateRunningStatistics(List<Pass.Observation> observations) {
        for (Pass.Observation seen : observations) {
            Tensor mean = get(seen.mean());
            mean.backend().followMoments(mean.count(), seen.count(), BatchNorm2d.MOMENTUM, seen.moments().buffer(), mean.buffer(),
                    get(seen.variance()).buffer());
        }
    }

    /** A copy of all values. */
    public Snapshot snapshot() {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        tensors.forEach((name, tensor) -> values.put(name, new Snapshot.Value(tensor.form(), tensor.values())));
        return new Snapshot(values);
    }

    /** Gives the memory back. */
    @Override
    public void close() {
        tensors.values().forEach(Tensor::close);
    }
}
