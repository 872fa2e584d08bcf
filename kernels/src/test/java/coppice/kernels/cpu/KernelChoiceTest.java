package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.Buffer;
import coppice.engine.Crossovers;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which kernel is used shows where an infinity meets a pruned weight: nowhere, or, as NaN, in a zero of the dense one. */
final class KernelChoiceTest {

    private static final Window WINDOW = Window.square(3, 1, 1);
    private static final Shape IMAGES = Shape.of(3, 4, 5, 32);

    /** Half of the weights, and none of the first output or of the first input. */
    private static Mask half(Shape shape) {
        int inner = shape.rowSize() / shape.size(1);
        return Mask.where(shape, position -> position % 2 == 0 && position >= shape.rowSize() && position / inner % shape.size(1) > 0);
    }

    private static Crossovers fixed(double density, List<String> asked) {
        return (product, measure) -> {
            asked.add(product);
            return density;
        };
    }

    private static Buffer filled(Backend backend, int count, float value) {
        Buffer buffer = backend.allocate(count);
        backend.fill(buffer, value);
        return buffer;
    }

    private static float[] multiplied(Backend backend, Face face) {
        Form form = Form.masked(half(Shape.of(5, 7)));
        Buffer w = filled(backend, form.stored().size(), 1);
        Buffer x = filled(backend, 7 * 6, Float.POSITIVE_INFINITY);
        Buffer g = filled(backend, 5 * 6, Float.POSITIVE_INFINITY);
        backend.matmul(face, form, 6, w, x, g);
        return Drawn.values(backend, face == Face.OUTPUT ? g : x);
    }

    private static float[] convolved(Backend backend, Face face) {
        Form form = Form.masked(half(Shape.of(5, 3, 3, 3)));
        Buffer w = filled(backend, form.stored().size(), 1);
        Buffer x = filled(backend, IMAGES.size(), Float.POSITIVE_INFINITY);
        Buffer g = filled(backend, WINDOW.output("test", IMAGES, 5).size(), Float.POSITIVE_INFINITY);
        backend.convolve(face, form, WINDOW, 1, IMAGES, w, x, g);
        return Drawn.values(backend, face == Face.OUTPUT ? g : x);
    }

    @ParameterizedTest
    @EnumSource(names = {"OUTPUT", "INPUT"})
    void decidesByWhatIsRemembered(Face face) {
        for (double density : new double[] {0.1, 0.9}) {
            try (var backend = new CpuBackend(2, fixed(density, new ArrayList<>()))) {
                boolean sparse = density > 0.5;
                assertEquals(!sparse, Float.isNaN(multiplied(backend, face)[0]), "matrices, up to " + density);
                assertEquals(!sparse, Float.isNaN(convolved(backend, face)[0]), "images, up to " + density);
            }
        }
    }

    @Test
    void asksOnceForEachProduct() {
        var asked = new ArrayList<String>();
        try (var backend = new CpuBackend(2, fixed(1, asked))) {
            for (int i = 0; i < 3; i++) {
                multiplied(backend, Face.INPUT);
                convolved(backend, Face.OUTPUT);
            }
        }
        String width = "cpu-17-" + 8 * Vectors.BYTES;
        assertEquals(List.of(width + " matmul input 5x7", width + " convolve output 5x3x3x3 on 4x5 s1p1d1 s1p1d1"), asked);
    }

    @Test
    void measuresEachFaceAndGivesItsMemoryBack() {
        var measured = new ArrayList<Double>();
        Crossovers each = (product, measure) -> remember(measured, measure);
        try (var backend = new CpuBackend(2, each)) {
            Form matrix = Form.masked(half(Shape.of(40, 30)));
            Form images = Form.masked(half(Shape.of(5, 3, 3, 3)));
            Buffer w = filled(backend, matrix.stored().size(), 1);
            Buffer x = filled(backend, 30 * 20, 1);
            Buffer g = filled(backend, 40 * 20, 1);
            Buffer kernel = filled(backend, images.stored().size(), 1);
            Buffer input = filled(backend, IMAGES.size(), 1);
            Buffer output = filled(backend, WINDOW.output("test", IMAGES, 5).size(), 1);
            long before = backend.bytesInUse();
            for (Face face : Face.values()) {
                backend.matmul(face, matrix, 20, w, x, g);
                backend.convolve(face, images, WINDOW, 1, IMAGES, kernel, input, output);
                backend.finish(output);
                backend.finish(input);
                backend.finish(kernel);
            }
            assertEquals(before, backend.bytesInUse());
        }
        assertEquals(6, measured.size());
    }

    private static double remember(List<Double> all, DoubleSupplier measure) {
        all.add(measure.getAsDouble());
        return all.getLast();
    }

    /** For which the times of a gradient's two kernels do not show in the values. */
    @Test
    void decidesGradientsOfWeightsToo() {
        var asked = new ArrayList<String>();
        try (var backend = new CpuBackend(2, fixed(1, asked))) {
            Form form = Form.masked(half(Shape.of(5, 7)));
            backend.matmul(Face.WEIGHT, form, 6, backend.allocate(form.stored().size()), filled(backend, 7 * 6, 1), filled(backend, 5 * 6, 1));
        }
        assertEquals(1, asked.size());
        assertTrue(asked.getFirst().contains("weight 5x7"), asked.getFirst());
    }

    @ParameterizedTest
    @EnumSource(names = {"OUTPUT", "INPUT"})
    void goesByConstantsIfNobodyRemembers(Face face) {
        try (var backend = new CpuBackend(2)) {
            assertFalse(Float.isNaN(multiplied(backend, face)[0]), "fewer than half of the weights");
            Form most = Form.masked(Mask.where(Shape.of(5, 7), position -> position >= 7 && position % 7 > 0 && position != 34));
            Buffer x = filled(backend, 7 * 6, Float.POSITIVE_INFINITY);
            Buffer g = filled(backend, 5 * 6, Float.POSITIVE_INFINITY);
            backend.matmul(face, most, 6, filled(backend, most.stored().size(), 1), x, g);
            assertTrue(Float.isNaN(Drawn.values(backend, face == Face.OUTPUT ? g : x)[0]), "66 %");
        }
    }
}
