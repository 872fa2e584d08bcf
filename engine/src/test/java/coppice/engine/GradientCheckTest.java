package coppice.engine;

import static coppice.engine.BatchNorm.moments;
import static coppice.engine.BatchNorm.normalise;
import static coppice.engine.BatchNorm.normaliseRelu;
import static coppice.engine.Elementwise.Binary.ADD;
import static coppice.engine.Elementwise.Binary.ADD_RELU;
import static coppice.engine.Elementwise.Binary.DIVIDE;
import static coppice.engine.Elementwise.Binary.EQUAL;
import static coppice.engine.Elementwise.Binary.MULTIPLY;
import static coppice.engine.Elementwise.Binary.SUBTRACT;
import static coppice.engine.Elementwise.Binary.WHERE_POSITIVE;
import static coppice.engine.Elementwise.Unary.ABS;
import static coppice.engine.Elementwise.Unary.EXP;
import static coppice.engine.Elementwise.Unary.LOG;
import static coppice.engine.Elementwise.Unary.NEGATE;
import static coppice.engine.Elementwise.Unary.RECIPROCAL;
import static coppice.engine.Elementwise.Unary.RELU;
import static coppice.engine.Elementwise.Unary.SIGMOID;
import static coppice.engine.Elementwise.Unary.SIGN;
import static coppice.engine.Elementwise.Unary.SQRT;
import static coppice.engine.Elementwise.Unary.SQUARE;
import static coppice.engine.Elementwise.Unary.TANH;
import static coppice.engine.GradientCheckTest.Values.ANYWHERE;
import static coppice.engine.GradientCheckTest.Values.AWAY_FROM_ZERO;
import static coppice.engine.GradientCheckTest.Values.DISTINCT;
import static coppice.engine.GradientCheckTest.Values.FAR_FROM_ZERO;
import static coppice.engine.GradientCheckTest.Values.POSITIVE;
import static coppice.engine.GradientCheckTest.Values.SMALL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import coppice.engine.BatchNorm.Moments;
import coppice.engine.BatchNorm.Normalise;
import coppice.engine.BatchNorm.NormaliseInput;
import coppice.engine.BatchNorm.NormaliseSums;
import coppice.engine.Classification.LogSoftmax;
import coppice.engine.Classification.Softmax;
import coppice.engine.Classification.SoftmaxCrossEntropy;
import coppice.engine.Classification.SoftmaxCrossEntropyInput;
import coppice.engine.Convolution.Convolve;
import coppice.engine.Convolution.ConvolveInput;
import coppice.engine.Convolution.ConvolveWeight;
import coppice.engine.Elementwise.Affine;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Combine;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Layout.Concat;
import coppice.engine.Layout.Pad;
import coppice.engine.Layout.Permute;
import coppice.engine.Layout.Reshape;
import coppice.engine.Layout.Slice;
import coppice.engine.Masking.Gather;
import coppice.engine.Masking.Scatter;
import coppice.engine.Masking.Survivors;
import coppice.engine.Masking.Under;
import coppice.engine.Pooling.Pick;
import coppice.engine.Pooling.Place;
import coppice.engine.Pooling.Spread;
import coppice.engine.Pooling.SumWindow;
import coppice.engine.Product.MatMul;
import coppice.engine.Product.MatMulInput;
import coppice.engine.Product.MatMulWeight;
import coppice.engine.Reduction.Expand;
import coppice.engine.Reduction.Max;
import coppice.engine.Reduction.Sum;
import coppice.engine.Window.Axis;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The derivatives of every operation against finite differences, along one random direction, to first and second order (as JAX's
 * {@code check_grads} does). A new operation needs a line in {@link #table}; {@link #everyOperationIsInTheTable} insists.
 *
 * <p>What is differentiated is L(x, c) = ⟨f(x), c⟩ for all operands x and the cotangent c at once: its second derivative then goes
 * through every operand of a backward, the gradient that it was given included, even where f is linear.
 */
@ParameterizedClass
@MethodSource("coppice.engine.Backends#present")
final class GradientCheckTest {

    /**
     * The step of the differences. Their error is h⁴/30 of a fifth derivative, about 10⁻⁶; a float result, wrong by a few
     * units of 2⁻²⁴, is wrong by 2⁻²² / h ≈ 10⁻⁵ in a difference.
     */
    private static final double STEP = 0x1p-5;

    /** Against the sums of the magnitudes of both, so that cancellation hides nothing. A wrong term is wrong by 10⁻² or more. */
    private static final double TOLERANCE = 5e-5;

    /** 21 examples: one vector of 16 and a rest. */
    private static final Shape MATRIX = Shape.of(3, 21);
    private static final Shape COLUMN = Shape.of(3, 1);
    private static final Shape ROW = Shape.of(1, 21);
    private static final Shape IMAGES = Shape.of(2, 3, 4, 5);
    private static final Shape WEIGHT = Shape.of(5, 7);
    private static final Window OVERLAPPING = new Window(new Axis(2, 2, 1, 1), new Axis(3, 1, 1, 1));
    private static final Form PAIR = Form.dense(Shape.of(2));
    private static final float EPSILON = 0.1f;

    private static final Mask SOME = Mask.where(MATRIX, position -> Seed.of(1).uniform(position) < 0.4);
    private static final Mask SPARSE = Mask.where(WEIGHT, position -> Seed.of(2).uniform(position) < 0.4);
    /** Rows 0, 2 and 4 and all columns but 1, 3 and 6 are empty. */
    private static final Mask EMPTY_ROWS = Mask.of(WEIGHT, 8, 10, 24, 27);
    private static final Mask ONE = Mask.of(WEIGHT, 17);
    private static final Mask NONE = Mask.of(WEIGHT);

    @Parameter
    Backend backend;

    /** One line for each operation and kind of operand. */
    private static Stream<Line> table() {
        return Stream.of(
                map(NEGATE, ANYWHERE),
                map(EXP, ANYWHERE),
                map(LOG, POSITIVE),
                map(SQUARE, ANYWHERE),
                map(SQRT, POSITIVE),
                map(RECIPROCAL, POSITIVE),
                map(ABS, AWAY_FROM_ZERO),
                map(SIGN, AWAY_FROM_ZERO),
                map(RELU, AWAY_FROM_ZERO),
                map(SIGMOID, ANYWHERE),
                map(TANH, ANYWHERE),

                combine(ADD, ANYWHERE, ANYWHERE),
                combine(ADD_RELU, FAR_FROM_ZERO, ANYWHERE),
                combine(SUBTRACT, ANYWHERE, ANYWHERE),
                combine(MULTIPLY, ANYWHERE, ANYWHERE),
                combine(DIVIDE, ANYWHERE, POSITIVE),
                combine(WHERE_POSITIVE, ANYWHERE, AWAY_FROM_ZERO),
                combine(EQUAL, ANYWHERE, POSITIVE),
                line(new Affine(-1.5f, 2), dense(MATRIX)),
                line(new Affine(-1.5f, 2), masked(SOME)),

                line(new MatMul(), dense(WEIGHT), dense(7, 21)),
                line(new MatMul(), masked(SPARSE), dense(7, 21)),
                line(new MatMul(), masked(EMPTY_ROWS), dense(7, 21)),
                line(new MatMul(), masked(ONE), dense(7, 21)),
                line(new MatMul(), masked(NONE), dense(7, 21)),
                line(new MatMul(), masked(SPARSE), dense(7, 1)),
                line(new MatMulInput(), dense(WEIGHT), dense(5, 21)),
                line(new MatMulInput(), masked(SPARSE), dense(5, 21)),
                line(new MatMulInput(), masked(EMPTY_ROWS), dense(5, 21)),
                line(new MatMulInput(), masked(ONE), dense(5, 21)),
                line(new MatMulInput(), masked(NONE), dense(5, 21)),
                line(new MatMulWeight(Form.dense(WEIGHT)), dense(5, 21), dense(7, 21)),
                line(new MatMulWeight(Form.masked(SPARSE)), dense(5, 21), dense(7, 21)),
                line(new MatMulWeight(Form.masked(EMPTY_ROWS)), dense(5, 21), dense(7, 21)),
                line(new MatMulWeight(Form.masked(ONE)), dense(5, 21), dense(7, 21)),
                line(new MatMulWeight(Form.masked(NONE)), dense(5, 21), dense(7, 21)),

                convolutions(new Window(new Axis(3, 2, 1, 1), new Axis(2, 1, 0, 2)), 1, Shape.of(3, 5, 6, 5), Shape.of(4, 3, 3, 2), Shape.of(4, 3, 4, 5)),
                convolutions(new Window(new Axis(3, 1, 1, 1), new Axis(3, 1, 1, 1)), 1, Shape.of(2, 4, 5, 17), Shape.of(3, 2, 3, 3), Shape.of(3, 4, 5, 17)),
                convolutions(new Window(new Axis(1, 2, 0, 1), new Axis(3, 3, 2, 1)), 2, Shape.of(4, 3, 5, 2), Shape.of(6, 2, 1, 3), Shape.of(6, 2, 3, 2)),
                line(new Pick(OVERLAPPING), of(DISTINCT, Form.dense(IMAGES)), dense(IMAGES)),
                line(new Place(OVERLAPPING), of(DISTINCT, Form.dense(IMAGES)), dense(2, 2, 4, 5)),
                line(new SumWindow(OVERLAPPING), dense(IMAGES)),
                line(new Spread(IMAGES, OVERLAPPING), dense(2, 2, 4, 5)),
                composed("max pool", x -> Pooling.maxPool(x[0], OVERLAPPING), of(DISTINCT, Form.dense(IMAGES))),
                composed("average pool", x -> Pooling.averagePool(x[0], OVERLAPPING), dense(IMAGES)),
                line(new Moments(), dense(IMAGES)),
                line(new Moments(), dense(MATRIX)),
                line(new Normalise(EPSILON, false), x -> normalise(x[0], x[1], x[2], moments(x[0]), EPSILON), dense(IMAGES), dense(2), dense(2)),
                line(new Normalise(EPSILON, true), x -> normaliseRelu(x[0], x[1], x[2], moments(x[0]), EPSILON),
                        of(FAR_FROM_ZERO, Form.dense(IMAGES)), of(POSITIVE, PAIR), of(SMALL, PAIR)),
                line(new NormaliseSums(EPSILON, false), x -> sums(x[0], x[1]), dense(IMAGES), dense(IMAGES)),
                line(new NormaliseSums(EPSILON, true), x -> rectifiedSums(x[0], x[1], x[2], x[3]),
                        of(FAR_FROM_ZERO, Form.dense(IMAGES)), dense(IMAGES), of(POSITIVE, PAIR), of(SMALL, PAIR)),
                line(new NormaliseInput(EPSILON, false),
                        x -> Tape.apply(new NormaliseInput(EPSILON, false), x[0], x[1], x[2], moments(x[0]), sums(x[0], x[2])),
                        dense(IMAGES), dense(2), dense(IMAGES)),
                line(new NormaliseInput(EPSILON, true),
                        x -> Tape.apply(new NormaliseInput(EPSILON, true), x[0], x[1], x[2], moments(x[0]),
                                rectifiedSums(x[0], x[2], x[1], x[3]), x[3]),
                        of(FAR_FROM_ZERO, Form.dense(IMAGES)), of(POSITIVE, PAIR), dense(IMAGES), of(SMALL, PAIR)),
                composed("batch norm and its moments", x -> Elementwise.multiply(
                        normalise(x[0], x[1], x[1], moments(x[0]), EPSILON),
                        Layout.reshape(Reduction.sum(moments(x[0]), 0), Shape.of(2, 1, 1, 1))), dense(IMAGES), dense(2)),

                line(new Sum(Shape.SCALAR), dense(MATRIX)),
                line(new Sum(Shape.SCALAR), masked(SOME)),
                line(new Sum(COLUMN), dense(MATRIX)),
                line(new Sum(ROW), dense(MATRIX)),
                line(new Sum(Shape.of(2, 1, 1, 1)), dense(IMAGES)),
                line(new Sum(Shape.of(1, 3, 1, 5)), dense(IMAGES)),
                line(new Expand(Form.dense(MATRIX)), dense(Shape.SCALAR)),
                line(new Expand(Form.masked(SOME)), dense(Shape.SCALAR)),
                line(new Expand(Form.dense(MATRIX)), dense(COLUMN)),
                line(new Expand(Form.dense(MATRIX)), dense(ROW)),
                line(new Expand(Form.dense(IMAGES)), dense(1, 3, 1, 5)),
                line(new Max(Shape.SCALAR), of(DISTINCT, Form.dense(MATRIX))),
                line(new Max(Shape.SCALAR), of(DISTINCT, Form.masked(SOME))),
                line(new Max(COLUMN), of(DISTINCT, Form.dense(MATRIX))),
                line(new Max(ROW), of(DISTINCT, Form.dense(MATRIX))),
                line(new Max(Shape.of(2, 1, 1, 5)), of(DISTINCT, Form.dense(IMAGES))),

                line(new Reshape(Shape.of(7, 9)), dense(MATRIX)),
                line(new Permute(List.of(1, 0)), dense(MATRIX)),
                line(new Permute(List.of(2, 0, 3, 1)), dense(IMAGES)),
                line(new Slice(0, 1, 2), dense(IMAGES)),
                line(new Slice(1, 0, 2), dense(IMAGES)),
                line(new Slice(2, 1, 4), dense(IMAGES)),
                line(new Slice(3, 2, 4), dense(IMAGES)),
                line(new Pad(0, 1, 0), dense(IMAGES)),
                line(new Pad(1, 0, 2), dense(IMAGES)),
                line(new Pad(2, 2, 1), dense(IMAGES)),
                line(new Pad(3, 1, 1), dense(IMAGES)),
                line(new Concat(0), dense(1, 3, 4, 5), dense(IMAGES), dense(3, 3, 4, 5)),
                line(new Concat(1), dense(IMAGES), dense(2, 1, 4, 5)),
                line(new Concat(2), dense(2, 3, 1, 5), dense(IMAGES)),
                line(new Concat(3), dense(IMAGES), dense(2, 3, 4, 1), dense(2, 3, 4, 2)),

                line(new Scatter(), masked(SOME)),
                line(new Scatter(), masked(EMPTY_ROWS)),
                line(new Gather(SOME), dense(MATRIX)),
                line(new Gather(EMPTY_ROWS), dense(WEIGHT)),
                line(new Survivors(), masked(SOME)),
                line(new Under(SOME), dense(SOME.count())),

                line(new Softmax(), dense(5, 21)),
                line(new Softmax(), dense(1, 3)),
                line(new LogSoftmax(), dense(5, 21)),
                line(new SoftmaxCrossEntropy(), dense(5, 21), dense(5, 21)),
                line(new SoftmaxCrossEntropy(), dense(5, 21), of(POSITIVE, Form.dense(Shape.of(5, 21)))),
                line(new SoftmaxCrossEntropyInput(), dense(5, 21), dense(5, 21), dense(1, 21)),

                composed("x · x²", x -> Elementwise.multiply(x[0], Elementwise.square(x[0])), dense(MATRIX)),
                composed("x standardised, as batch norm does", GradientCheckTest::standardise, dense(MATRIX), dense(COLUMN)),
                composed("a masked layer", GradientCheckTest::layer, masked(SPARSE), dense(7, 21), dense(5, 1)),
                composed("a weight by its dense view", x -> Product.matmul(Masking.dense(x[0]), x[1]), masked(SPARSE), dense(7, 21))
        ).flatMap(lines -> lines);
    }

    /** All faces, with a dense weight and with a masked one. */
    private static Stream<Line> convolutions(Window window, int groups, Shape images, Shape weight, Shape output) {
        Mask some = Mask.where(weight, position -> Seed.of(3).uniform(position) < 0.3);
        return Stream.of(Form.dense(weight), Form.masked(some)).flatMap(form -> Stream.of(
                line(new Convolve(window, groups), of(ANYWHERE, form), dense(images)),
                line(new ConvolveInput(images, window, groups), of(ANYWHERE, form), dense(output)),
                line(new ConvolveWeight(form, window, groups), dense(output), dense(images))).flatMap(lines -> lines));
    }

    private static Tensor sums(Tensor x, Tensor g) {
        return Tape.apply(new NormaliseSums(EPSILON, false), x, g, moments(x));
    }

    private static Tensor rectifiedSums(Tensor x, Tensor g, Tensor factor, Tensor shift) {
        return Tape.apply(new NormaliseSums(EPSILON, true), x, g, moments(x), factor, shift);
    }

    /** A function of one element, of dense, masked and scalar operands. */
    private static Stream<Line> map(Unary f, Values values) {
        return Stream.of(Form.dense(MATRIX), Form.masked(SOME), Form.dense(Shape.SCALAR))
                .flatMap(form -> line(new Elementwise.Map(f), of(values, form)));
    }

    /** A function of two elements, of operands that broadcast in each of the ways there are. */
    private static Stream<Line> combine(Binary f, Values a, Values b) {
        Form matrix = Form.dense(MATRIX);
        Form column = Form.dense(COLUMN);
        Form row = Form.dense(ROW);
        Form scalar = Form.dense(Shape.SCALAR);
        Form masked = Form.masked(SOME);
        return Stream.of(
                new Form[] {matrix, matrix}, new Form[] {matrix, column}, new Form[] {column, matrix}, new Form[] {row, matrix},
                new Form[] {column, row}, new Form[] {matrix, scalar}, new Form[] {scalar, matrix}, new Form[] {scalar, scalar},
                new Form[] {masked, masked}, new Form[] {masked, scalar}, new Form[] {scalar, masked},
                new Form[] {Form.dense(IMAGES), Form.dense(Shape.of(1, 3, 1, 5))}
        ).flatMap(forms -> line(new Combine(f), of(a, forms[0]), of(b, forms[1])));
    }

    private static Tensor standardise(Tensor... x) {
        Tensor centred = Elementwise.subtract(x[0], Reduction.mean(x[0], 1));
        Tensor variance = Reduction.mean(Elementwise.square(centred), 1);
        return Elementwise.multiply(Elementwise.divide(centred, Elementwise.sqrt(Elementwise.affine(variance, 1, 0.1f))), x[1]);
    }

    private static Tensor layer(Tensor... x) {
        return Elementwise.tanh(Elementwise.add(Product.matmul(x[0], x[1]), x[2]));
    }

    @TestFactory
    Stream<DynamicTest> firstOrder() {
        return table().map(line -> dynamicTest(line.name, () -> {
            float[][] point = line.point(backend);
            float[][] direction = line.direction(backend, "v");
            float[][] gradient = gradient(line, point);
            double numeric = derivative(t -> loss(line, moved(point, direction, t)));
            double magnitude = magnitude(gradient, direction) + magnitude(forward(line, point), cotangent(point));
            assertClose("first order", dot(gradient, direction), numeric, magnitude);
        }));
    }

    @TestFactory
    Stream<DynamicTest> secondOrder() {
        return table().map(line -> dynamicTest(line.name, () -> {
            float[][] point = line.point(backend);
            float[][] v = line.direction(backend, "v");
            float[][] w = line.direction(backend, "w");
            float[][] product = hessianProduct(line, point, w);
            double numeric = derivative(t -> dot(gradient(line, moved(point, v, t)), w));
            double magnitude = magnitude(product, v) + magnitude(gradient(line, point), w);
            assertClose("second order", dot(product, v), numeric, magnitude);
        }));
    }

    @TestFactory
    Stream<DynamicTest> anOperandAloneHasTheGradientThatItHasAmongOthers() {
        return table().filter(line -> line.operands.size() > 1).map(line -> dynamicTest(line.name, () -> {
            float[][] point = line.point(backend);
            float[][] gradient = gradient(line, point);
            for (int k = 0; k < line.operands.size(); k++) {
                try (Tape tape = new Tape()) {
                    Tensor[] x = tensors(line, point);
                    x[k] = tape.watch(x[k]);
                    Tensor y = line.f.apply(Arrays.copyOf(x, line.operands.size()));
                    Tensor loss = Reduction.dot(y, x[line.operands.size()]);
                    assertArrayEquals(gradient[k], tape.gradients(loss, List.of(x[k])).getFirst().values(), "operand " + k);
                }
            }
        }));
    }

    @TestFactory
    Stream<DynamicTest> gradientsAreRecordedWhenAskedFor() {
        return table().map(line -> dynamicTest(line.name, () -> {
            float[][] point = line.point(backend);
            try (Tape tape = new Tape()) {
                List<Tensor> x = watched(tape, line, point);
                Tensor loss = loss(line, x);
                String before = tape.toString();
                List<Tensor> plain = tape.gradients(loss, x);
                assertEquals(before, tape.toString());
                List<Tensor> recorded = tape.differentiableGradients(loss, x);
                assertTrue(tape.toString().length() > before.length());
                assertTrue(recorded.getLast().isTracked(), "dL/dc = f(x) must be differentiable");
                for (int k = 0; k < x.size(); k++) {
                    assertFalse(plain.get(k).isTracked());
                    assertEquals(x.get(k).form(), plain.get(k).form());
                    assertEquals(x.get(k).form(), recorded.get(k).form());
                    assertArrayEquals(plain.get(k).values(), recorded.get(k).values());
                }
            }
        }));
    }

    /** By the gradient's definition: with two maxima, a central difference gives each half. */
    @Test
    void tiedMaximaShareTheGradient() {
        Tensor x = Tensor.of(backend, Shape.of(2, 4), 1, 3, 3, 2, -1, -1, -1, -1);
        try (Tape tape = new Tape()) {
            Tensor watched = tape.watch(x);
            Tensor loss = Reduction.sum(Reduction.max(watched, 1));
            assertArrayEquals(new float[] {0, 0.5f, 0.5f, 0, 0.25f, 0.25f, 0.25f, 0.25f},
                    tape.gradients(loss, List.of(watched)).getFirst().values());
        }
    }

    @Test
    void everyOperationIsInTheTable() {
        var missing = operations(Op.class).flatMap(GradientCheckTest::kinds).collect(Collectors.toCollection(TreeSet::new));
        table().filter(line -> line.op != null).map(line -> kind(line.op)).forEach(missing::remove);
        assertEquals(new TreeSet<String>(), missing, "operations without a line in the gradient-check table");
    }

    private static Stream<Class<?>> operations(Class<?> type) {
        return type.isSealed() ? Arrays.stream(type.getPermittedSubclasses()).flatMap(GradientCheckTest::operations) : Stream.of(type);
    }

    /** The operation's name, once for each combination of the constants that it can be made with. */
    private static Stream<String> kinds(Class<?> operation) {
        Stream<String> kinds = Stream.of(operation.getSimpleName());
        for (RecordComponent component : operation.getRecordComponents()) {
            List<?> constants = constants(component);
            if (!constants.isEmpty()) {
                kinds = kinds.flatMap(kind -> constants.stream().map(constant -> kind + " " + constant));
            }
        }
        return kinds;
    }

    private static String kind(Op op) {
        var kind = new StringBuilder(op.getClass().getSimpleName());
        for (RecordComponent component : op.getClass().getRecordComponents()) {
            if (!constants(component).isEmpty()) {
                try {
                    kind.append(' ').append(component.getAccessor().invoke(op));
                } catch (ReflectiveOperationException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return kind.toString();
    }

    /** All values of a component of few. */
    private static List<?> constants(RecordComponent component) {
        return component.getType() == boolean.class ? List.of(false, true)
                : component.getType().isEnum() ? List.of(component.getType().getEnumConstants())
                : List.of();
    }

    // L(x, c) = ⟨f(x), c⟩, at a point that lists the stored values of each operand, then of the cotangent.

    private double loss(Line line, float[][] point) {
        return dot(forward(line, point), cotangent(point));
    }

    private float[][] forward(Line line, float[][] point) {
        Tensor[] x = tensors(line, point);
        return new float[][] {line.f.apply(Arrays.copyOf(x, x.length - 1)).values()};
    }

    private static float[][] cotangent(float[][] point) {
        return new float[][] {point[point.length - 1]};
    }

    private static Tensor loss(Line line, List<Tensor> x) {
        return Reduction.dot(line.f.apply(x.subList(0, x.size() - 1).toArray(Tensor[]::new)), x.getLast());
    }

    private float[][] gradient(Line line, float[][] point) {
        try (Tape tape = new Tape()) {
            List<Tensor> x = watched(tape, line, point);
            return values(tape.gradients(loss(line, x), x));
        }
    }

    private float[][] hessianProduct(Line line, float[][] point, float[][] direction) {
        try (Tape tape = new Tape()) {
            List<Tensor> x = watched(tape, line, point);
            return values(Hessian.product(tape, loss(line, x), x, List.of(tensors(line, direction))));
        }
    }

    private List<Tensor> watched(Tape tape, Line line, float[][] point) {
        return Arrays.stream(tensors(line, point)).map(tape::watch).toList();
    }

    private Tensor[] tensors(Line line, float[][] point) {
        List<Form> forms = line.forms(backend);
        return IntStream.range(0, point.length).mapToObj(k -> Tensor.of(backend, forms.get(k), point[k])).toArray(Tensor[]::new);
    }

    private static float[][] values(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::values).toArray(float[][]::new);
    }

    /** df/dt at 0, by the central difference of fourth order. */
    private static double derivative(DoubleUnaryOperator f) {
        double near = f.applyAsDouble(STEP) - f.applyAsDouble(-STEP);
        double far = f.applyAsDouble(2 * STEP) - f.applyAsDouble(-2 * STEP);
        return (8 * near - far) / (12 * STEP);
    }

    private static float[][] moved(float[][] point, float[][] direction, double t) {
        float[][] moved = new float[point.length][];
        for (int k = 0; k < point.length; k++) {
            moved[k] = new float[point[k].length];
            for (int i = 0; i < moved[k].length; i++) {
                moved[k][i] = (float) (point[k][i] + t * direction[k][i]);      // exact: see Values
            }
        }
        return moved;
    }

    private static double dot(float[][] a, float[][] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            for (int i = 0; i < a[k].length; i++) {
                sum += (double) a[k][i] * b[k][i];
            }
        }
        return sum;
    }

    private static double magnitude(float[][] a, float[][] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            for (int i = 0; i < a[k].length; i++) {
                sum += Math.abs((double) a[k][i] * b[k][i]);
            }
        }
        return sum;
    }

    private static void assertClose(String what, double analytic, double numeric, double magnitude) {
        assertTrue(Math.abs(analytic - numeric) <= TOLERANCE * magnitude,
                () -> what + ": by operations " + analytic + ", by differences " + numeric + ", magnitude " + magnitude);
    }

    private static Stream<Line> line(Op op, Operand... operands) {
        String name = op + " of " + Arrays.stream(operands).map(operand -> operand.form.toString()).collect(Collectors.joining(" and "));
        return Stream.of(new Line(name, op, x -> Tape.apply(op, x), List.of(operands)));
    }

    /** An operation some of whose operands are made of the others. */
    private static Stream<Line> line(Op op, Function<Tensor[], Tensor> f, Operand... operands) {
        return line(op, operands).map(line -> new Line(line.name, op, f, line.operands));
    }

    private static Stream<Line> composed(String name, Function<Tensor[], Tensor> f, Operand... operands) {
        return Stream.of(new Line(name, null, f, List.of(operands)));
    }

    private static Operand dense(int... sizes) {
        return dense(Shape.of(sizes));
    }

    private static Operand dense(Shape shape) {
        return of(ANYWHERE, Form.dense(shape));
    }

    private static Operand masked(Mask mask) {
        return of(ANYWHERE, Form.masked(mask));
    }

    private static Operand of(Values values, Form form) {
        return new Operand(form, values);
    }

    /** A line of the table. @param op the operation that f is, or null if it is composed of several */
    private record Line(String name, Op op, Function<Tensor[], Tensor> f, List<Operand> operands) {

        /** The forms of the operands, then of the cotangent, which is the result's. */
        List<Form> forms(Backend backend) {
            List<Form> forms = new ArrayList<>(operands.stream().map(Operand::form).toList());
            forms.add(f.apply(forms.stream().map(form -> Tensor.zeros(backend, form)).toArray(Tensor[]::new)).form());
            return forms;
        }

        float[][] point(Backend backend) {
            List<Form> forms = forms(backend);
            float[][] point = new float[forms.size()][];
            for (int k = 0; k < point.length; k++) {
                Values values = k < operands.size() ? operands.get(k).values : ANYWHERE;
                point[k] = values.draw(Seed.of(0).in(name).in(k), forms.get(k).stored().size());
            }
            return point;
        }

        float[][] direction(Backend backend, String path) {
            List<Form> forms = forms(backend);
            float[][] direction = new float[forms.size()][];
            for (int k = 0; k < direction.length; k++) {
                Seed seed = Seed.of(0).in(name).in(path).in(k);
                direction[k] = new float[forms.get(k).stored().size()];
                for (int i = 0; i < direction[k].length; i++) {
                    direction[k][i] = (seed.below(i, 33) - 16) / 16f;
                }
            }
            return direction;
        }
    }

    private record Operand(Form form, Values values) {}

    /**
     * Where the values of an operand lie: far enough from a kink or a pole that no difference reaches over it. All are
     * multiples of 1/512, and directions multiples of 1/16 in [−1, 1], so that a step of 1/32 is exact in single precision.
     */
    enum Values {
        /** In [−3/4, 3/4]. */
        ANYWHERE {
            @Override
            float at(Seed seed, int i, int n) {
                return (seed.below(i, 769) - 384) / 512f;
            }
        },
        /** In [3/2, 5/2]. */
        POSITIVE {
            @Override
            float at(Seed seed, int i, int n) {
                return 1.5f + seed.below(i, 513) / 512f;
            }
        },
        /** Of magnitude 1/4 to 3/4. */
        AWAY_FROM_ZERO {
            @Override
            float at(Seed seed, int i, int n) {
                return (seed.in("sign").below(i, 2) - 0.5f) * (0.5f + seed.below(i, 513) / 512f);
            }
        },
        /** Of magnitude 1 to 3/2: further than {@link #ANYWHERE} reaches. */
        FAR_FROM_ZERO {
            @Override
            float at(Seed seed, int i, int n) {
                return (seed.in("sign").below(i, 2) - 0.5f) * (2 + seed.below(i, 513) / 512f);
            }
        },
        /** In [−1/4, 1/4]. */
        SMALL {
            @Override
            float at(Seed seed, int i, int n) {
                return (seed.below(i, 257) - 128) / 512f;
            }
        },
        /** A quarter apart. */
        DISTINCT {
            @Override
            float at(Seed seed, int i, int n) {
                return (seed.permutation(n)[i] - n / 2) / 4f;
            }
        };

        abstract float at(Seed seed, int i, int n);

        float[] draw(Seed seed, int n) {
            float[] values = new float[n];
            for (int i = 0; i < n; i++) {
                values[i] = at(seed, i, n);
            }
            return values;
        }
    }
}
