package coppice.nn.data;

import coppice.engine.Shape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A folder of the four IDX files in which MNIST, Fashion-MNIST and their kin are published, each as it was downloaded
 * ({@code .gz}) or unpacked.
 *
 * @param name what the datasets will be called
 */
public record IdxFolder(String name, Path path) implements DataFolder {

    static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
    static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
    static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
    static final String TEST_LABELS = "t10k-labels-idx1-ubyte";

    static final List<String> FILES = List.of(TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS);

    private static final int CLASSES = 10;

    /**
     * Reads all four files.
     *
     * @throws DataException if the folder or a file is missing or unsound, counts differ, or a label is not 0 to 9
     */
    @Override
    public TrainAndTest read() {
        Dataset train = read("train", TRAIN_IMAGES, TRAIN_LABELS);
        Dataset test = read("test", TEST_IMAGES, TEST_LABELS);
        if (!train.example().equals(test.example())) {
            throw new DataException(path + ": images of train and test must have one shape, got " + train.example() + " and "
                    + test.example());
        }
        return new TrainAndTest(train, test);
    }

    private Dataset read(String part, String imagesName, String labelsName) {
        Path imagesFile = file(imagesName);
        Path labelsFile = file(labelsName);
        Idx images = Idx.read(imagesFile, 3);
        Idx labels = Idx.read(labelsFile, 1);
        if (images.shape().size(0) != labels.shape().size(0)) {
            throw new DataException(labelsFile + ": must hold one label per image, got " + labels.shape().size(0)
                    + " labels for the " + images.shape().size(0) + " images of " + imagesFile.getFileName());
        }
        int stray = Dataset.firstLabelOutside(labels.values(), CLASSES);
        if (stray >= 0) {
            throw new DataException(labelsFile + ": label " + stray + " is " + Byte.toUnsignedInt(labels.values()[stray])
                    + ", expected 0 to " + (CLASSES - 1));
        }
        Shape example = Shape.of(1, images.shape().size(1), images.shape().size(2));
        return new Dataset(name + " " + part, example, CLASSES, images.values(), labels.values());
    }

    @Override
    public List<String> files() {
        return FILES;
    }

    /** The file of this name, plain if there is one, else gzip. */
    @Override
    public Path file(String plain) {
        if (!Files.isDirectory(path)) {
            throw new DataException(path + ": " + (Files.exists(path) ? "is a file, expected a folder" : "no such folder")
                    + "; it should hold " + String.join(", ", FILES)
                    + ", each with or without .gz");
        }
        for (String accepted : new String[] {plain, plain + ".gz"}) {
            if (Files.isRegularFile(path.resolve(accepted))) {
                return path.resolve(accepted);
            }
        }
        throw new DataException(path + ": has no file " + plain + " or " + plain + ".gz");
    }
}
