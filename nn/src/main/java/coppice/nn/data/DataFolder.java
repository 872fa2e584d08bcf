package coppice.nn.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder that holds a data set in one of the published formats. */
sealed interface DataFolder permits IdxFolder, CifarFolder {

    /** The files the format consists of, by the names they are published under. */
    List<String> files();

    /**
     * Where one of {@link #files} stands.
     *
     * @throws DataException if the folder or the file is missing
     */
    Path file(String name);

    /** @throws DataException if anything is missing or unsound */
    TrainAndTest read();

    /** The folder in the format whose files it has, in the format of MNIST if it has none. */
    static DataFolder of(Path path) {
        for (String name : List.of(CifarFolder.CIFAR_10, CifarFolder.CIFAR_100)) {
            CifarFolder folder = new CifarFolder(name, path);
            if (folder.files().stream().anyMatch(file -> Files.exists(folder.home().resolve(file)))) {
                return folder;
            }
        }
        return new IdxFolder("data", path);
    }
}
