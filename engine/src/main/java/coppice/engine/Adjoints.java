package coppice.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The gradients that a walk along a {@link Tape} has gathered so far, by the place of their tensor, and the memory made on the way.
 * Memory in which no gradient stands any more goes back at once: a walk needs room for the few gradients on the way, not for as many
 * as there are activations.
 */
final class Adjoints {

    private final Backend backend;
    private final Tensor[] gradients;
    /** How many gradients stand in each buffer made by the walk: several where an operation hands one on to all its operands. */
    private final Map<Buffer, Integer> made = new LinkedHashMap<>();

    /** @param places of tensors that gradients may be gathered for */
    Adjoints(Backend backend, int places) {
        this.backend = backend;
        this.gradients = new Tensor[places];
    }

    /** The gradient gathered so far; null for none. */
    Tensor get(int place) {
        return gradients[place];
    }

    void add(int place, Tensor term) {
        set(place, gradients[place] == null ? term : Elementwise.add(gradients[place], term));
    }

    /** Forgets a gradient. */
    void drop(int place) {
        set(place, null);
    }

    private void set(int place, Tensor gradient) {
        count(gradient, 1);
        count(gradients[place], -1);
        gradients[place] = gradient;
    }

    /** Memory that was there before the walk is not counted: a gradient can stand in it, too. */
    private void count(Tensor gradient, int more) {
        if (gradient != null) {
            made.computeIfPresent(gradient.buffer(), (buffer, count) -> count + more);
        }
    }

    /** Takes charge of memory. */
    void own(Buffer buffer) {
        made.put(buffer, 0);
    }

    /** Gives back the memory in which no gradient stands. */
    void sweep() {
        made.entrySet().removeIf(entry -> {
            if (entry.getValue() == 0) {
                backend.release(entry.getKey());
                return true;
            }
            return false;
        });
    }

    /** The memory that was not given back. */
    Set<Buffer> made() {
        return made.keySet();
    }
}
