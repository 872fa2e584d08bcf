package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.Hessian;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.models.Models;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Exact Hessian-vector products of a masked LeNet-300-100, within the mask's subspace, against differences of its gradient. */
@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class LeNetHessianTest {

    private static final Seed SEED = Seed.of(11);
    private static final int BATCH = 30;
    private static final double DENSITY = 0.1;

    @Parameter
    Backend backend;

    private final Model model = Models.of("lenet-300-100", Shape.of(1, 28, 28), 10);
    private final Map<String, Mask> masks = new LinkedHashMap<>();
    private Tensor images;
    private Tensor targets;

    @BeforeEach
    void drawDataAndMasks() {
        for (coppice.nn.Parameter weight : model.prunable()) {
            Seed seed = SEED.in("mask").in(weight.name());
            masks.put(weight.name(), Mask.where(weight.shape(), position -> seed.uniform(position) < DENSITY));
        }
        float[] x = new float[model.example().size() * BATCH];
        float[] t = new float[model.classes() * BATCH];
        Examples.drawn(SEED.in("data"), 28, 28, 10, BATCH).batches().fill(IntStream.range(0, BATCH).toArray(), 0, BATCH, x, t);
        images = Tensor.of(backend, model.example().batch(BATCH), x);
        targets = Tensor.of(backend, Shape.of(model.classes(), BATCH), t);
    }

    @AfterEach
    void giveBack() {
        images.close();
        targets.close();
    }

    /** Along the gradient, where the curvature is large, by a step so short that no unit crosses the kink of ReLU, where it jumps. */
    @Test
    void agreesWithDifferencesOfTheGradientOfAMaskedLeNet() {
        Snapshot weights = withBiases(Snapshot.initial(model, Initialiser.KAIMING_NORMAL, SEED.in("init")).restrict(masks));
        Snapshot direction = direction(weights);
        float step = 0.1f;
        while (!Arrays.equals(active(moved(weights, direction, step)), active(moved(weights, direction, -step)))) {
            step /= 2;
        }
        List<float[]> after = gradient(moved(weights, direction, step));
        List<float[]> before = gradient(moved(weights, direction, -step));
        List<float[]> exact = product(weights, direction);

        double difference = 0;
        double size = 0;
        for (int p = 0; p < exact.size(); p++) {
            assertEquals(weights.count(weights.values().keySet().stream().toList().get(p)), exact.get(p).length, "one value for each survivor");
            for (int i = 0; i < exact.get(p).length; i++) {
                double numeric = ((double) after.get(p)[i] - before.get(p)[i]) / (2 * step);
                difference += Math.pow(numeric - exact.get(p)[i], 2);
                size += Math.pow(exact.get(p)[i], 2);
            }
        }
        assertTrue(size > 1e-6, "a Hessian of zeros proves nothing, got " + size);
        double relative = Math.sqrt(difference / size);
        assertTrue(relative < 2e-3, "relative difference " + relative + " at step " + step);
    }

    /** Biases of 0 leave a unit whose inputs are all silent exactly at the kink. */
    private static Snapshot withBiases(Snapshot weights) {
        var drawn = new LinkedHashMap<>(weights.values());
        drawn.replaceAll((name, value) -> {
            float[] values = value.values().clone();
            for (int i = 0; i < values.length && name.endsWith(".bias"); i++) {
                values[i] = (float) (0.1 * SEED.in("bias").in(name).normal(i));
            }
            return new Snapshot.Value(value.form(), values);
        });
        return new Snapshot(drawn);
    }

    /** The gradient, at length 1. */
    private Snapshot direction(Snapshot weights) {
        List<float[]> gradient = gradient(weights);
        double length = 0;
        for (float[] part : gradient) {
            for (float value : part) {
                length += (double) value * value;
            }
        }
        var direction = new LinkedHashMap<String, Snapshot.Value>();
        int p = 0;
        for (var weight : weights.values().entrySet()) {
            float[] values = gradient.get(p++);
            for (int i = 0; i < values.length; i++) {
                values[i] /= (float) Math.sqrt(length);
            }
            direction.put(weight.getKey(), new Snapshot.Value(weight.getValue().form(), values));
        }
        return new Snapshot(direction);
    }

    /** Which hidden units are on the positive side of the kink, for all images. */
    private boolean[] active(Snapshot at) {
        var active = new ArrayList<Boolean>();
        try (Weights weights = Weights.of(backend, at); Tape tape = new Tape()) {
            Tensor x = tape.hold(images);
            for (Layer layer : ((Sequential) model.body()).layers()) {
                x = layer.forward(Pass.inference(weights), x);
                if (layer instanceof Relu) {
                    for (float value : x.values()) {
                        active.add(value > 0);
                    }
                }
            }
        }
        boolean[] flags = new boolean[active.size()];
        for (int i = 0; i < flags.length; i++) {
            flags[i] = active.get(i);
        }
        return flags;
    }

    private static Snapshot moved(Snapshot weights, Snapshot direction, float step) {
        var moved = new LinkedHashMap<String, Snapshot.Value>();
        weights.values().forEach((name, value) -> {
            float[] values = value.values().clone();
            for (int i = 0; i < values.length; i++) {
                values[i] += step * direction.get(name).values()[i];
            }
            moved.put(name, new Snapshot.Value(value.form(), values));
        });
        return new Snapshot(moved);
    }

    private List<float[]> gradient(Snapshot at) {
        try (Weights weights = Weights.of(backend, at); Tape tape = new Tape()) {
            Pass pass = Pass.training(tape, weights);
            return values(tape.gradients(loss(pass, tape), pass.weights()));
        }
    }

    private List<float[]> product(Snapshot at, Snapshot direction) {
        try (Weights weights = Weights.of(backend, at); Weights vector = Weights.of(backend, direction); Tape tape = new Tape()) {
            Pass pass = Pass.training(tape, weights);
            List<Tensor> along = new ArrayList<>();
            vector.forEach((name, tensor) -> along.add(tensor));
            return values(Hessian.product(tape, loss(pass, tape), pass.weights(), along));
        }
    }

    private Tensor loss(Pass pass, Tape tape) {
        return Loss.CROSS_ENTROPY.of(model.body().forward(pass, tape.hold(images)), targets);
    }

    private static List<float[]> values(List<Tensor> tensors) {
        return tensors.stream().map(Tensor::values).toList();
    }
}
