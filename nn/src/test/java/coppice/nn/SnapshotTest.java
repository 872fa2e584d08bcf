package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Shape;
import coppice.engine.ShapeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class SnapshotTest {

    private static final Shape SHAPE = Shape.of(2, 3);
    private static final Snapshot.Value DENSE = new Snapshot.Value(Form.dense(SHAPE), new float[] {0, 1, 2, 3, 4, 5});
    private static final Mask MASK = Mask.of(SHAPE, 0, 2, 3, 5);

    static Snapshot snapshot(String name, Snapshot.Value value) {
        return new Snapshot(new LinkedHashMap<>(Map.of(name, value)));
    }

    @Test
    void keepsTheSurvivorsOfADenseValue() {
        Snapshot.Value kept = DENSE.restrict(MASK);
        assertEquals(Form.masked(MASK), kept.form());
        assertArrayEquals(new float[] {0, 2, 3, 5}, kept.values());
    }

    @Test
    void keepsTheSurvivorsAmongSurvivors() {
        Snapshot.Value kept = DENSE.restrict(MASK).restrict(Mask.of(SHAPE, 2, 5));
        assertArrayEquals(new float[] {2, 5}, kept.values());
        assertArrayEquals(DENSE.restrict(Mask.of(SHAPE, 2, 5)).values(), kept.values());
    }

    @Test
    void aMaskThatItHasChangesNothing() {
        Snapshot.Value masked = DENSE.restrict(MASK);
        assertSame(masked, masked.restrict(Mask.of(SHAPE, 0, 2, 3, 5)));
    }

    @Test
    void mayLoseEverything() {
        assertEquals(0, DENSE.restrict(Mask.of(SHAPE)).values().length);
        assertEquals(0, DENSE.restrict(MASK).restrict(Mask.of(SHAPE)).values().length);
    }

    @Test
    void aPrunedValueCannotComeBack() {
        Snapshot.Value masked = DENSE.restrict(MASK);
        assertEquals("restrict: the mask asks for position 1, which was pruned before",
                assertThrows(ShapeException.class, () -> masked.restrict(Mask.of(SHAPE, 0, 1))).getMessage());
        Snapshot.Value first = DENSE.restrict(Mask.of(SHAPE, 0));
        assertEquals("restrict: the mask asks for position 5, which was pruned before",
                assertThrows(ShapeException.class, () -> first.restrict(Mask.of(SHAPE, 5))).getMessage());
    }

    @Test
    void namesBothShapesWhereTheyDiffer() {
        assertEquals("restrict: the mask must have the value's shape [2, 3], got mask of 1 in [3, 2]",
                assertThrows(ShapeException.class, () -> DENSE.restrict(Mask.of(Shape.of(3, 2), 1))).getMessage());
        assertEquals("snapshot: [2, 3] masked to 4 stores 4 values, got 6",
                assertThrows(ShapeException.class, () -> new Snapshot.Value(Form.masked(MASK), new float[6])).getMessage());
    }

    @Test
    void valuesWithoutAMaskStayWhole() {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        values.put("a", DENSE);
        values.put("b", DENSE);
        Snapshot kept = new Snapshot(values).restrict(Map.of("b", MASK));
        assertEquals(List.of("a", "b"), List.copyOf(kept.values().keySet()));
        assertSame(DENSE, kept.get("a"));
        assertEquals(4, kept.count("b"));
    }

    @Test
    void zerosHaveTheSameForms() {
        Snapshot zeros = snapshot("w", DENSE.restrict(MASK)).zeros();
        assertEquals(Form.masked(MASK), zeros.get("w").form());
        assertArrayEquals(new float[4], zeros.get("w").values());
    }

    @Test
    void namesWhatThereIs() {
        assertEquals("snapshot: there is no \"v\", only [w]",
                assertThrows(IllegalArgumentException.class, () -> snapshot("w", DENSE).get("v")).getMessage());
    }
}
