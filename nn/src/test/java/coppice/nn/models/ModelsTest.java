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
    @CsvSource({"linear, 7850", "lenet-300-100, 266610", "conv-2, 4301642", "conv-4, 2425930", "conv-6, 2262602", "resnet-20, 272474",
            "resnet-110, 1730714", "vgg-11, 9231114", "vgg-13, 9416010", "vgg-16, 14728266", "vgg-19, 20040522", "resnet-18, 11689512",
            "resnet-34, 21797672", "resnet-50, 25557032", "inception-v3, 23834568"})
    void hasThePapersNumberOfParameters(String name, long parameters) {
        Models.Published published = Models.published(name);
        Model model = Models.of(name, published.example(), published.classes());
        assertEquals(name, model.name());
        assertEquals(parameters, model.parameterCount());
        assertEquals(published.classes(), model.classes());
    }

    @Test
    void everyModelThatIsNamedCanBeMade() {
        for (String name : Models.names()) {
            assertEquals(name, Models.of(name, Models.published(name).example(), 10).name());
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
