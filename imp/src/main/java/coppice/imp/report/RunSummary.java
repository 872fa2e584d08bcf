package coppice.imp.report;

import coppice.imp.store.Branch;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import coppice.imp.store.Safetensors;
import coppice.imp.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/**
 * All that the page knows of a run.
 *
 * @param date when the last result was written, in UTC
 * @param missingFiles files that a level with a result should have and has not, below the run folder
 * @param layers the names of the prunable weights, in the order of the network
 */
record RunSummary(String name, String date, Verdict verdict, Gaps gaps, List<String> missingFiles, List<BranchSummary> branches,
                  List<Curves> curves, List<String> layers, List<LayerDensities> layerDensities, List<Magnitudes> magnitudes,
                  Settings settings) {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm 'UTC'", Locale.ENGLISH);

    static RunSummary of(RunFolder folder, String name) {
        Results results = Results.read(folder.results());
        List<BranchSummary> branches = BranchSummary.of(results);
        String date;
        Settings settings;
        try {
            date = DATE.format(Files.getLastModifiedTime(folder.results()).toInstant().atOffset(ZoneOffset.UTC));
            settings = Settings.of(folder.spec(), Files.readString(folder.spec()));
        } catch (IOException e) {
            throw new StoreException(folder.path(), "cannot be read (" + e.getMessage() + ")", "check the disk and the permissions", e);
        }
        return new Reading(folder).summary(name, date, branches, Gaps.of(results, settings), settings);
    }

    /** One pass over the level folders of a run, which notes the files it misses. */
    private record Reading(RunFolder folder, List<String> missing, List<Curves> curves, List<LayerDensities> layerDensities,
                           List<Magnitudes> magnitudes, List<String> layers) {

        Reading(RunFolder folder) {
            this(folder, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        RunSummary summary(String name, String date, List<BranchSummary> branches, Gaps gaps, Settings settings) {
            for (BranchSummary branch : branches) {
                for (LevelSummary level : branch.levels()) {
                    readCurves(Branch.of(branch.branch()), level);
                    if (branch.branch().equals(Branch.TICKET.label())) {
                        readWeights(level);
                    }
                }
            }
            return new RunSummary(name, date, Verdict.of(branches), gaps, missing, branches, curves, layers, layerDensities,
                    magnitudes, settings);
        }

        private void readCurves(Branch branch, LevelSummary level) {
            List<LearningCurve> replicates = complete(branch, level, List.of(LevelFolder::metrics)).stream()
                    .map(replicate -> LearningCurve.read(replicate.metrics())).toList();
            if (!replicates.isEmpty()) {
                curves.add(Curves.mean(branch, level.level(), level.density(), replicates));
            }
        }

        private void readWeights(LevelSummary level) {
            List<LevelFolder> replicates = complete(Branch.TICKET, level, List.of(LevelFolder::start, LevelFolder::end));
            if (!replicates.isEmpty()) {
                magnitudes.add(Magnitudes.of(level.level(), level.density(), replicates));
                if (layers.isEmpty()) {
                    layers.addAll(LayerDensities.names(Safetensors.read(replicates.getFirst().start())));
                }
            }
            List<LevelFolder> masked = level.level() == 0 ? replicates : complete(Branch.TICKET, level, List.of(LevelFolder::mask));
            if (!masked.isEmpty() && !layers.isEmpty()) {
                layerDensities.add(LayerDensities.mean(level.level(), level.density(), layers, masked));
            }
        }

        /** The folders of a level's replicates that have the files asked for. */
        private List<LevelFolder> complete(Branch branch, LevelSummary level, List<Function<LevelFolder, Path>> files) {
            var complete = new ArrayList<LevelFolder>();
            for (int replicate : level.replicates()) {
                LevelFolder candidate = folder.level(replicate, level.level(), branch);
                List<Path> absent = files.stream().map(file -> file.apply(candidate)).filter(file -> !Files.exists(file)).toList();
                absent.forEach(file -> missing.add(folder.path().relativize(file).toString().replace('\\', '/')));
                if (absent.isEmpty()) {
                    complete.add(candidate);
                }
            }
            return complete;
        }
    }
}
