package coppice.engine.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.engine.contract.Kernels.Line;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel of every backend that can be used here. */
class BackendContractTest {

    private static final int TRIALS = 12;

    static List<String> backends() {
        return BackendProvider.all().stream().filter(BackendProvider::isAvailable).map(BackendProvider::name).toList();
    }

    static Stream<Arguments> backendsAndKernels() {
        return backends().stream().flatMap(name -> Kernels.all().stream().map(line -> Arguments.of(name, line)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("backendsAndKernels")
    void meansWhatTheReferenceMeans(String name, Line line) {
        Contract.checkMeaning(name, line, TRIALS);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("backendsAndKernels")
    void givesTheSameBitsForAnyNumberOfThreads(String name, Line line) {
        assumeTrue(!name.equals("reference"), "the reference has one thread");
        Contract.checkThreads(name, line, TRIALS);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("backendsAndKernels")
    void givesTheSameBitsWhenReplayed(String name, Line line) {
        try (Backend backend = BackendProvider.named(name).open(1)) {
            assumeTrue(backend.record(() -> {}).replay(), "this backend remembers nothing");
        }
        Contract.checkReplays(name, line, TRIALS);
    }

    /** ⟨g, w·x⟩ = ⟨x, wᵀ·g⟩ = ⟨w, g·xᵀ⟩: the three faces are one form. */
    @ParameterizedTest
    @MethodSource("backends")
    void facesOfAProductAreOneTrilinearForm(String name) {
        try (Backend backend = BackendProvider.named(name).open(2)) {
            for (int i = 0; i < 4 * TRIALS; i++) {
                try (var t = new Trial(backend, Contract.SEED.in("trilinear").in(i))) {
                    int m = t.size();
                    int k = t.size();
                    int n = t.size(207);
                    Form weight = t.heads() ? Form.dense(Shape.of(m, k)) : Form.masked(t.mask(m, k));
                    Buffer w = t.draw(weight.stored());
                    Buffer x = t.draw(k * n);
                    Buffer g = t.draw(m * n);
                    Buffer output = t.result(m * n);
                    Buffer input = t.result(k * n);
                    Buffer sampled = t.result(weight.stored());
                    backend.matmul(Face.OUTPUT, weight, n, w, x, output);
                    backend.matmul(Face.INPUT, weight, n, w, input, g);
                    backend.matmul(Face.WEIGHT, weight, n, sampled, x, g);
                    double form = dot(t.values(g), t.values(output));
                    double tolerance = 1e-6 * Math.sqrt((double) weight.stored().size() * n * Math.max(m, k)) + 1e-6;
                    assertEquals(form, dot(t.values(x), t.values(input)), tolerance, "⟨x, wᵀ·g⟩ for " + weight + " and batch " + n);
                    assertEquals(form, dot(t.values(w), t.values(sampled)), tolerance, "⟨w, g·xᵀ⟩ for " + weight + " and batch " + n);
                }
            }
        }
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** The same function for a value wherever it stands, so that padding and cutting a batch changes no bit. */
    @ParameterizedTest
    @MethodSource("backends")
    void bitsDoNotDependOnPosition(String name) {
        try (Backend backend = BackendProvider.named(name).open(2)) {
            for (Unary f : Unary.values()) {
                try (var t = new Trial(backend, Contract.SEED.in("position"))) {
                    Buffer x = t.draw(207, 0, 3);
                    Buffer whole = t.result(207);
                    backend.map(f, 207, x, whole);
                    Buffer shifted = t.result(206);
                    backend.copyRows(1, 206, x, 1, 206, shifted, 0, 206);
                    backend.map(f, 206, shifted, shifted);
                    assertArrayEquals(Arrays.copyOfRange(t.values(whole), 1, 207), t.values(shifted), f.toString());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void acceptsTensorsOfNoElements(String name) {
        try (Backend backend = BackendProvider.named(name).open(2); var t = new Trial(backend, Contract.SEED.in("empty"))) {
            Shape empty = Shape.of(0, 3);
            Shape columns = Shape.of(3, 0);
            Buffer none = t.result(0);
            Buffer three = t.result(3);
            backend.fill(none, 1);
            backend.map(Unary.EXP, 0, none, t.result(0));
            backend.affine(2, 1, 0, none, t.result(0));
            backend.combine(Binary.ADD, empty, empty, none, Shape.SCALAR, t.of(1), t.result(0));
            backend.expand(Shape.of(1, 3), three, empty, t.result(0));
            backend.permute(empty, new int[] {1, 0}, none, t.result(0));
            backend.copyRows(0, 3, none, 0, 3, three, 0, 3);
            backend.keepLargest(0, 0, none, t.result(0));
            backend.softmax(columns, none, t.result(0));
            backend.logSoftmax(columns, none, t.result(0));
            backend.softmaxCrossEntropy(columns, none, t.result(0), t.result(0));
            backend.softmaxCrossEntropyInput(columns, none, t.result(0), t.result(0), t.result(0));
            backend.followMoments(0, 1, 0.1f, none, t.result(0), t.result(0));
            backend.sum(empty, none, Shape.of(1, 3), three);
            assertArrayEquals(new float[3], t.values(three), "the sum of nothing");
            backend.sum(empty, none, Shape.SCALAR, three);
            assertEquals(0, t.values(three)[0], "the sum of nothing");
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void acceptsProductsOfNoElements(String name) {
        try (Backend backend = BackendProvider.named(name).open(2); var t = new Trial(backend, Contract.SEED.in("empty"))) {
            for (Form weight : List.of(Form.dense(Shape.of(2, 3)), Form.masked(Mask.of(Shape.of(2, 3), 1, 5)))) {
                Buffer w = t.result(weight.stored());
                backend.matmul(Face.OUTPUT, weight, 0, w, t.result(0), t.result(0));
                backend.matmul(Face.INPUT, weight, 0, w, t.result(0), t.result(0));
                backend.matmul(Face.WEIGHT, weight, 0, w, t.result(0), t.result(0));
                assertArrayEquals(new float[w.length()], t.values(w), "the gradient of no examples");
            }
            for (Face face : Face.values()) {
                backend.matmul(face, Form.masked(Mask.of(Shape.of(0, 0))), 4, t.result(0), t.result(0), t.result(0));
            }
            Buffer g = t.result(8);
            backend.matmul(Face.OUTPUT, Form.dense(Shape.of(2, 0)), 4, t.result(0), t.result(0), g);
            assertArrayEquals(new float[8], t.values(g), "a product over no features");
            Buffer x = t.result(8);
            backend.matmul(Face.INPUT, Form.masked(Mask.of(Shape.of(0, 2))), 4, t.result(0), x, t.result(0));
            assertArrayEquals(new float[8], t.values(x), "a product over no outputs");
            backend.matmul(Face.WEIGHT, Form.dense(Shape.of(0, 2)), 4, t.result(0), x, t.result(0));
            Window window = Window.square(1, 1, 0);
            Buffer images = t.result(8);
            backend.convolve(Face.OUTPUT, Form.masked(Mask.of(Shape.of(2, 0, 1, 1))), window, 1, Shape.of(0, 2, 2, 1), t.result(0), t.result(0), images);
            assertArrayEquals(new float[8], t.values(images), "a convolution over no channels");
        }
    }

    /** A product meets NaN where there is a weight, and only there. */
    @ParameterizedTest
    @MethodSource("backends")
    void productsPropagateNaN(String name) {
        try (Backend backend = BackendProvider.named(name).open(2); var t = new Trial(backend, Contract.SEED.in("nan"))) {
            Buffer g = t.result(4);
            backend.matmul(Face.OUTPUT, Form.dense(Shape.of(2, 2)), 2, t.of(0, 1, 2, 3), t.of(1, 2, Float.NaN, 4), g);
            assertArrayEquals(new float[] {Float.NaN, 4, Float.NaN, 16}, t.values(g));
            Mask diagonal = Mask.of(Shape.of(3, 3), 0, 4, 8);
            Buffer sparse = t.result(3);
            backend.matmul(Face.OUTPUT, Form.masked(diagonal), 1, t.of(1, 2, 3), t.of(1, Float.POSITIVE_INFINITY, Float.NaN), sparse);
            assertArrayEquals(new float[] {1, Float.POSITIVE_INFINITY, Float.NaN}, t.values(sparse));
            for (int n : new int[] {20, 49, 60}) {
                float[] ones = new float[3 * n];
                Arrays.fill(ones, 1);
                for (int at = 0; at < n; at++) {
                    float[] x = ones.clone();
                    x[n + at] = Float.POSITIVE_INFINITY;
                    backend.matmul(Face.WEIGHT, Form.masked(diagonal), n, sparse, t.of(x), t.of(ones));
                    assertArrayEquals(new float[] {n, Float.POSITIVE_INFINITY, n}, t.values(sparse), "infinity at " + at + " of " + n);
                }
            }
        }
    }

    /** What is not a number must not end as 0 behind a rectifier or a maximum: nobody would see that a network has diverged. */
    @ParameterizedTest
    @MethodSource("backends")
    void rectifiersAndMaximaPropagateNaN(String name) {
        float nan = Float.NaN;
        try (Backend backend = BackendProvider.named(name).open(2); var t = new Trial(backend, Contract.SEED.in("nan"))) {
            Shape shape = Shape.of(1, 1, 4, 1);
            Buffer x = t.of(-1, nan, 2, 1);
            Buffer y = t.result(4);
            backend.map(Unary.RELU, 4, x, y);
            assertArrayEquals(new float[] {0, nan, 2, 1}, t.values(y));
            backend.combine(Binary.ADD_RELU, shape, shape, x, shape, t.of(0, 0, -3, 1), y);
            assertArrayEquals(new float[] {0, nan, 0, 2}, t.values(y));
            backend.combine(Binary.WHERE_POSITIVE, shape, shape, t.of(5, 6, 7, 8), shape, x, y);
            assertArrayEquals(new float[] {0, 6, 7, 8}, t.values(y));
            backend.normalise(shape, 0, true, x, t.of(0, 1), t.of(1), t.of(0), y);
            assertArrayEquals(new float[] {0, nan, 2, 1}, t.values(y));
            backend.normaliseInput(shape, 0, true, x, t.of(0, 1), t.of(1), t.of(0), t.of(1, 1, 1, 1), t.of(0, 0), y);
            assertArrayEquals(new float[] {0, nan, 1, 1}, t.values(y));
            Buffer largest = t.result(2);
            backend.pick(new Window(new Window.Axis(1, 1, 0, 1), new Window.Axis(2, 2, 0, 1)), shape, x, x, largest);
            assertArrayEquals(new float[] {nan, 2}, t.values(largest));
            backend.pick(new Window(new Window.Axis(1, 1, 0, 1), new Window.Axis(3, 1, 0, 1)), shape, x, x, largest);
            assertArrayEquals(new float[] {nan, nan}, t.values(largest));
            Shape square = Shape.of(1, 2, 2, 2);
            Buffer pixels = t.of(3, 5, nan, 7, 4, nan, 9, 6);
            Buffer placed = t.result(8);
            backend.pick(Window.square(2, 2, 0), square, pixels, pixels, largest);
            assertArrayEquals(new float[] {nan, nan}, t.values(largest));
            backend.place(Window.square(2, 2, 0), square, pixels, t.of(1, 2), placed);
            assertArrayEquals(new float[] {0, 0, 1, 0, 0, 2, 0, 0}, t.values(placed));
        }
    }

    /** Whatever was done with an operand before. */
    @ParameterizedTest
    @MethodSource("backends")
    void aSumHasTheSameBitsWhateverKernelMadeItsOperand(String name) {
        Shape images = Shape.of(3, 5, 7, 64);
        try (Backend backend = BackendProvider.named(name).open(2); var t = new Trial(backend, Contract.SEED.in("order"))) {
            Buffer x = t.draw(images);
            Buffer handled = t.result(images);
            backend.pick(Window.square(1, 1, 0), images, t.of(t.values(x)), t.of(t.values(x)), handled);
            for (Shape to : List.of(Shape.SCALAR, Shape.of(3, 1, 1, 1), Shape.of(1, 5, 7, 64))) {
                Buffer one = t.result(to);
                Buffer other = t.result(to);
                backend.sum(images, x, to, one);
                backend.sum(images, handled, to, other);
                assertArrayEquals(t.values(one), t.values(other));
            }
        }
    }
}
