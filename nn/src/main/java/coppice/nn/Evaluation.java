package coppice.nn;

import coppice.engine.Backend;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.View;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures a network on a fixed set of examples, a chunk at a time. Those that are in memory as pixels stay on the backend between
 * measurements; files are decoded again each time.
 */
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

    private record Chunk(Tensor x, Tensor targets, int[] labels) {

        void close() {
            x.close();
            targets.close();
        }
    }

    private final Backend backend;
    private final Model model;
    private final Loss loss;
    private final View view;
    private final Batches batches;
    private final int chunkSize;
    /** Those that stay. */
    private final List<Chunk> chunks = new ArrayList<>();

    public Evaluation(Backend backend, Model model, Loss loss, View view, Batches batches) {
        this.backend = backend;
        this.model = model;
        this.loss = loss;
        this.view = view;
        this.batches = batches;
        this.chunkSize = Math.clamp(CHUNK_VALUES / model.example().size(), 1, CHUNK);
        if (view.data() instanceof Dataset) {
            for (int from = 0; from < view.size(); from += chunkSize) {
                chunks.add(chunk(from));
            }
        }
    }

    private Chunk chunk(int from) {
        int count = Math.min(chunkSize, view.size() - from);
        float[] x = new float[model.example().size() * count];
        float[] targets = new float[model.classes() * count];
        int[] labels = new int[count];
        batches.fill(view.indices(), from, count, x, targets);
        batches.labels(view.indices(), from, count, labels);
        return new Chunk(Tensor.of(backend, model.example().batch(count), x),
                Tensor.of(backend, Shape.of(model.classes(), count), targets), labels);
    }

    /** @throws coppice.nn.data.DataException if a file cannot be used */
    public Score of(Weights weights) {
        double lossSum = 0;
        long correct = 0;
        for (int from = 0; from < view.size(); from += chunkSize) {
            boolean stays = !chunks.isEmpty();
            Chunk chunk = stays ? chunks.get(from / chunkSize) : chunk(from);
            try (Tape tape = new Tape()) {
                Tensor logits = model.body().forward(Pass.inference(weights), tape.hold(chunk.x));
                for (float value : loss.perExample(logits, chunk.targets).values()) {
                    lossSum += value;
                }
                correct += correct(logits.values(), chunk.labels);
            } finally {
                if (!stays) {
                    chunk.close();
                }
            }
        }
        return new Score(lossSum / view.size(), (double) correct / view.size());
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
        chunks.forEach(Chunk::close);
    }
}
