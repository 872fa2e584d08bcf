package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Form;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.Loss;
import coppice.nn.Model;
import coppice.nn.Optimiser;
import coppice.nn.Parameter;
import coppice.nn.Pass;
import coppice.nn.Snapshot;
import coppice.nn.Weights;
import coppice.nn.models.Models;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whole networks against PyTorch: {@code test-data/agreement/golden.json}, made by the script beside it. From the same weights and
 * examples, the logits, all gradients, the losses and weights of ten steps with momentum and decay, the running statistics, and what
 * inference says at the end.
 *
 * <p>PyTorch's results are of double precision, and beside each stands how far its own single precision is from it. Our logits may be three
 * times as far: our sums are made in another order. Everything after the first backward has kinks in it: a ReLU so close to 0 that a
 * rounding of 10⁻⁶ puts it on the other side changes a gradient by 10⁻³ at once and then, step by step, all that follows; whether one does
 * is chance, in PyTorch as here. Biases far from 0 and small rates make it rare and keep what follows small, and 10⁻² is allowed there. A
 * mistake in a convention (a momentum of 0.9 for 0.1, an unbiased variance for a biased one over VGG-16's last maps, padding at the wrong
 * end) is wrong by more.
 */
final class AgreementTest {

    /** Errors of logits over those of PyTorch's single precision, and what is always allowed: some roundings of a float. */
    private static final double ROUNDINGS = 3;
    private static final double ALWAYS = 3e-6;

    private static final double AFTER_KINKS = 1e-2;

    /** How far biases are from 0, in deviations of what they are added to. */
    private static final double AWAY = 3;

    /** Values of each tensor that are kept. */
    private static final int FIRST = 8;

    @ParameterizedTest
    @ValueSource(strings = {"conv-4", "resnet-20", "vgg-16", "resnet-50"})
    void agreesWithPyTorch(String name) {
        JsonNode golden = JsonMapper.shared().readTree(new File("../test-data/agreement/golden.json")).get(name);
        int side = golden.get("side").asInt();
        int batch = golden.get("batch").asInt();
        Model model = Models.of(name, Shape.of(3, side, side), 10);
        var optimiser = new Optimiser.Sgd(golden.get("momentum").asDouble(), false, golden.get("decay").asDouble());
        List<String> trained = model.parameters().stream().filter(Parameter::isTrained).map(Parameter::name).toList();
        var worst = new LinkedHashMap<String, Double>();
        try (Backend backend = BackendProvider.best().open(2)) {
            Snapshot start = start(model);
            Weights weights = Weights.of(backend, start);
            Weights velocities = Weights.of(backend, start.zeros());
            float[] x = examples(batch, side);
            float[] targets = targets(batch);
            float[] losses = new float[golden.get("steps").asInt()];
            for (int step = 0; step < losses.length; step++) {
                try (Tape tape = new Tape()) {
                    Pass pass = Pass.training(tape, weights);
                    Tensor images = tape.input(backend, model.example().batch(batch), x);
                    Tensor logits = model.body().forward(pass, images);
                    Tensor loss = Loss.CROSS_ENTROPY.of(logits, tape.input(backend, Shape.of(10, batch), targets));
                    List<Tensor> gradients = tape.gradients(loss, trained.stream().map(pass::weight).toList());
                    losses[step] = loss.item();
                    if (step == 0) {
                        note(worst, "logits", transposed(logits.values(), batch), golden);
                        note(worst, "gradients", gradients.stream().map(Tensor::values).toList(), golden);
                    }
                    for (int i = 0; i < trained.size(); i++) {
                        optimiser.step(golden.get("rate").floatValue(), step + 1, weights.get(trained.get(i)), gradients.get(i),
                                List.of(velocities.get(trained.get(i))));
                    }
                    weights.updateRunningStatistics(pass.observations());
                }
            }
            note(worst, "losses", losses, golden);
            note(worst, "changes", trained.stream().map(weight -> change(start.values().get(weight), weights.get(weight))).toList(), golden);
            note(worst, "statistics", model.parameters().stream().filter(parameter -> !parameter.isTrained())
                    .map(statistic -> weights.get(statistic.name()).values()).toList(), golden);
            try (Tape tape = new Tape()) {
                Tensor images = tape.input(backend, model.example().batch(batch), x);
                Tensor logits = model.body().forward(Pass.inference(weights), images);
                note(worst, "inference", transposed(logits.values(), batch), golden);
            }
            weights.close();
            velocities.close();
        }
        System.out.println("relative errors of " + name + ": " + worst + "; PyTorch's own in single precision: " + golden.get("rounding"));
        assertEquals(golden.get("rounding").size(), worst.size());
        worst.forEach((what, error) -> {
            double rounding = golden.get("rounding").get(what).asDouble();
            double bound = what.equals("logits") ? ROUNDINGS * rounding + ALWAYS : AFTER_KINKS;
            assertTrue(error <= bound, name + ": " + what + " differ by " + error + " of their norm, more than " + bound);
        });
    }

    private static void note(Map<String, Double> errors, String what, float[] got, JsonNode golden) {
        double[] expected = golden.get(what).valueStream().mapToDouble(JsonNode::asDouble).toArray();
        errors.put(what, error(IntStream.range(0, got.length).mapToDouble(i -> got[i]).toArray(), expected));
    }

    /** Of each tensor its norm and its first values are known. */
    private static void note(Map<String, Double> errors, String what, List<float[]> values, JsonNode golden) {
        List<JsonNode> kept = golden.get(what).valueStream().toList();
        assertEquals(kept.size(), values.size());
        if (values.isEmpty()) {
            return;
        }
        errors.put(what + " norm", error(values.stream().mapToDouble(AgreementTest::norm).toArray(),
                kept.stream().mapToDouble(tensor -> tensor.get("norm").asDouble()).toArray()));
        errors.put(what + " first", error(
                values.stream().flatMapToDouble(tensor -> IntStream.range(0, Math.min(FIRST, tensor.length)).mapToDouble(i -> tensor[i])).toArray(),
                kept.stream().flatMapToDouble(tensor -> tensor.get("first").valueStream().mapToDouble(JsonNode::asDouble)).toArray()));
    }

    private static float[] change(Snapshot.Value from, Tensor to) {
        float[] change = to.values();
        for (int i = 0; i < change.length; i++) {
            change[i] -= from.values()[i];
        }
        return change;
    }

    private static double norm(float[] values) {
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        return Math.sqrt(squares);
    }

    /** The norm of the difference over the norm. */
    private static double error(double[] got, double[] expected) {
        assertEquals(expected.length, got.length);
        double difference = 0;
        double squares = 0;
        for (int i = 0; i < got.length; i++) {
            difference += (got[i] - expected[i]) * (got[i] - expected[i]);
            squares += expected[i] * expected[i];
        }
        return Math.sqrt(difference / squares);
    }

    /** Weights as golden.py draws them, in the model's order. */
    private static Snapshot start(Model model) {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        int number = 0;
        for (Parameter parameter : model.parameters()) {
            double[] drawn = parameter.isTrained() ? drawn(++number, parameter.shape().size()) : new double[parameter.shape().size()];
            float[] start = new float[drawn.length];
            for (int i = 0; i < drawn.length; i++) {
                start[i] = (float) switch (parameter.role()) {
                    case WEIGHT -> drawn[i] * Math.sqrt(6.0 / parameter.fanIn());
                    case BIAS -> 0.1 * drawn[i] + (drawn[i] < 0 ? -AWAY : AWAY);
                    case SCALE -> 1 + 0.1 * drawn[i];
                    case MEAN -> 0;
                    case VARIANCE -> 1;
                };
            }
            values.put(parameter.name(), new Snapshot.Value(Form.dense(parameter.shape()), start));
        }
        return new Snapshot(values);
    }

    /** Evenly distributed in [−1, 1), by the mixing function of golden.py. */
    private static double[] drawn(int seed, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            int x = i + (int) (seed * 0x9E3779B1L);
            x = (x ^ x >>> 16) * 0x45D9F3B;
            x = (x ^ x >>> 16) * 0x45D9F3B;
            x ^= x >>> 16;
            values[i] = Integer.toUnsignedLong(x) / 0x1p31 - 1;
        }
        return values;
    }

    /** Drawn example after example; here the batch comes last. */
    private static float[] examples(int batch, int side) {
        int features = 3 * side * side;
        double[] drawn = drawn(1001, batch * features);
        float[] x = new float[drawn.length];
        for (int i = 0; i < drawn.length; i++) {
            x[i % features * batch + i / features] = (float) drawn[i] * 2;
        }
        return x;
    }

    private static float[] targets(int batch) {
        float[] targets = new float[10 * batch];
        for (int n = 0; n < batch; n++) {
            targets[n % 10 * batch + n] = 1;
        }
        return targets;
    }

    /** [10, batch] as [batch, 10]. */
    private static float[] transposed(float[] logits, int batch) {
        float[] byExample = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            byExample[i % batch * 10 + i / batch] = logits[i];
        }
        return byExample;
    }
}
