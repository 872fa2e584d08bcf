package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class ShapeTest {

    @Test
    void countsItsElements() {
        Shape images = Shape.of(3, 32, 30, 60);
        assertEquals(4, images.rank());
        assertEquals(3 * 32 * 30 * 60, images.size());
        assertEquals(30, images.size(2));
        assertEquals(32 * 30 * 60, images.rowSize());
        assertEquals(32 * 30, images.product(1, 3));
        assertEquals(1, images.product(2, 2));
        assertEquals("[3, 32, 30, 60]", images.toString());
    }

    @Test
    void aScalarHasOneElementAndNoAxes() {
        assertEquals(Shape.SCALAR, Shape.of());
        assertEquals(0, Shape.SCALAR.rank());
        assertEquals(1, Shape.SCALAR.size());
        assertEquals(1, Shape.SCALAR.rowSize());
        assertEquals("[]", Shape.SCALAR.toString());
    }

    @Test
    void mayBeEmpty() {
        assertEquals(0, Shape.of(5, 0, 7).size());
    }

    @Test
    void changesByMakingAnother() {
        Shape shape = Shape.of(2, 3);
        assertEquals(Shape.of(2, 5), shape.with(1, 5));
        assertEquals(Shape.of(2, 3, 60), shape.batch(60));
        assertEquals(Shape.of(60), Shape.SCALAR.batch(60));
        shape.toArray()[0] = 9;
        int[] sizes = {2, 3};
        Shape copied = Shape.of(sizes);
        sizes[0] = 9;
        assertEquals(Shape.of(2, 3), shape);
        assertEquals(Shape.of(2, 3), copied);
        assertArrayEquals(new int[] {2, 3}, copied.toArray());
    }

    @Test
    void equalsBySizes() {
        assertEquals(Shape.of(2, 3), Shape.of(2, 3));
        assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
        assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
        assertNotEquals(Shape.of(1), Shape.SCALAR);
        assertNotEquals(Shape.of(2, 3), Shape.of(2, 3, 1));
    }

    @Test
    void sizesThatCannotBeAreRefused() {
        assertRefused("shape: a size must not be negative, got [2, -1]", () -> Shape.of(2, -1));
        assertRefused("shape: more than 2³¹ − 1 elements in [65536, 32768]", () -> Shape.of(65_536, 32_768));
        assertRefused("shape: more than 2³¹ − 1 elements in [65536, 65536, 65536, 65536, 2]",
                () -> Shape.of(65_536, 65_536, 65_536, 65_536, 2));
        assertEquals(Integer.MAX_VALUE, Shape.of(Integer.MAX_VALUE).size());
    }

    private static void assertRefused(String message, Runnable action) {
        assertEquals(message, assertThrows(ShapeException.class, action::run).getMessage());
    }
}
