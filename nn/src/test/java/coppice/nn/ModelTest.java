package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Shape;
import coppice.engine.ShapeException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ModelTest {

    private static final Shape EXAMPLE = Shape.of(1, 2, 3);
    private static final Model TWO_LAYERS = new Model("two", EXAMPLE,
            Sequential.of(new Flatten(), new Linear("fc1", 6, 5), new Relu(), new Linear("fc2", 5, 4)));

    /** No gradient is needed for the example, whichever layers look at it. */
    @Test
    void theStepOfALayerThatSeesTheExampleIsCheaper() {
        Shape images = Shape.of(2, 4, 4);
        Layer inner = Sequential.of(Conv2d.of1x1("a", 2, 2, 1), Conv2d.of1x1("b", 2, 2, 1));
        Layer shortcut = Conv2d.of1x1("c", 2, 2, 1);
        for (Layer first : List.of(new Residual(inner, shortcut), Branches.of(inner, shortcut))) {
            Model model = new Model("odd", images, Sequential.of(first, new GlobalAveragePool()));
            assertEquals(2 * (2 * 64 + 3 * 64 + 2 * 64), model.stepFlops(1, _ -> 4));
        }
    }

    @Test
    void listsItsParametersInOrder() {
        assertEquals(List.of("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"), TWO_LAYERS.parameters().stream().map(Parameter::name).toList());
        assertEquals(List.of("fc1.weight", "fc2.weight"), TWO_LAYERS.prunable().stream().map(Parameter::name).toList());
        assertEquals(6 * 5 + 5 + 5 * 4 + 4, TWO_LAYERS.parameterCount());
        assertEquals(4, TWO_LAYERS.classes());
    }

    @Test
    void countsFlopsOfSurvivorsOnly() {
        // Forward and weight gradient for both layers, the input gradient for the second alone; two operations each, 10 examples.
        assertEquals(10 * 2 * (2 * 30 + 3 * 20), TWO_LAYERS.stepFlops(10, name -> name.equals("fc1.weight") ? 30 : 20));
        assertEquals(10 * 2 * (2 * 3 + 3), TWO_LAYERS.stepFlops(10, name -> name.equals("fc1.weight") ? 3 : 1));
    }

    @Test
    void refusesLayersThatDoNotFit() {
        assertEquals("linear fc2: takes examples of [7], got [5]", assertThrows(ShapeException.class, () -> new Model("odd", EXAMPLE,
                Sequential.of(new Flatten(), new Linear("fc1", 6, 5), new Linear("fc2", 7, 4)))).getMessage());
    }

    @Test
    void refusesTwoParametersOfOneName() {
        assertEquals("model twin: each parameter must have a name of its own, got [fc1.weight, fc1.bias, fc1.weight, fc1.bias]",
                assertThrows(IllegalArgumentException.class, () -> new Model("twin", EXAMPLE,
                        Sequential.of(new Flatten(), new Linear("fc1", 6, 6), new Linear("fc1", 6, 6)))).getMessage());
    }
}
