package coppice.imp;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.imp.settings.Identity;
import coppice.imp.settings.SettingsException;
import coppice.imp.settings.Spec;
import coppice.imp.settings.SpecReader;
import coppice.imp.store.AtomicFile;
import coppice.imp.store.RunFolder;
import coppice.nn.data.TrainAndTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A run in its folder: started where there is none, gone on with where one stood.
 *
 * @param spec    everything that the results follow from
 * @param folder  named after it
 * @param threads how many threads kernels may use; changes no result
 * @param checkpointEvery how much of a training a killed run may lose; changes no result
 */
public record Run(Spec spec, RunFolder folder, int threads, Duration checkpointEvery) {

    /** @param runs the folder in which runs have their folders */
    public static Run of(Spec spec, Path runs, int threads, Duration checkpointEvery) {
        return new Run(spec, new RunFolder(runs.resolve(Identity.of(spec).folderName(spec))), threads, checkpointEvery);
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
        try (Backend backend = provider.open(threads);
                Experiment experiment = new Experiment(spec, data, backend, checkpointEvery);
                RunLock lock = RunLock.take(folder)) {
            writeSpec();
            AtomicFile.removeLeftoversBelow(folder.path());
            new Imp(experiment, folder, progress, stop).run();
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
