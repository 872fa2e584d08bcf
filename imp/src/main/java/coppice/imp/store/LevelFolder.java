package coppice.imp.store;

import java.nio.file.Path;

/** The files of one training run: its mask, the weights it started from and ended with, and its {@link LearningCurve}. */
public record LevelFolder(Path path) {

    /**
     * For each masked weight an I32 tensor of its name, shape {@code [count]}: the surviving positions (flat, row-major,
     * ascending), and a metadata entry of the same name with its full shape, {@code "300,784"}. A weight that is not in the file
     * is dense.
     */
    public Path mask() {
        return path.resolve("mask.safetensors");
    }

    /**
     * The weights training starts from, F32: a masked weight as its surviving values in position order, shape {@code [count]},
     * a dense tensor in its full shape.
     */
    public Path start() {
        return path.resolve("start.safetensors");
    }

    /** The weights after training, laid out as {@link #start()}. */
    public Path end() {
        return path.resolve("end.safetensors");
    }

    public Path metrics() {
        return path.resolve("metrics.csv");
    }

    /** How long training took, apart from everything that two runs of the same settings share. */
    public Path timing() {
        return path.resolve("timing.csv");
    }

    /** Where an unfinished training stands; gone when it is finished. */
    public Path checkpoint() {
        return path.resolve("checkpoint.safetensors");
    }
}
