package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Elementwise.Unary;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Hessian-vector products: of a quadratic, whose Hessian is known, and of a small network, dense and masked. */
@ParameterizedClass
@MethodSource("coppice.engine.Backends#present")
final class HessianTest {

    private static final Seed SEED = Seed.of(3);
    private static final Form W1 = Form.dense(Shape.of(6, 5));
    private static final Form W2 = Form.dense(Shape.of(4, 6));
    private static final Mask M1 = Mask.where(W1.shape(), position -> SEED.in("m1").uniform(position) < 0.4);
    private static final Mask M2 = Mask.where(W2.shape(), position -> SEED.in("m2").uniform(position) < 0.4);

    @Parameter
    Backend backend;

    @Test
    void ofAQuadraticIsItsMatrix() {
        Tensor a = matrix(3, 3, 4, 1, -2, 1, 3, 5, -2, 5, 7);
        Tensor b = matrix(3, 1, 1, 2, 3);
        Tensor x = matrix(3, 1, 0.5f, -1, 2);
        Tensor v = matrix(3, 1, 1, -2, 3);
        // ½ xᵀAx + bᵀx; small integers and halves are exact in single precision
        Function<Tensor, Tensor> loss = y -> Elementwise.add(Elementwise.scale(Reduction.dot(y, Product.matmul(a, y)), 0.5f),
                Reduction.dot(b, y));
        assertArrayEquals(new float[] {-4, 10, 9}, product(loss, x, v));                        // A·v
    }

    @Test
    void ofAnAsymmetricFormIsItsSymmetricPart() {
        Tensor a = matrix(2, 2, 1, 4, 0, 3);
        float[] product = product(y -> Reduction.dot(y, Product.matmul(a, y)), matrix(2, 1, 5, -7), matrix(2, 1, 1, 10));
        assertArrayEquals(new float[] {42, 64}, product);                                       // (A + Aᵀ)·v
    }

    @Test
    void ofALinearLossIsZero() {
        float[] product = product(y -> Reduction.dot(matrix(2, 1, 3, 4), y), matrix(2, 1, 5, -7), matrix(2, 1, 1, 10));
        assertArrayEquals(new float[] {0, 0}, product);
    }

    @Test
    void isZeroForAParameterWithoutEffect() {
        Tensor x = matrix(2, 1, 5, -7);
        try (Tape tape = new Tape()) {
            Tensor used = tape.watch(x);
            Tensor unused = tape.watch(x);
            Tensor loss = Reduction.sum(Elementwise.square(used));
            List<Tensor> product = Hessian.product(tape, loss, List.of(unused, used), List.of(x, x));
            assertArrayEquals(new float[] {0, 0}, product.get(0).values());
            assertArrayEquals(new float[] {10, -14}, product.get(1).values());
        }
    }

    @Test
    void isSymmetric() {
        for (Mlp network : List.of(network(W1, W2), network(Form.masked(M1), Form.masked(M2)))) {
            List<Tensor> u = direction(network, "u");
            List<Tensor> v = direction(network, "v");
            double uHv = dot(u, product(network, Unary.TANH, v));
            double vHu = dot(v, product(network, Unary.TANH, u));
            assertEquals(uHv, vHu, 1e-5 * magnitude(u, product(network, Unary.TANH, v)));
        }
    }

    /** Along v, the gradient changes by H·v; differences as in {@link GradientCheckTest}, whose truncation reaches 2·10⁻⁵ here. */
    @Test
    void agreesWithDifferencesOfTheGradient() {
        for (Mlp network : List.of(network(W1, W2), network(Form.masked(M1), Form.masked(M2)))) {
            List<Tensor> v = direction(network, "v");
            List<float[]> product = product(network, Unary.TANH, v);
            double step = 0x1p-5;
            List<List<float[]>> gradients = new ArrayList<>();
            for (int k : new int[] {-2, -1, 1, 2}) {
                gradients.add(gradient(moved(network, v, (float) (k * step))));
            }
            for (int p = 0; p < product.size(); p++) {
                for (int i = 0; i < product.get(p).length; i++) {
                    double numeric = (gradients.get(0).get(p)[i] - 8.0 * gradients.get(1).get(p)[i]
                            + 8.0 * gradients.get(2).get(p)[i] - gradients.get(3).get(p)[i]) / (12 * step);
                    assertEquals(numeric, product.get(p)[i], 1e-4, "parameter " + p + ", value " + i);
                }
            }
        }
    }

    /** The masked Hessian is the block of the dense one that belongs to the survivors: set the others to 0 and leave them there. */
    @Test
    void withinAMaskIsTheBlockOfTheSurvivors() {
        for (Unary f : List.of(Unary.TANH, Unary.RELU)) {
            Mlp masked = network(Form.masked(M1), Form.masked(M2));
            List<Tensor> v = direction(masked, "v");
            List<float[]> within = product(masked, f, v);

            Mlp dense = new Mlp(Masking.dense(masked.w1()), masked.b1(), Masking.dense(masked.w2()), masked.b2());
            List<float[]> full = product(dense, f, v.stream().map(Masking::dense).toList());
            assertArrayEquals(at(M1, full.get(0)), within.get(0), 1e-6f);
            assertArrayEquals(full.get(1), within.get(1), 1e-6f);
            assertArrayEquals(at(M2, full.get(2)), within.get(2), 1e-6f);
            assertArrayEquals(full.get(3), within.get(3), 1e-6f);
            assertTrue(magnitude(v, within) > 0.1, "a Hessian of zeros proves nothing");
        }
    }

    @Test
    void aVectorOfTheWrongFormIsRefused() {
        Tensor x = matrix(2, 1, 5, -7);
        try (Tape tape = new Tape()) {
            Tensor w = tape.watch(x);
            Tensor loss = Reduction.sum(Elementwise.square(w));
            assertEquals("hessian: the vector needs one tensor for each of 1 parameters, got 2",
                    assertThrows(ShapeException.class, () -> Hessian.product(tape, loss, List.of(w), List.of(x, x))).getMessage());
            assertEquals("hessian: each part of the vector must have its parameter's form, got [1, 2] for [2, 1]",
                    assertThrows(ShapeException.class, () -> Hessian.product(tape, loss, List.of(w), List.of(matrix(1, 2, 1, 1))))
                            .getMessage());
        }
    }

    private Tensor matrix(int rows, int columns, float... values) {
        return Tensor.of(backend, Shape.of(rows, columns), values);
    }

    private static float[] product(Function<Tensor, Tensor> loss, Tensor x, Tensor v) {
        try (Tape tape = new Tape()) {
            Tensor watched = tape.watch(x);
            return Hessian.product(tape, loss.apply(watched), List.of(watched), List.of(v)).getFirst().values();
        }
    }

    private Mlp network(Form w1, Form w2) {
        return Mlp.drawn(backend, SEED, w1, w2);
    }

    private List<Tensor> direction(Mlp network, String path) {
        List<Tensor> direction = new ArrayList<>();
        for (Tensor w : network.parameters()) {
            direction.add(Mlp.drawn(backend, SEED.in(path).in(direction.size()), w.form()));
        }
        return direction;
    }

    private Mlp moved(Mlp network, List<Tensor> direction, float t) {
        List<Tensor> moved = new ArrayList<>();
        for (int p = 0; p < direction.size(); p++) {
            moved.add(Elementwise.add(network.parameters().get(p), Elementwise.scale(direction.get(p), t)));
        }
        return new Mlp(moved.get(0), moved.get(1), moved.get(2), moved.get(3));
    }

    private Tensor loss(Mlp network, Unary f) {
        return network.loss(f, Mlp.drawn(backend, SEED.in("x"), Form.dense(Shape.of(5, 19))),
                Mlp.labels(backend, SEED.in("labels"), 4, 19));
    }

    private List<float[]> gradient(Mlp network) {
        try (Tape tape = new Tape()) {
            Mlp watched = network.on(tape);
            return tape.gradients(loss(watched, Unary.TANH), watched.parameters()).stream().map(Tensor::values).toList();
        }
    }

    private List<float[]> product(Mlp network, Unary f, List<Tensor> v) {
        try (Tape tape = new Tape()) {
            Mlp watched = network.on(tape);
            return Hessian.product(tape, loss(watched, f), watched.parameters(), v).stream().map(Tensor::values).toList();
        }
    }

    private static float[] at(Mask mask, float[] dense) {
        float[] values = new float[mask.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = dense[mask.position(i)];
        }
        return values;
    }

    private static double dot(List<Tensor> a, List<float[]> b) {
        double sum = 0;
        for (int p = 0; p < a.size(); p++) {
            float[] values = a.get(p).values();
            for (int i = 0; i < values.length; i++) {
                sum += (double) values[i] * b.get(p)[i];
            }
        }
        return sum;
    }

    private static double magnitude(List<Tensor> a, List<float[]> b) {
        double sum = 0;
        for (int p = 0; p < a.size(); p++) {
            float[] values = a.get(p).values();
            for (int i = 0; i < values.length; i++) {
                sum += Math.abs((double) values[i] * b.get(p)[i]);
            }
        }
        return sum;
    }
}
