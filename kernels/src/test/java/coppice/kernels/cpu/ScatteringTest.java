package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Ranges of positions, done from the last to the first, with room behind that last: whatever one writes behind its own is seen. */
class ScatteringTest {

    /** Some as long as a few words of a mask's bits, some shorter than a vector, one empty, none at a word's start but the first. */
    private static final List<Integer> ODD = List.of(0, 333, 334, 350, 350, 901, 1000, 1439, 1517);

    /** At words' starts, the end as well. */
    private static final List<Integer> WORDS = List.of(0, 64, 128, 128, 640, 1472, 1536, 1536);

    /** Floats that nobody is to write. */
    private static final int BEHIND = 64;

    private static Stream<Arguments> cases() {
        return Stream.of(ODD, WORDS).flatMap(cuts -> Stream.of(0, 0.01, 0.5, 0.9, 1).map(density -> Arguments.of(cuts, density)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void movesValuesOfARangeAndNoOthers(List<Integer> cuts, double density) {
        assumeTrue(Scattering.IS_FAST, "not used here: vectors have fewer than 16 lanes");
        Seed seed = Seed.of(5);
        int size = cuts.getLast();
        Mask mask = Mask.where(Shape.of(size), position -> seed.uniform(position) < density && position / 100 != 9);
        Scattering scattering = Scattering.of(mask);
        try (var workers = new Workers(1); var memory = new Memory(workers)) {
            long dense = filled(memory, size);
            long values = filled(memory, mask.count());
            fromTheLast(cuts, (from, to) -> scattering.compress(from, to - from, dense + 4L * from, values));
            for (int i = 0; i < mask.count(); i++) {
                assertEquals(value(mask.position(i)), Vectors.get(values + 4L * i), "survivor " + i + " of " + mask);
            }
            assertNothingBehind(values, mask.count());
            long expanded = filled(memory, size);
            fromTheLast(cuts, (from, to) -> scattering.expand(from, to - from, values, expanded + 4L * from));
            for (int position = 0; position < size; position++) {
                float expected = mask.contains(position) ? value(position) : 0;
                assertEquals(expected, Vectors.get(expanded + 4L * position), "position " + position + " of " + mask);
            }
            assertNothingBehind(expanded, size);
        }
    }

    private interface Range {
        void run(int from, int to);
    }

    private static void fromTheLast(List<Integer> cuts, Range range) {
        for (int i = cuts.size() - 2; i >= 0; i--) {
            range.run(cuts.get(i), cuts.get(i + 1));
        }
    }

    private static long filled(Memory memory, int count) {
        long address = memory.allocate(count + BEHIND).address();
        for (int i = 0; i < count + BEHIND; i++) {
            Vectors.set(address + 4L * i, value(i));
        }
        return address;
    }

    private static void assertNothingBehind(long address, int count) {
        for (int i = count; i < count + BEHIND; i++) {
            assertEquals(value(i), Vectors.get(address + 4L * i), "behind the last, " + i);
        }
    }

    private static float value(int position) {
        return 1 + position;
    }
}
