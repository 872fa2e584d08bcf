package coppice.imp;

import coppice.engine.Seed;
import coppice.imp.settings.SettingsException;
import coppice.imp.settings.Spec;
import coppice.nn.data.Catalogue;
import coppice.nn.data.CifarFolder;
import coppice.nn.data.DataException;
import coppice.nn.data.Dataset;
import coppice.nn.data.IdxFolder;
import coppice.nn.data.ImageFiles;
import coppice.nn.data.ImageFolder;
import coppice.nn.data.Images;
import coppice.nn.data.Strokes;
import coppice.nn.data.StrokesRgb;
import coppice.nn.data.TrainAndTest;
import coppice.nn.data.UserCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The data sets that settings can name. */
public final class DataSource {

    private static final List<String> DRAWN = List.of("strokes", "strokes-rgb");
    private static final List<String> IDX = List.of("mnist", "fashion-mnist");
    private static final List<String> CIFAR = List.of("cifar-10", "cifar-100");
    private static final String PICTURES = "image-folder";

    private DataSource() {}

    /**
     * Reads or draws the data of a run.
     *
     * @throws SettingsException if there is no such data set, or it has fewer examples than asked for
     * @throws DataException     if its files are missing or unsound
     */
    public static TrainAndTest load(Spec.Data data) {
        if ((data.side() != null) != data.name().equals(PICTURES)) {
            throw new SettingsException("data.side: the side of an image in pixels is needed for an " + PICTURES + ", and for nothing else; got "
                    + data.side() + " for " + data.name());
        }
        if (DRAWN.contains(data.name())) {
            return drawn(data);
        }
        TrainAndTest all;
        if (IDX.contains(data.name())) {
            all = new IdxFolder(data.name(), folder(data)).read();
        } else if (CIFAR.contains(data.name())) {
            all = new CifarFolder(data.name(), folder(data)).read();
        } else if (data.name().equals(PICTURES)) {
            all = pictures(data);
        } else {
            throw new SettingsException("data.name: there is no data set \"" + data.name() + "\", only " + String.join(", ", DRAWN) + ", "
                    + String.join(", ", IDX) + ", " + String.join(", ", CIFAR) + ", " + PICTURES);
        }
        return new TrainAndTest(some("data.train", data.train(), all.train()), some("data.test", data.test(), all.test()));
    }

    private static TrainAndTest pictures(Spec.Data data) {
        if (data.root() == null) {
            throw new SettingsException("data.root: must name the folder that holds train/CLASS/*.jpg and val/CLASS/*.jpg");
        }
        return new ImageFolder(data.root(), data.side()).read();
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
    private static TrainAndTest drawn(Spec.Data data) {
        if (data.train() == null || data.test() == null) {
            throw new SettingsException("data.train and data.test: \"" + data.name()
                    + "\" draws as many examples as it is asked for, and needs both counts");
        }
        Seed seed = Seed.of(0);
        return new TrainAndTest(draw("data.train", data.name(), seed.in("train"), data.train()),
                draw("data.test", data.name(), seed.in("test"), data.test()));
    }

    private static Dataset draw(String key, String name, Seed seed, int count) {
        int most = name.equals("strokes") ? Strokes.MOST : StrokesRgb.MOST;
        if (count > most) {
            throw new SettingsException(key + ": \"" + name + "\" draws at most " + most + " examples, got " + count);
        }
        return name.equals("strokes") ? Strokes.generate(seed, count) : StrokesRgb.generate(seed, count);
    }

    /** The first images of what is published in a mixed order; of what stands class by class, some of each class. */
    private static Images some(String key, Integer count, Images all) {
        if (count == null || count == all.size()) {
            return all;
        }
        if (count > all.size()) {
            throw new SettingsException(key + ": " + all.name() + " has " + all.size() + " examples, got " + count);
        }
        return switch (all) {
            case ImageFiles files -> files.evenly(count);
            case Dataset data -> new Dataset(data.name(), data.example(), data.classes(),
                    Arrays.copyOf(data.pixels(), count * data.example().size()), Arrays.copyOf(data.labels(), count));
        };
    }
}
