package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitsTest {

    private final TrainAndTest data = new TrainAndTest(
            new Draws(Seed.of(1)).dataset(Shape.of(1, 2, 2), 3, 100),
            new Draws(Seed.of(2)).dataset(Shape.of(1, 2, 2), 3, 20));

    @Test
    void everyTrainingImageIsInOneView() {
        Splits splits = Splits.of(data, 30, Seed.of(7));
        assertEquals(70, splits.train().size());
        assertEquals(30, splits.validation().size());
        assertEquals(20, splits.test().size());
        int[] both = IntStream.concat(Arrays.stream(splits.train().indices()), Arrays.stream(splits.validation().indices()))
                .sorted().toArray();
        assertArrayEquals(IntStream.range(0, 100).toArray(), both);
    }

    @Test
    void theSeedDecides() {
        int[] first = Splits.of(data, 30, Seed.of(7)).validation().indices();
        assertArrayEquals(first, Splits.of(data, 30, Seed.of(7)).validation().indices());
        assertFalse(Arrays.equals(first, Splits.of(data, 30, Seed.of(8)).validation().indices()));
    }

    @Test
    void validationMayBeEmptyButTrainingMayNot() {
        assertEquals(0, Splits.of(data, 0, Seed.of(7)).validation().size());
        assertEquals(1, Splits.of(data, 99, Seed.of(7)).train().size());
        for (int validation : new int[] {-1, 100}) {
            assertEquals("splits of draws: validation must be 0 to 99 of its 100 images, got " + validation,
                    assertThrows(IllegalArgumentException.class, () -> Splits.of(data, validation, Seed.of(7)))
                            .getMessage());
        }
    }
}
