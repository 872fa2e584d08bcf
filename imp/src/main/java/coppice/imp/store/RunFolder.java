package coppice.imp.store;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the files of a run lie:
 *
 * <pre>
 * runs/lenet-mnist-3f9c2a/spec.yaml    the settings
 *                         data.sha256
 *                         crossovers.csv  {@link CrossoverTable}
 *                         results.csv  {@link Results}
 *                         report.html
 *                         replicate-1/level-07/                the ticket (level-00: the dense network)
 *                         replicate-1/level-07/random-reinit/  a control
 *                         replicate-1/level-07/random-mask/    a control
 * </pre>
 */
public record RunFolder(Path path) {

    /**
     * The folder of a run that has at least one result.
     *
     * @throws StoreException if {@code path} has no spec.yaml or no results.csv
     */
    public static RunFolder open(Path path) {
        var run = new RunFolder(path);
        for (Path needed : new Path[] {run.spec(), run.results()}) {
            if (!Files.isRegularFile(needed)) {
                throw new StoreException(path, "not a run folder, it has no " + needed.getFileName(),
                        "name a folder that a run made, such as runs/lenet-mnist-3f9c2a");
            }
        }
        return run;
    }

    /** The folder's own name, which names the run. */
    public String name() {
        return path.toAbsolutePath().normalize().getFileName().toString();
    }

    public Path spec() {
        return path.resolve("spec.yaml");
    }

    public Path results() {
        return path.resolve("results.csv");
    }

    public Path report() {
        return path.resolve("report.html");
    }

    /** The SHA-256 sum of the examples, or of the names and sizes of their files, so that a run does not go on with others. */
    public Path data() {
        return path.resolve("data.sha256");
    }

    /** Up to which density the backend multiplies by survivors one by one, so that a resumed run chooses the same kernels. */
    public Path crossovers() {
        return path.resolve("crossovers.csv");
    }

    /** The state at the rewind point of a replicate, where that is not the start. */
    public Path rewindPoint(int replicate) {
        return path.resolve("replicate-" + replicate).resolve("rewind.safetensors");
    }

    /** The folder of one training run; replicates count from 1, levels from 0. */
    public LevelFolder level(int replicate, int level, Branch branch) {
        Path ticket = path.resolve("replicate-" + replicate).resolve("level-%02d".formatted(level));
        return new LevelFolder(branch == Branch.TICKET ? ticket : ticket.resolve(branch.label()));
    }
}
