package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Backend;
import coppice.engine.Backend.Recording;
import coppice.engine.Seed;
import coppice.nn.data.Augmentation;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.Strokes;
import coppice.nn.data.StrokesRgb;
import coppice.nn.data.View;
import coppice.nn.models.Models;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps that a backend replays change the same weights to the same bits as steps that are computed anew. */
@ParameterizedClass
@MethodSource("coppice.nn.Backends#present")
final class ReplayedStepTest {

    private static final Seed SEED = Seed.of(77);
    private static final int STEPS = 7;
    private static final int EXAMPLES = 96;

    @Parameter
    Backend backend;

    @ParameterizedTest
    @CsvSource({"lenet-300-100, 28, 16, 1.0, sgd", "lenet-300-100, 28, 32, 0.1, adam", "conv-2, 8, 6, 0.3, adam", "conv-2, 8, 32, 1.0, sgd",
            "resnet-8, 12, 32, 1.0, sgd", "resnet-8, 12, 32, 0.1, sgd", "resnet-8, 12, 5, 0.5, adam"})
    void givesTheSameBits(String name, int side, int batch, double density, String optimiser) {
        assumeTrue(!backend.name().equals("reference"), "it remembers nothing");
        Dataset data = name.startsWith("lenet") ? Strokes.generate(SEED, EXAMPLES) : SameLossesTest.corners(StrokesRgb.generate(SEED, EXAMPLES), side);
        Model model = Models.of(name, data.example(), data.classes());
        var replays = new AtomicInteger();
        Snapshot replayed = trained(counting(replays), model, data, batch, density, optimiser);
        Snapshot computed = trained(forgetful(), model, data, batch, density, optimiser);
        computed.values().forEach((weight, value) -> assertArrayEquals(value.values(), replayed.get(weight).values(), weight));
        // All but the first with each of two batches; on a GPU masks are copied in the first step.
        assertEquals(STEPS - (backend.name().equals("cpu") || density == 1 ? 2 : 3), replays.get());
    }

    private static Snapshot trained(Backend backend, Model model, Dataset data, int batch, double density, String optimiser) {
        var recipe = new Recipe(model, Loss.CROSS_ENTROPY,
                optimiser.equals("sgd") ? new Optimiser.Sgd(0.9, false, 1e-4) : new Optimiser.Adam(0.9, 0.999, 1e-8, 1e-4),
                new Schedule(0.02, new Span(3, 0), new Schedule.Shape.Constant()));                   // another rate each step, at first
        Snapshot weights = SameLossesTest.initial(model, SEED, density);
        var all = View.all(data);
        try (var trainer = new Trainer(backend, recipe, new Order(SEED.in("order"), all, batch), new Batches(data, Normalisation.of(all)),
                Augmentation.none(), SEED.in("draws"), Trainer.State.start(recipe.optimiser(), 0, weights))) {
            for (int step = 0; step < STEPS; step++) {
                trainer.step();
            }
            return trainer.weights().snapshot();
        }
    }

    /** The backend, whose replays are counted. */
    private Backend counting(AtomicInteger replays) {
        return withRecord(work -> {
            Recording recording = backend.record(work);
            return () -> {
                boolean replayed = recording.replay();
                replays.addAndGet(replayed ? 1 : 0);
                return replayed;
            };
        });
    }

    /** The backend, but that it remembers nothing. */
    private Backend forgetful() {
        return withRecord(work -> {
            work.run();
            return () -> false;
        });
    }

    private interface Recorder {
        Recording record(Runnable work);
    }

    private Backend withRecord(Recorder recorder) {
        return (Backend) Proxy.newProxyInstance(Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
            if (method.getName().equals("record")) {
                return recorder.record((Runnable) arguments[0]);
            }
            try {
                return method.invoke(backend, arguments);
            } catch (InvocationTargetException error) {
                throw error.getCause();
            }
        });
    }
}
