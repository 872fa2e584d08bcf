package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.nn.Initialiser;
import coppice.nn.Model;
import coppice.nn.Optimiser;
import coppice.nn.Snapshot;
import coppice.nn.Trainer;
import coppice.nn.models.Models;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MasksTest {

    private static final Model MODEL = Models.of("lenet-300-100", Shape.of(1, 2, 2), 3);

    private static Masks masks(Map<String, Mask> byWeight) {
        return new Masks(new LinkedHashMap<>(byWeight));
    }

    @Test
    void countsPrunableWeights() {
        Masks masks = masks(Map.of("fc2.weight", Mask.of(Shape.of(100, 300), 5, 7)));
        assertEquals(300 * 4 + 2 + 3 * 100, masks.weightsLeft(MODEL));
        assertEquals((1200 + 2 + 300) / (1200.0 + 30_000 + 300), masks.density(MODEL));
        assertEquals(1, Masks.NONE.density(MODEL));
    }

    @Test
    void restrictsWeightsAndTheirMomentsAlike() {
        Mask mask = Mask.of(Shape.of(3, 100), 0, 17, 299);
        var zero = Trainer.State.start(new Optimiser.Adam(0.9, 0.999, 1e-8, 0), 0,
                Snapshot.initial(MODEL, Initialiser.KAIMING_NORMAL, Seed.of(1)));
        var start = new Trainer.State(5, 3, zero.weights(), zero.moments());
        Trainer.State kept = masks(Map.of("fc3.weight", mask)).restrict(start);
        assertEquals(5, kept.iteration());
        assertEquals(3, kept.updates());
        float[] whole = start.weights().get("fc3.weight").values();
        assertArrayEquals(new float[] {whole[0], whole[17], whole[299]}, kept.weights().get("fc3.weight").values());
        assertEquals(3, kept.moments().count("fc3.weight/mean"));
        assertEquals(3, kept.moments().count("fc3.weight/square"));
        assertEquals(3, kept.weights().count("fc3.bias"));
        assertEquals(30_000, kept.moments().count("fc2.weight/mean"));
    }

    @Test
    void randomMasksHaveAsManySurvivorsInEachLayer() {
        Masks ticket = masks(Map.of(
                "fc1.weight", Mask.where(Shape.of(300, 4), position -> position % 3 == 0),
                "fc3.weight", Mask.where(Shape.of(3, 100), position -> position < 11)));
        Masks random = RandomMasks.like(ticket, Seed.of(2));
        assertEquals(ticket.byWeight().keySet(), random.byWeight().keySet());
        ticket.byWeight().forEach((name, mask) -> {
            assertEquals(mask.count(), random.byWeight().get(name).count());
            assertEquals(mask.shape(), random.byWeight().get(name).shape());
            assertNotEquals(mask, random.byWeight().get(name));
        });
        assertEquals(random, RandomMasks.like(ticket, Seed.of(2)));
        assertNotEquals(random, RandomMasks.like(ticket, Seed.of(3)));
    }
}
