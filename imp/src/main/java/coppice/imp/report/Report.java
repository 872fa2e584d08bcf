package coppice.imp.report;

import coppice.imp.store.AtomicFile;
import coppice.imp.store.RunFolder;
import coppice.imp.store.StoreException;
import java.nio.file.Path;
import java.util.List;

/** The page that shows what runs came to: one run in depth, or several side by side. */
public final class Report {

    private Report() {
    }

    /**
     * Reads the runs and writes one self-contained HTML file. A run may be unfinished: the page shows what is there and says what
     * is missing.
     *
     * @param runFolders one folder or several, as {@link RunFolder} lays them out
     * @param html the file to write, as an {@link AtomicFile}
     * @throws StoreException if a folder is no run folder, a file of it is damaged, or the page cannot be written
     * @throws IllegalArgumentException if no folder is given
     */
    public static void write(List<Path> runFolders, Path html) {
        if (runFolders.isEmpty()) {
            throw new IllegalArgumentException("report: expected at least one run folder, got none");
        }
        List<RunFolder> folders = runFolders.stream().map(RunFolder::open).toList();
        List<RunSummary> runs = folders.stream().map(folder -> RunSummary.of(folder, name(folder, folders))).toList();
        new AtomicFile(html).write(Page.of(runs));
    }

    /** The folder's name, with its parent's where two runs share a name. */
    private static String name(RunFolder folder, List<RunFolder> all) {
        boolean unique = all.stream().filter(other -> other.name().equals(folder.name())).count() == 1;
        Path parent = folder.path().toAbsolutePath().normalize().getParent();
        return unique || parent == null ? folder.name() : parent.getFileName() + "/" + folder.name();
    }
}
