package coppice.imp;

import coppice.engine.Mask;
import coppice.engine.Seed;
import java.util.Arrays;
import java.util.LinkedHashMap;

/** Masks with as many survivors in each layer as a ticket has, at positions drawn at random. */
final class RandomMasks {

    private RandomMasks() {}

    static Masks like(Masks ticket, Seed seed) {
        var drawn = new LinkedHashMap<String, Mask>();
        ticket.byWeight().forEach((name, mask) -> {
            int[] positions = Arrays.copyOf(seed.in(name).permutation(mask.shape().size()), mask.count());
            Arrays.sort(positions);
            drawn.put(name, Mask.of(mask.shape(), positions));
        });
        return new Masks(drawn);
    }
}
