package coppice.imp.report;

import coppice.engine.Shape;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.Safetensors;
import coppice.imp.store.StoreException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;

/** The share of weights left in each layer of the ticket at one level, averaged over replicates. */
record LayerDensities(int level, double density, List<Double> layers) {

    /** The names of the prunable weights, in the order of the network. */
    static List<String> names(Safetensors weights) {
        return weights.entries().keySet().stream().filter(LayerDensities::isPrunable).toList();
    }

    static boolean isPrunable(String name) {
        return name.endsWith(".weight");
    }

    /** A level without a mask file has pruned nothing: the dense network. */
    static LayerDensities mean(int level, double density, List<String> names, List<LevelFolder> replicates) {
        var sums = new double[names.size()];
        for (LevelFolder folder : replicates) {
            if (!Files.exists(folder.mask())) {
                Arrays.setAll(sums, i -> sums[i] + 1);
                continue;
            }
            Safetensors mask = Safetensors.read(folder.mask());
            Arrays.setAll(sums, i -> sums[i] + density(folder, mask, names.get(i)));
        }
        return new LayerDensities(level, density, Arrays.stream(sums).mapToObj(sum -> sum / replicates.size()).toList());
    }

    private static double density(LevelFolder folder, Safetensors mask, String name) {
        if (!mask.entries().containsKey(name)) {
            return 1;
        }
        String shape = mask.metadata().getOrDefault(name, "");
        try {
            int size = Shape.of(Arrays.stream(shape.split(",")).mapToInt(Integer::parseInt).toArray()).size();
            return (double) mask.entries().get(name).shape().size() / size;
        } catch (IllegalArgumentException e) {
            throw new StoreException(folder.mask(), "the metadata must give the full shape of " + name + " such as 300,784, got '"
                    + shape + "'", "delete its folder so that the run makes it anew", e);
        }
    }
}
