package coppice.nn;

import coppice.engine.Backend;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.data.Batches;
import coppice.nn.data.DataException;
import coppice.nn.data.Dataset;
import coppice.nn.data.View;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/**
 * Measures a network on a fixed set of examples, a chunk at a time. Those that are in memory as pixels stay on the backend between
 * measurements; files are decoded again each time.
 */
public final class Evaluation implements AutoCloseable {

    /** Most examples at once: few enough that the activations of a small network stay in cache. */
    private static final int CHUNK = 512;

    /** Chunks are multiples of this, which fill the widest vectors. */
    private static final int VECTOR = 16;

    /** Values of the examples at once: 128 of CIFAR, so that a convolutional network is not given more memory than to train. */
    private static final int CHUNK_VALUES = 128 * 3 * 32 * 32;

    /**
     * @param loss     mean over the examples
     * @param accuracy the fraction whose largest logit is the label's
     */
    public record Score(double loss, double accuracy) {}

    /** Examples off the backend. */
    private record Examples(float[] x, float[] targets, int[] labels) {}

    private record Chunk(Tensor x, Tensor targets, int[] labels) implements AutoCloseable {

        @Override
        public void close() {
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
        this.chunkSize = chunkSize(model.example().size());
        if (view.data() instanceof Dataset) {
            for (int from = 0; from < view.size(); from += chunkSize) {
                chunks.add(chunk(examples(from)));
            }
        }
    }

    /** @param values of an example */
    static int chunkSize(int values) {
        return Math.clamp(CHUNK_VALUES / values / VECTOR * VECTOR, VECTOR, CHUNK);
    }

    private Examples examples(int from) {
        int count = Math.min(chunkSize, view.size() - from);
        var examples = new Examples(new float[Math.multiplyExact(model.example().size(), count)], new float[model.classes() * count],
                new int[count]);
        batches.fill(view.indices(), from, count, examples.x, examples.targets);
        batches.labels(view.indices(), from, count, examples.labels);
        return examples;
    }

    private Chunk chunk(Examples examples) {
        int count = examples.labels.length;
        return new Chunk(Tensor.of(backend, model.example().batch(count), examples.x),
                Tensor.of(backend, Shape.of(model.classes(), count), examples.targets), examples.labels);
    }

    /** @throws coppice.nn.data.DataException if a file cannot be used */
    public Score of(Weights weights) {
        var sum = new Sum();
        if (!chunks.isEmpty()) {
            chunks.forEach(chunk -> add(weights, chunk, sum));
            return sum.score();
        }
        Future<Examples> next = ahead(0);
        for (int from = 0; from < view.size(); from += chunkSize) {
            Examples examples = await(next);
            next = from + chunkSize < view.size() ? ahead(from + chunkSize) : null;
            try (Chunk chunk = chunk(examples)) {
                add(weights, chunk, sum);
            }
        }
        return sum.score();
    }

    /** Files are decoded while the network looks at the ones before. */
    private Future<Examples> ahead(int from) {
        var task = new FutureTask<>(() -> examples(from));
        Thread.ofPlatform().daemon().name("evaluation of " + view.data().name()).start(task);
        return task;
    }

    private Examples await(Future<Examples> examples) {
        try {
            return examples.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("evaluation of " + view.data().name() + ": interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DataException problem) {
                throw new DataException(problem.getMessage(), problem);
            }
            throw new IllegalStateException("evaluation of " + view.data().name() + ": cannot be prepared (" + e.getCause() + ")", e);
        }
    }

    private void add(Weights weights, Chunk chunk, Sum sum) {
        try (Tape tape = new Tape()) {
            Tensor logits = model.body().forward(Pass.inference(weights), tape.hold(chunk.x));
            for (float value : loss.perExample(logits, chunk.targets).values()) {
                sum.loss += value;
            }
            sum.correct += correct(logits.values(), chunk.labels);
            sum.count += chunk.labels.length;
        }
    }

    private static final class Sum {

        private double loss;
        private long correct;
        private int count;

        Score score() {
            return new Score(loss / count, (double) correct / count);
        }
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
