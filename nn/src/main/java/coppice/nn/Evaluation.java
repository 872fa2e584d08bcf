package coppice.nn;

import coppice.engine.Backend;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.data.Batches;
import coppice.nn.data.View;
import java.util.ArrayList;
import java.util.List;

/** Measures a network on a fixed set of examples, which stay on the backend between measurements. */
public final class Evaluation implements AutoCloseable {

    /** Most examples at once: enough to fill every vector, few enough that the activations of a small network stay in cache. */
    private static final int CHUNK = 512;

    /** Values of the examples at once: 128 of CIFAR, so that a convolutional network is not given more memory than to train. */
    private static final int CHUNK_VALUES = 128 * 3 * 32 * 32;

    /**
     * @param loss     mean over the examples
     * @param accuracy the fraction whose largest logit is the label's
     */
    public record Score(double loss, double accuracy) {}

    private record Chunk(Tensor x, Tensor targets, int[] labels) {}

    private final Model model;
    private final Loss loss;
    private final List<Chunk> chunks = new ArrayList<>();
    private final int examples;

    public Evaluation(Backend backend, Model model, Loss loss, View view, Batches batches) {
        this.model = model;
        this.loss = loss;
        this.examples = view.size();
        int chunk = Math.clamp(CHUNK_VALUES / model.example().size(), 1, CHUNK);
        for (int from = 0; from < examples; from += chunk) {
            int count = Math.min(chunk, examples - from);
            float[] x = new float[model.example().size() * count];
            float[] targets = new float[model.classes() * count];
            int[] labels = new int[count];
            batches.fill(view.indices(), from, count, x, targets);
            batches.labels(view.indices(), from, count, labels);
            chunks.add(new Chunk(
                    Tensor.of(backend, model.example().batch(count), x),
                    Tensor.of(backend, Shape.of(model.classes(), count), targets),
                    labels));
        }
    }

    public Score of(Weights weights) {
        double lossSum = 0;
        long correct = 0;
        for (Chunk chunk : chunks) {
            try (Tape tape = new Tape()) {
                Tensor logits = model.body().forward(Pass.inference(weights), tape.hold(chunk.x));
                for (float value : loss.perExample(logits, chunk.targets).values()) {
                    lossSum += value;
                }
                correct += correct(logits.values(), chunk.labels);
            }
        }
        return new Score(lossSum / examples, (double) correct / examples);
    }

    /** How many of the examples have their largest logit, the first of equals, at their label. @param logits [classes, N] */
    private static int correct(float[] logits, int[] labels) {
        int correct = 0;
        for (int n = 0; n < labels.length; n++) {
            int best = 0;
            for (int c = 1; c < logits.length / labels.length; c++) {
                if (logits[c * labels.length + n] > logits[best * labels.length + n]) {
                    best = c;
                }
            }
            correct += best == labels[n] ? 1 : 0;
        }
        return correct;
    }

    @Override
    public void close() {
        for (Chunk chunk : chunks) {
            chunk.x.close();
            chunk.targets.close();
        }
    }
}
