package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MaskTest {

    /**
     * <pre>
     * . x . x
     * . . . .
     * x x . .
     * </pre>
     */
    private static final Mask MASK = Mask.of(Shape.of(3, 4), 1, 3, 8, 9);

    @Test
    void listsItsSurvivors() {
        assertEquals(Shape.of(3, 4), MASK.shape());
        assertEquals(4, MASK.count());
        assertEquals(4.0 / 12, MASK.density());
        assertEquals(8, MASK.position(2));
        assertArrayEquals(new int[] {1, 3, 8, 9}, MASK.positions());
        assertTrue(MASK.contains(3));
        assertFalse(MASK.contains(0));
        assertFalse(MASK.contains(12));
        assertEquals("mask of 4 in [3, 4]", MASK.toString());
    }

    private record Shifted(int by) implements Mask.Derivation<int[]> {
        @Override
        public int[] of(Mask mask) {
            return Arrays.stream(mask.positions()).map(position -> position + by).toArray();
        }
    }

    @Test
    void keepsWhatIsDerivedFromIt() {
        int[] shifted = MASK.derived(new Shifted(2));
        assertArrayEquals(new int[] {3, 5, 10, 11}, shifted);
        assertSame(shifted, MASK.derived(new Shifted(2)));
        assertArrayEquals(new int[] {0, 2, 7, 8}, MASK.derived(new Shifted(-1)));
        assertNotSame(shifted, Mask.of(MASK.shape(), MASK.positions()).derived(new Shifted(2)));
    }

    @Test
    void cannotBeChangedThroughItsArrays() {
        int[] positions = {1, 3, 8, 9};
        Mask mask = Mask.of(Shape.of(3, 4), positions);
        positions[0] = 0;
        mask.positions()[1] = 2;
        assertEquals(MASK, mask);
    }

    @Test
    void indexesItsRows() {
        assertArrayEquals(new int[] {0, 2, 2, 4}, MASK.rows().starts());
        assertArrayEquals(new int[] {1, 3, 0, 1}, MASK.rows().columns());
    }

    @Test
    void indexesItsColumns() {
        assertArrayEquals(new int[] {0, 1, 3, 3, 4}, MASK.columns().starts());
        assertArrayEquals(new int[] {2, 0, 2, 0}, MASK.columns().rows());
        assertArrayEquals(new int[] {2, 0, 3, 1}, MASK.columns().values());
    }

    @Test
    void flattensTheAxesAfterTheFirstIntoColumns() {
        Mask kernel = Mask.of(Shape.of(2, 3, 2, 2), 5, 11, 12, 23);
        assertArrayEquals(new int[] {0, 2, 4}, kernel.rows().starts());
        assertArrayEquals(new int[] {5, 11, 0, 11}, kernel.rows().columns());
        Mask vector = Mask.of(Shape.of(5), 0, 4);
        assertArrayEquals(new int[] {0, 1, 1, 1, 1, 2}, vector.rows().starts());
        assertArrayEquals(new int[] {0, 2}, vector.columns().starts());
    }

    /** Both indices, on masks of every density: each survivor once, rows and columns ascending. */
    @Test
    void bothIndicesHoldTheSameSurvivors() {
        for (int density = 0; density <= 10; density++) {
            Seed seed = Seed.of(4).in(density);
            double share = density / 10.0;
            Mask mask = Mask.where(Shape.of(13, 29), position -> seed.uniform(position) < share);
            Mask.Rows rows = mask.rows();
            assertEquals(mask.count(), rows.starts()[13]);
            for (int row = 0; row < 13; row++) {
                for (int i = rows.starts()[row]; i < rows.starts()[row + 1]; i++) {
                    assertEquals(mask.position(i), row * 29 + rows.columns()[i]);
                }
            }
            Mask.Columns columns = mask.columns();
            assertEquals(mask.count(), columns.starts()[29]);
            for (int column = 0; column < 29; column++) {
                for (int entry = columns.starts()[column]; entry < columns.starts()[column + 1]; entry++) {
                    assertEquals(mask.position(columns.values()[entry]), columns.rows()[entry] * 29 + column);
                    assertTrue(entry == columns.starts()[column] || columns.rows()[entry - 1] < columns.rows()[entry]);
                }
            }
        }
    }

    @Test
    void mayKeepEverythingOrNothing() {
        Mask full = Mask.full(Shape.of(2, 3));
        assertEquals(6, full.count());
        assertEquals(1, full.density());
        Mask none = Mask.of(Shape.of(2, 3));
        assertEquals(0, none.count());
        assertEquals(0, none.density());
        assertArrayEquals(new int[] {0, 0, 0}, none.rows().starts());
        assertArrayEquals(new int[] {0, 0, 0, 0}, none.columns().starts());
        assertEquals(0, Mask.full(Shape.of(0, 3)).density());
    }

    @Test
    void subsetsAreOfTheSameShape() {
        assertTrue(MASK.isSubsetOf(MASK));
        assertTrue(Mask.of(MASK.shape(), 3, 9).isSubsetOf(MASK));
        assertTrue(MASK.isSubsetOf(Mask.full(MASK.shape())));
        assertFalse(Mask.of(MASK.shape(), 3, 10).isSubsetOf(MASK));
        assertFalse(Mask.of(Shape.of(4, 3), 3, 9).isSubsetOf(MASK));
        assertTrue(Mask.of(MASK.shape()).isSubsetOf(MASK));
    }

    @Test
    void equalsByShapeAndPositions() {
        Mask same = Mask.where(Shape.of(3, 4), List.of(1, 3, 8, 9)::contains);
        assertEquals(MASK, same);
        assertEquals(MASK.hashCode(), same.hashCode());
        assertNotEquals(MASK, Mask.of(Shape.of(3, 4), 1, 3, 8));
        assertNotEquals(MASK, Mask.of(Shape.of(4, 3), 1, 3, 8, 9));
    }

    @Test
    void badPositionsAreRefused() {
        Shape shape = Shape.of(2, 3);
        assertRefused("mask: a scalar cannot be masked", () -> Mask.of(Shape.SCALAR, 0));
        assertRefused("mask: a scalar cannot be masked", () -> Mask.full(Shape.SCALAR));
        assertRefused("mask: positions of [2, 3] must ascend within 0 … 5, got 6 after 2 at index 1", () -> Mask.of(shape, 2, 6));
        assertRefused("mask: positions of [2, 3] must ascend within 0 … 5, got 2 after 2 at index 1", () -> Mask.of(shape, 2, 2));
        assertRefused("mask: positions of [2, 3] must ascend within 0 … 5, got 1 after 4 at index 2", () -> Mask.of(shape, 0, 4, 1));
        assertRefused("mask: positions of [2, 3] must ascend within 0 … 5, got -1 after -1 at index 0", () -> Mask.of(shape, -1));
        assertRefused("mask: must be of the tensor's shape [3, 2], got mask of 1 in [2, 3]",
                () -> new Form(Shape.of(3, 2), Mask.of(shape, 0)));
    }

    @Test
    void formsStoreOneValueForEachSurvivor() {
        assertEquals(Shape.of(4), Form.masked(MASK).stored());
        assertEquals(Shape.of(3, 4), Form.masked(MASK).shape());
        assertEquals("[3, 4] masked to 4", Form.masked(MASK).toString());
        assertTrue(Form.masked(MASK).isMasked());
        assertEquals(Shape.of(3, 4), Form.dense(Shape.of(3, 4)).stored());
        assertEquals("[3, 4]", Form.dense(Shape.of(3, 4)).toString());
        assertNotEquals(Form.dense(MASK.shape()), Form.masked(Mask.full(MASK.shape())));
    }

    private static void assertRefused(String message, Runnable action) {
        assertEquals(message, assertThrows(ShapeException.class, action::run).getMessage());
    }

    @Test
    void bitsAndCountsBeforeAPositionSayTheSameAsThePositions() {
        Mask mask = Mask.where(Shape.of(7, 19), position -> Seed.of(5).uniform(position) < 0.4);
        int before = 0;
        for (int position = 0; position < mask.shape().size(); position++) {
            assertEquals(before, mask.survivorsBefore(position));
            boolean set = (mask.bits()[position / 64] >>> position % 64 & 1) == 1;
            assertEquals(mask.contains(position), set);
            before += set ? 1 : 0;
        }
        assertEquals(mask.count(), mask.survivorsBefore(mask.shape().size()));
        assertEquals(3, mask.bits().length);
    }
}
