package coppice.imp;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.imp.settings.Spec;
import coppice.nn.Model;
import coppice.nn.Parameter;
import coppice.nn.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/**
 * Removes the surviving weights of least magnitude at the end of training (Han et al., "Learning both weights and connections",
 * 2015). Of n candidates exactly round(rate · n) go; of equal magnitudes, those that stand first.
 */
public record MagnitudePruning(Spec.Pruning settings) {

    /** Weights that compete with each other, and the share of them that goes. */
    private record Pool(double rate, List<String> weights) {

        /** How many of so many candidates go. */
        long goners(int candidates) {
            return Math.round(rate * candidates);
        }
    }

    /**
     * @param backend finds the weights of least magnitude; any finds the same
     * @param end     the weights after training
     * @return the survivors among the survivors; a weight whose rate is 0 keeps the form it has
     */
    public Masks prune(Backend backend, Model model, Snapshot end) {
        SequencedMap<String, Mask> kept = new LinkedHashMap<>();
        for (Pool pool : pools(model)) {
            prune(backend, pool, end, kept);
        }
        SequencedMap<String, Mask> inModelOrder = new LinkedHashMap<>();
        model.prunable().stream().map(Parameter::name).filter(kept::containsKey).forEach(name -> inModelOrder.put(name, kept.get(name)));
        return new Masks(inModelOrder);
    }

    /** How many prunable weights of a model survive at a level; no training is needed to know. */
    public long survivors(Model model, int level) {
        long pruned = 0;
        for (Pool pool : pools(model)) {
            int size = model.prunable().stream().filter(weight -> pool.weights.contains(weight.name()))
                    .mapToInt(weight -> weight.shape().size()).sum();
            int left = size;
            for (int pruning = 0; pruning < level; pruning++) {
                left -= (int) pool.goners(left);
            }
            pruned += size - left;
        }
        return Masks.NONE.weightsLeft(model) - pruned;
    }

    private List<Pool> pools(Model model) {
        List<Pool> pools = new ArrayList<>();
        List<String> shared = new ArrayList<>();
        for (Parameter weight : model.prunable()) {
            Double own = settings.layerRates().get(weight.name());
            if (own != null) {
                pools.add(new Pool(own, List.of(weight.name())));
            } else if (settings.scope() == Spec.Scope.LAYERWISE) {
                pools.add(new Pool(settings.rate(), List.of(weight.name())));
            } else {
                shared.add(weight.name());
            }
        }
        if (!shared.isEmpty()) {
            pools.add(new Pool(settings.rate(), shared));
        }
        pools.removeIf(pool -> pool.rate == 0);
        return pools;
    }

    private static void prune(Backend backend, Pool pool, Snapshot end, SequencedMap<String, Mask> kept) {
        int count = pool.weights.stream().mapToInt(name -> end.get(name).values().length).sum();
        float[] weights = new float[count];
        int first = 0;
        for (String name : pool.weights) {
            float[] values = end.get(name).values();
            System.arraycopy(values, 0, weights, first, values.length);
            first += values.length;
        }
        float[] stays = keepLargest(backend, (int) (count - pool.goners(count)), weights);
        first = 0;
        for (String name : pool.weights) {
            Form form = end.get(name).form();
            int n = end.get(name).values().length;
            int[] positions = new int[n];
            int survivors = 0;
            for (int i = 0; i < n; i++) {
                if (stays[first + i] != 0) {
                    positions[survivors++] = form.isMasked() ? form.mask().position(i) : i;
                }
            }
            kept.put(name, Mask.of(form.shape(), Arrays.copyOf(positions, survivors)));
            first += n;
        }
    }

    /** 1 for each weight that stays, 0 for one that goes. */
    private static float[] keepLargest(Backend backend, int kept, float[] weights) {
        float[] stays = new float[weights.length];
        Buffer buffer = backend.allocate(weights.length);
        try {
            backend.write(buffer, weights, weights.length);
            backend.keepLargest(kept, weights.length, buffer, buffer);
            backend.read(buffer, stays, stays.length);
        } finally {
            backend.release(buffer);
        }
        return stays;
    }
}
