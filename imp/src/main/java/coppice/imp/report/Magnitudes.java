package coppice.imp.report;

import coppice.imp.store.LevelFolder;
import coppice.imp.store.Safetensors;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How large the ticket's surviving weights are at one level, before and after retraining: the number of weights per replicate in
 * each of {@value #BINS} equal bins from 0 to {@code BINS · width}, all prunable weights together.
 */
record Magnitudes(int level, double density, double width, List<Double> start, List<Double> end) {

    private static final int BINS = 60;

    static Magnitudes of(int level, double density, List<LevelFolder> replicates) {
        List<float[]> start = weights(replicates.stream().map(LevelFolder::start).toList());
        List<float[]> end = weights(replicates.stream().map(LevelFolder::end).toList());
        float greatest = Math.max(greatest(start), greatest(end));
        double width = greatest > 0 ? (double) greatest / BINS : 1;
        return new Magnitudes(level, density, width, counts(start, width, replicates.size()), counts(end, width, replicates.size()));
    }

    private static List<float[]> weights(List<Path> files) {
        var weights = new ArrayList<float[]>();
        for (Path file : files) {
            Safetensors tensors = Safetensors.read(file);
            LayerDensities.names(tensors).forEach(name -> weights.add(tensors.floats(name).values()));
        }
        return weights;
    }

    private static float greatest(List<float[]> weights) {
        float greatest = 0;
        for (float[] layer : weights) {
            for (float weight : layer) {
                if (Float.isFinite(weight)) {
                    greatest = Math.max(greatest, Math.abs(weight));
                }
            }
        }
        return greatest;
    }

    /** Weights that are not finite are in no bin. */
    private static List<Double> counts(List<float[]> weights, double width, int replicates) {
        var counts = new double[BINS];
        for (float[] layer : weights) {
            for (float weight : layer) {
                if (Float.isFinite(weight)) {
                    counts[Math.min(BINS - 1, (int) (Math.abs(weight) / width))] += 1.0 / replicates;
                }
            }
        }
        return Arrays.stream(counts).boxed().toList();
    }
}
