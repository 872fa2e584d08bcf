package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of positions, done from the last to the first: whatever one writes beyond its own is seen. */
class ScatteringTest {

    private static final Shape SHAPE = Shape.of(37, 41);

    /** Some as long as a few words of a mask's bits, some shorter than a vector, one empty, none at a word's start but the first. */
    private static final List<Integer> CUTS = List.of(0, 333, 334, 350, 350, 901, 1000, 1439, SHAPE.size());

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.01, 0.5, 0.9, 1})
    void movesValuesOfARangeAndNoOthers(double density) {
        Seed seed = Seed.of(5);
        Mask mask = Mask.where(SHAPE, position -> seed.uniform(position) < density && position / 100 != 9);
        Scattering scattering = Scattering.of(mask);
        try (var workers = new Workers(1); var memory = new Memory(workers)) {
            long dense = filled(memory, SHAPE.size());
            long values = filled(memory, mask.count());
            inRangesFromTheLast((from, to) -> scattering.compress(from, to - from, dense + 4L * from, values));
            for (int i = 0; i < mask.count(); i++) {
                assertEquals(value(mask.position(i)), Vectors.get(values + 4L * i), "survivor " + i + " of " + mask);
            }
            long expanded = filled(memory, SHAPE.size());
            inRangesFromTheLast((from, to) -> scattering.expand(from, to - from, values, expanded + 4L * from));
            for (int position = 0; position < SHAPE.size(); position++) {
                float expected = mask.contains(position) ? value(position) : 0;
                assertEquals(expected, Vectors.get(expanded + 4L * position), "position " + position + " of " + mask);
            }
        }
    }

    private interface Range {
        void run(int from, int to);
    }

    private static void inRangesFromTheLast(Range range) {
        for (int i = CUTS.size() - 2; i >= 0; i--) {
            range.run(CUTS.get(i), CUTS.get(i + 1));
        }
    }

    private static long filled(Memory memory, int count) {
        long address = memory.allocate(count).address();
        for (int i = 0; i < count; i++) {
            Vectors.set(address + 4L * i, value(i));
        }
        return address;
    }

    private static float value(int position) {
        return 1 + position;
    }
}
