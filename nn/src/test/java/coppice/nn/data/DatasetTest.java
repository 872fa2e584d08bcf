package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Shape;
import org.junit.jupiter.api.Test;

class DatasetTest {

    private static final Shape EXAMPLE = Shape.of(1, 2, 3);

    @Test
    void countsItsLabels() {
        Dataset data = new Dataset("dots", EXAMPLE, 3, new byte[24], new byte[] {2, 0, 2, 2});
        assertEquals(4, data.size());
        assertArrayEquals(new int[] {1, 0, 3}, data.histogram());
        assertEquals("dots: 4 images of [1, 2, 3] in 3 classes", data.toString());
    }

    @Test
    void readsBytesAsUnsigned() {
        byte[] labels = {(byte) 200};
        assertEquals(200, new Dataset("dots", EXAMPLE, 256, new byte[6], labels).label(0));
    }

    @Test
    void refusesWhatDoesNotFit() {
        refused("dataset dots: 2 images of [1, 2, 3] are 12 pixels, got 11", EXAMPLE, 3, new byte[11], 0, 1);
        refused("dataset dots: label 1 is 3, expected 0 to 2", EXAMPLE, 3, new byte[12], 0, 3);
        refused("dataset dots: label 0 is 255, expected 0 to 2", EXAMPLE, 3, new byte[6], 255);
        refused("dataset dots: classes must be 1 to 256, got 257", EXAMPLE, 257, new byte[6], 0);
        refused("dataset dots: an example is [channels, height, width], each at least 1, got [6]", Shape.of(6), 3,
                new byte[6], 0);
        refused("dataset dots: an example is [channels, height, width], each at least 1, got [1, 0, 3]",
                Shape.of(1, 0, 3), 3, new byte[0], 0);
    }

    @Test
    void aViewRefusesStrangers() {
        Dataset data = new Dataset("dots", EXAMPLE, 3, new byte[12], new byte[2]);
        assertEquals("view of dots: index 1 is 2, expected 0 to 1",
                assertThrows(IllegalArgumentException.class, () -> new View(data, new int[] {0, 2})).getMessage());
    }

    @Test
    void trainAndTestMustAgree() {
        Dataset train = new Dataset("a", EXAMPLE, 3, new byte[6], new byte[1]);
        Dataset test = new Dataset("b", EXAMPLE, 4, new byte[6], new byte[1]);
        assertEquals("data: train and test must agree in shape and classes, got a: 1 images of [1, 2, 3] in 3 classes and"
                        + " b: 1 images of [1, 2, 3] in 4 classes",
                assertThrows(IllegalArgumentException.class, () -> new TrainAndTest(train, test)).getMessage());
    }

    private static void refused(String message, Shape example, int classes, byte[] pixels, int... labels) {
        byte[] bytes = new byte[labels.length];
        for (int i = 0; i < labels.length; i++) {
            bytes[i] = (byte) labels[i];
        }
        assertEquals(message, assertThrows(IllegalArgumentException.class,
                () -> new Dataset("dots", example, classes, pixels, bytes)).getMessage());
    }
}
