package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Window.Axis;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The three faces of a convolution are one trilinear form: ⟨g, w ∗ x⟩ = ⟨x, face INPUT of (w, g)⟩ = ⟨w, face WEIGHT of (g, x)⟩. */
@ParameterizedClass
@MethodSource("coppice.engine.Backends#present")
final class FacesTest {

    private static final int DRAWS = 40;

    @Parameter
    Backend backend;

    @TestFactory
    Stream<DynamicTest> agree() {
        List<DynamicTest> tests = new ArrayList<>();
        for (int draw = 0; draw < DRAWS; draw++) {
            Seed seed = Seed.of(11).in(draw);
            var window = new Window(axis(seed.in("y")), axis(seed.in("x")));
            int groups = 1 + seed.below(0, 3);
            int inputs = 1 + seed.below(1, 7);
            Shape images = Shape.of(inputs * groups, extent(window.y()) + seed.below(2, 7), extent(window.x()) + seed.below(3, 7),
                    1 + seed.below(4, 37));
            Shape weight = Shape.of((1 + seed.below(5, 9)) * groups, inputs, window.y().size(), window.x().size());
            Form form = draw % 2 == 0 ? Form.dense(weight) : Form.masked(Mask.where(weight, i -> seed.in("mask").uniform(i) < 0.3));
            tests.add(DynamicTest.dynamicTest(window + ", " + groups + " groups, w " + form + ", x " + images,
                    () -> agree(seed, window, groups, images, form)));
        }
        return tests.stream();
    }

    private static Axis axis(Seed seed) {
        int size = 1 + seed.below(0, 4);
        return new Axis(size, 1 + seed.below(1, 3), seed.below(2, size + 1), 1 + seed.below(3, 2));
    }

    private static int extent(Axis axis) {
        return (axis.size() - 1) * axis.dilation() + 1;
    }

    private void agree(Seed seed, Window window, int groups, Shape images, Form weight) {
        Tensor w = drawn(seed.in("w"), weight);
        Tensor x = drawn(seed.in("x"), Form.dense(images));
        Tensor g = drawn(seed.in("g"), Form.dense(window.output("convolve", images, weight.shape().size(0))));
        float[] y = Convolution.convolve(w, x, window, groups).values();
        double form = dot(g.values(), y);
        double magnitude = Math.max(1, Math.sqrt(dot(y, y)) * Math.sqrt(dot(g.values(), g.values())));
        double input = dot(x.values(), Convolution.convolveInput(w, g, images, window, groups).values());
        double byWeight = dot(w.values(), Convolution.convolveWeight(g, x, weight, window, groups).values());
        assertEquals(form, input, 1e-6 * magnitude);
        assertEquals(form, byWeight, 1e-6 * magnitude);
    }

    private Tensor drawn(Seed seed, Form form) {
        float[] values = new float[form.stored().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) seed.normal(i);
        }
        return Tensor.of(backend, form, values);
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
