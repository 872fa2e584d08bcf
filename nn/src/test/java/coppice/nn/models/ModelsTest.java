package coppice.nn.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Shape;
import coppice.nn.Model;
import coppice.nn.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelsTest {

    private static final Shape IMAGE = Shape.of(1, 28, 28);

    @ParameterizedTest
    @CsvSource({"linear, 7850", "lenet-300-100, 266610"})
    void hasThePapersNumberOfParameters(String name, long parameters) {
        Model model = Models.of(name, IMAGE, 10);
        assertEquals(name, model.name());
        assertEquals(parameters, model.parameterCount());
        assertEquals(10, model.classes());
    }

    @Test
    void everyModelThatIsNamedCanBeMade() {
        for (String name : Models.names()) {
            assertEquals(name, Models.of(name, IMAGE, 10).name());
        }
    }

    @Test
    void leNetHasThreeWeightsToPrune() {
        assertEquals(List.of("fc1.weight [300, 784]", "fc2.weight [100, 300]", "fc3.weight [10, 100]"),
                Models.of("lenet-300-100", IMAGE, 10).prunable().stream().map(weight -> weight.name() + " " + weight.shape()).toList());
    }

    @Test
    void fansCountInputsAndOutputs() {
        Parameter first = Models.of("lenet-300-100", IMAGE, 10).prunable().getFirst();
        assertEquals(784, first.fanIn());
        assertEquals(300, first.fanOut());
        var convolution = new Parameter("conv.weight", Shape.of(16, 3, 5, 5), Parameter.Role.WEIGHT);
        assertEquals(75, convolution.fanIn());
        assertEquals(400, convolution.fanOut());
    }

    @Test
    void namesTheModelsThereAre() {
        String message = assertThrows(IllegalArgumentException.class, () -> Models.of("lenet", IMAGE, 10)).getMessage();
        assertEquals("model: there is no \"lenet\", only " + String.join(", ", Models.names()), message);
    }
}
