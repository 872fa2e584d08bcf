package coppice.imp;

import coppice.engine.BackendProvider;
import coppice.imp.settings.Identity;
import coppice.imp.settings.SettingsException;
import coppice.imp.settings.Spec;
import coppice.imp.settings.SpecReader;
import coppice.imp.store.AtomicFile;
import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import coppice.imp.store.Sha256;
import coppice.imp.store.StoreException;
import coppice.nn.Model;
import coppice.nn.data.DataException;
import coppice.nn.data.Dataset;
import coppice.nn.data.ImageFiles;
import coppice.nn.data.Images;
import coppice.nn.data.TrainAndTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A run in its folder: started where there is none, gone on with where one stood.
 *
 * @param spec    everything that the results follow from
 * @param folder  named after it
 * @param threads how many threads may be used; changes no result
 * @param checkpointEvery how much of a training a killed run may lose; changes no result
 * @param crossovers the table of what was measured of this machine, by the run that came to a product first; the last bits follow from it,
 *                   so the run keeps what it used
 */
public record Run(Spec spec, RunFolder folder, int threads, Duration checkpointEvery, Path crossovers) {

    /**
     * A step of LeNet-300-100, 0.07 Gflop, takes 0.6 of its time on two threads; two of them side by side take the time of one. The
     * steps of convolutional networks have work for all threads, and activations for which memory is needed once.
     */
    private static final long SMALL_STEP_FLOPS = 1_000_000_000;

    /** @param runs the folder in which runs have their folders */
    public static Run of(Spec spec, Path runs, int threads, Duration checkpointEvery) {
        return new Run(spec, new RunFolder(runs.resolve(Identity.of(spec).folderName(spec))), threads, checkpointEvery,
                MachineCrossovers.usualTable());
    }

    /**
     * Trains what is not trained yet. Everything that can be refused is refused before anything is written.
     *
     * @throws SettingsException                       if the settings do not fit the data, the model, or what the folder holds
     * @throws coppice.nn.data.DataException           if the data is missing or unsound
     * @throws coppice.engine.BackendException         if the backend cannot be used
     * @throws coppice.imp.store.StoreException        if the folder cannot be written
     * @throws StoppedException                        if the flag was raised
     * @throws DivergedException                       if a loss is no longer a number
     */
    public void execute(Progress progress, StopFlag stop) {
        BackendProvider provider = BackendProvider.named(spec.backend());
        TrainAndTest data = DataSource.load(spec.data());
        int lanes = lanes(Experiment.model(spec, data));
        var choices = new RunCrossovers(folder.crossovers(), new MachineCrossovers(crossovers, progress::note));
        List<Experiment> experiments = new ArrayList<>();
        try {
            for (int lane = 0; lane < lanes; lane++) {
                experiments.add(new Experiment(spec, data, () -> provider.open(threads / lanes, choices, spec.precision()), checkpointEvery));
            }
            try (RunLock lock = RunLock.take(folder)) {
                writeSpec();
                requireSameData(data);
                AtomicFile.removeLeftoversBelow(folder.path());
                progress.opened(folder, spec.trainings());
                if (provider.hasChoices() && spec.pruning().levels() > 0 && !isFinished() && !stop.isRaised()) {
                    experiments.getFirst().chooseKernels();
                }
                new Imp(spec, experiments, folder, progress, stop).run();
            }
        } finally {
            experiments.forEach(Experiment::close);
        }
    }

    /** Whether the table has every training: then they are looked through once more, but nothing is computed. */
    private boolean isFinished() {
        try {
            return Files.exists(folder.results()) && Results.read(folder.results()).rows().size() == spec.trainings();
        } catch (StoreException damaged) {
            return false;                       // as will be said when it is read to be added to
        }
    }

    /** How many trainings go on side by side: of a small network as many as there are threads, which its kernels could not fill. */
    private int lanes(Model model) {
        long flops = model.stepFlops(spec.training().batch(), Masks.NONE.sizes(model));
        int controls = spec.pruning().levels() == 0 ? 0 : spec.controls().size();
        return flops > SMALL_STEP_FLOPS ? 1 : Math.min(threads, spec.replicates() * (1 + controls));
    }

    /** Where the data lies is not part of a run's identity; what it holds is. */
    private void requireSameData(TrainAndTest data) {
        String sum = Sha256.of(Stream.of(data.train(), data.test()).flatMap(Run::content)).hex() + "\n";
        try {
            if (!Files.exists(folder.data())) {
                new AtomicFile(folder.data()).write(sum);
            } else if (!Files.readString(folder.data()).equals(sum)) {
                throw new SettingsException("data.root: " + folder.path() + " was started with other examples than these; "
                        + "give the folder they came from, or choose another one for the run with --runs");
            }
        } catch (IOException e) {
            throw new StoreException(folder.data(), "cannot be read (" + e.getMessage() + ")", "check its permissions", e);
        }
    }

    /** Pixels and labels; or of files, which may be terabytes, their names and sizes. */
    private static Stream<byte[]> content(Images part) {
        return switch (part) {
            case Dataset data -> Stream.of(data.pixels(), data.labels());
            case ImageFiles files -> IntStream.range(0, files.size()).mapToObj(image -> line(files.file(image)));
        };
    }

    private static byte[] line(Path file) {
        try {
            return (file.getParent().getFileName() + "/" + file.getFileName() + " " + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private void writeSpec() {
        if (Files.exists(folder.spec())) {
            var before = Identity.of(SpecReader.readBack(folder.spec()));
            if (!before.equals(Identity.of(spec))) {
                throw new SettingsException(folder.path() + " holds a run with other settings: " + before.differing() + ", not "
                        + Identity.of(spec).differing() + "; choose another folder with --runs, or remove it");
            }
        } else {
            new AtomicFile(folder.spec()).write(SpecReader.write(spec));
        }
    }
}
