package coppice.imp;

import coppice.engine.Seed;
import coppice.imp.settings.SettingsException;
import coppice.imp.settings.Spec;
import coppice.nn.data.Catalogue;
import coppice.nn.data.DataException;
import coppice.nn.data.Dataset;
import coppice.nn.data.IdxFolder;
import coppice.nn.data.Strokes;
import coppice.nn.data.TrainAndTest;
import coppice.nn.data.UserCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The data sets that settings can name. */
public final class DataSource {

    private static final String STROKES = "strokes";
    private static final List<String> IDX = List.of("mnist", "fashion-mnist");

    private DataSource() {}

    /**
     * Reads or draws the data of a run.
     *
     * @throws SettingsException if there is no such data set, or it has fewer examples than asked for
     * @throws DataException     if its files are missing or unsound
     */
    public static TrainAndTest load(Spec.Data data) {
        if (data.name().equals(STROKES)) {
            return strokes(data);
        }
        if (!IDX.contains(data.name())) {
            throw new SettingsException("data.name: there is no data set \"" + data.name() + "\", only " + STROKES + ", "
                    + String.join(", ", IDX));
        }
        TrainAndTest all = new IdxFolder(data.name(), folder(data)).read();
        return new TrainAndTest(first("data.train", data.train(), all.train()), first("data.test", data.test(), all.test()));
    }

    private static Path folder(Spec.Data data) {
        if (data.root() != null) {
            return data.root();
        }
        Path cache = UserCache.usual().folder(Catalogue.PUBLISHED.named(data.name()));
        if (!Files.isDirectory(cache)) {
            throw new DataException(data.name() + ": is not in " + cache + " yet; fetch it with \"coppice data fetch " + data.name()
                    + "\", or name the folder that has it with data.root=DIR");
        }
        return cache;
    }

    /** The same pixels in every run; the test part never depends on the size of the training part. */
    private static TrainAndTest strokes(Spec.Data data) {
        if (data.train() == null || data.test() == null) {
            throw new SettingsException("data.train and data.test: \"strokes\" draws as many examples as it is asked for, and needs both counts");
        }
        requireDrawable("data.train", data.train());
        requireDrawable("data.test", data.test());
        Seed seed = Seed.of(0);
        return new TrainAndTest(Strokes.generate(seed.in("train"), data.train()), Strokes.generate(seed.in("test"), data.test()));
    }

    private static void requireDrawable(String key, int count) {
        if (count > Strokes.MOST) {
            throw new SettingsException(key + ": \"strokes\" draws at most " + Strokes.MOST + " examples, got " + count);
        }
    }

    private static Dataset first(String key, Integer count, Dataset all) {
        if (count == null || count == all.size()) {
            return all;
        }
        if (count > all.size()) {
            throw new SettingsException(key + ": " + all.name() + " has " + all.size() + " examples, got " + count);
        }
        return new Dataset(all.name(), all.example(), all.classes(),
                Arrays.copyOf(all.pixels(), count * all.example().size()), Arrays.copyOf(all.labels(), count));
    }
}
