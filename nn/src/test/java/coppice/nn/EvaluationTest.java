package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.nn.data.View;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class EvaluationTest {

    @Parameter
    Backend backend;

    /** More examples than are measured at once. */
    private final Examples examples = Examples.drawn(Seed.of(9), 1, 3, 3, 1100);
    private final Model model = new Model("linear", Shape.of(1, 1, 3), Sequential.of(new Flatten(), new Linear("fc1", 3, 3)));

    @Test
    void measuresLossAndAccuracyOverAllExamples() {
        // Weight 0: every class is as likely, and the first of equal logits is chosen.
        Evaluation.Score blank = score(0);
        assertEquals(Math.log(3), blank.loss(), 1e-6);
        assertEquals(examples.data().histogram()[0] / 1100.0, blank.accuracy());
        // The pixel of its class is lit: the identity finds it.
        Evaluation.Score certain = score(1000);
        assertEquals(1, certain.accuracy());
        assertEquals(0, certain.loss(), 1e-6);
    }

    /** So that all lanes of a vector have an image, and no more images are in memory than need be. */
    @Test
    void chunksFillVectors() {
        assertEquals(512, Evaluation.chunkSize(1));
        assertEquals(496, Evaluation.chunkSize(28 * 28));
        assertEquals(128, Evaluation.chunkSize(3 * 32 * 32));
        assertEquals(16, Evaluation.chunkSize(3 * 224 * 224));
    }

    private Evaluation.Score score(float diagonal) {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        values.put("fc1.weight", new Snapshot.Value(Form.dense(Shape.of(3, 3)), new float[] {diagonal, 0, 0, 0, diagonal, 0, 0, 0, diagonal}));
        values.put("fc1.bias", new Snapshot.Value(Form.dense(Shape.of(3)), new float[3]));
        try (var evaluation = new Evaluation(backend, model, Loss.CROSS_ENTROPY, View.all(examples.data()), examples.batches());
                Weights weights = Weights.of(backend, new Snapshot(values))) {
            return evaluation.of(weights);
        }
    }
}
