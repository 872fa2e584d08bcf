package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OrderTest {

    private final Dataset data = new Draws(Seed.of(1)).dataset(Shape.of(1, 1, 1), 2, 50);
    private final View view = new View(data, IntStream.range(0, 23).map(i -> 2 * i).toArray());

    @Test
    void anEpochSeesNoImageTwiceAndDropsTheLastIncompleteBatch() {
        Order order = new Order(Seed.of(7), view, 5);
        assertEquals(4, order.iterationsPerEpoch());
        for (int epoch = 0; epoch < 3; epoch++) {
            Set<Integer> seen = new HashSet<>();
            for (int batch = 0; batch < 4; batch++) {
                Arrays.stream(order.indices(4 * epoch + batch)).forEach(seen::add);
            }
            assertEquals(20, seen.size());
            assertTrue(seen.stream().allMatch(index -> index % 2 == 0 && index < 46), "images of the view only: " + seen);
        }
    }

    @Test
    void anIterationIsTheSameWheneverItIsAskedFor() {
        Order straight = new Order(Seed.of(7), view, 5);
        int[][] run = IntStream.range(0, 20).mapToObj(straight::indices).toArray(int[][]::new);
        Order resumed = new Order(Seed.of(7), view, 5);
        for (int iteration : new int[] {13, 14, 2, 19, 0}) {
            assertArrayEquals(run[iteration], resumed.indices(iteration));
        }
        assertFalse(Arrays.equals(run[0], run[4]), "epochs differ");
        assertFalse(Arrays.equals(run[0], new Order(Seed.of(8), view, 5).indices(0)), "seeds differ");
    }

    @Test
    void epochsFollowTheSeedPath() {
        int[] permutation = Seed.of(7).in(2).permutation(23);
        int[] expected = Arrays.stream(permutation).skip(5).limit(5).map(i -> view.indices()[i]).toArray();
        Order order = new Order(Seed.of(7), view, 5);
        assertArrayEquals(expected, order.indices(9));
        assertEquals(2, order.epoch(9));
        assertEquals(1, order.epoch(7));
        assertEquals(0, order.epoch(3));
    }

    @Test
    void refusesWhatDoesNotFit() {
        for (int batchSize : new int[] {0, 24}) {
            assertEquals("order of draws: batch size must be 1 to the 23 images there are, got " + batchSize,
                    assertThrows(IllegalArgumentException.class, () -> new Order(Seed.of(7), view, batchSize)).getMessage());
        }
        Order order = new Order(Seed.of(7), view, 5);
        assertEquals("order of draws: needs an iteration of at least 0, got -1",
                assertThrows(IllegalArgumentException.class, () -> order.epoch(-1)).getMessage());
        assertEquals("order of draws: needs an iteration of at least 0 and room for 5 indices, got iteration -1 and room"
                        + " for 4",
                assertThrows(IllegalArgumentException.class, () -> order.fill(-1, new int[4])).getMessage());
    }
}
