package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A convolutional network with everything that a run must bring back: running statistics, drawn scales, momentum, cropped and mirrored
 * images, a rewind point after the start. Stopped and resumed, with another number of threads, it ends with the same bits.
 */
final class ConvolutionResumeTest {

    @TempDir
    private Path temporary;

    private TinyRun run(String name, int threads) {
        return new TinyRun(temporary.resolve(name), List.of("backend=cpu", "data.name=strokes-rgb", "data.train=160", "data.test=20",
                "data.validation=20", "data.augment=crop-flip", "model=resnet-8", "norm-scale=uniform", "training.batch=64",
                "training.length=6it", "training.evaluate-every=3it", "training.optimiser=sgd", "training.learning-rate=0.05",
                "training.weight-decay=1e-4", "pruning.levels=1", "pruning.scope=global", "pruning.rate=0.8", "pruning.rewind=2it"), threads);
    }

    @Test
    void goesOnWithTheSameBitsForAnyNumberOfThreads() {
        TinyRun whole = run("whole", 1);
        whole.execute();
        TinyRun stopped = run("stopped", 2);
        var said = new ArrayList<String>();
        said.add(stopped.executeUntil(1, 1).getLast());          // before the rewind point
        said.add(stopped.executeUntil(1, 5).getLast());
        said.add(new TinyRun(stopped.runs(), stopped.overrides(), 1).executeUntil(2, 4).getLast());
        stopped.execute();
        assertTrue(said.stream().allMatch(last -> last.startsWith("stopped at step ")), said.toString());
        assertEquals(whole.digests(), stopped.digests());
    }
}
