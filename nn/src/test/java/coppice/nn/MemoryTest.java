package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.BackendProvider;
import coppice.engine.Form;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.kernels.cpu.CpuBackend;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.View;
import coppice.nn.models.Models;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a training step needs of the backend's memory: little more than its activations, and never more than the step before. */
final class MemoryTest {

    private static final int BATCH = 32;
    private static final int CLASSES = 10;
    private static final Seed SEED = Seed.of(8);
    private static final Model MODEL = Models.of("resnet-20", Shape.of(3, 32, 32), CLASSES);

    @Test
    void gradientsNeedAFewActivationsMore() {
        try (CpuBackend backend = open(); Weights weights = Weights.of(backend, Snapshot.initial(MODEL, Initialiser.KAIMING_NORMAL, SEED));
                Tape tape = new Tape()) {
            long weightBytes = backend.bytesInUse();
            Pass pass = Pass.training(tape, weights);
            Tensor x = tape.input(backend, MODEL.example().batch(BATCH), new float[MODEL.example().size() * BATCH]);
            Tensor targets = tape.constant(backend, Form.dense(Shape.of(CLASSES, BATCH)), 0.1f);
            Tensor loss = Loss.CROSS_ENTROPY.of(MODEL.body().forward(pass, x), targets);
            long activationBytes = backend.bytesInUse() - weightBytes;
            tape.gradients(loss, pass.weights());
            long peak = backend.peakBytesInUse() - weightBytes;
            assertTrue(peak <= 1.3 * activationBytes, peak + " bytes at the peak, for " + activationBytes + " bytes of activations");
        }
    }

    @Test
    void stepsDoNotGrow() {
        byte[] pixels = new byte[BATCH * MODEL.example().size()];
        byte[] labels = new byte[BATCH];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) SEED.below(i, 256);
            labels[i % BATCH] = (byte) (i % CLASSES);
        }
        var data = new Dataset("drawn", MODEL.example(), CLASSES, pixels, labels);
        var recipe = new Recipe(MODEL, Loss.CROSS_ENTROPY, new Optimiser.Sgd(0.9, false, 1e-4),
                new Schedule(0.01, new Span(0, 0), new Schedule.Shape.Constant()));
        try (CpuBackend backend = open();
                Trainer trainer = new Trainer(backend, recipe, new Order(SEED, View.all(data), BATCH), new Batches(data, Normalisation.cifar10()),
                        Trainer.State.start(recipe.optimiser(), 0, Snapshot.initial(MODEL, Initialiser.KAIMING_NORMAL, SEED)))) {
            long start = backend.bytesInUse();
            trainer.step();
            long held = backend.bytesHeld();
            long peak = backend.peakBytesInUse();
            for (int step = 0; step < 10; step++) {
                trainer.step();
                assertEquals(List.of(start, held, peak), List.of(backend.bytesInUse(), backend.bytesHeld(), backend.peakBytesInUse()));
            }
        }
    }

    private static CpuBackend open() {
        return (CpuBackend) BackendProvider.named("cpu").open(2);
    }
}
