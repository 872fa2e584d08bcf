package coppice.nn.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pictures in the layout of ImageNet: {@code train/CLASS/*.jpg} and {@code val/CLASS/*.jpg} (or {@code test} where there is no
 * {@code val}), also {@code .jpeg} and {@code .png}. Classes are numbered in the order of their names, images go by class and
 * then by name. Hidden files are passed over.
 *
 * @param side of the images in pixels, 1 to 1024
 */
public record ImageFolder(Path root, int side) {

    /** The largest side. */
    public static final int MOST_SIDE = 1024;

    public ImageFolder {
        if (side < 1 || side > MOST_SIDE) {
            throw new IllegalArgumentException("image folder: side must be 1 to " + MOST_SIDE + ", got " + side);
        }
    }

    /** Whether a folder looks like one: there is a folder for training. */
    static boolean isAt(Path root) {
        return Files.isDirectory(root.resolve("train"));
    }

    /**
     * Lists the files; none is opened.
     *
     * @throws DataException if a folder is missing, has no classes or a class no images, a file is not named as an image, or
     *     the classes differ
     */
    public TrainAndTest read() {
        ImageFiles train = part("train", "train");
        ImageFiles test = part("test", Files.isDirectory(root.resolve("val")) ? "val" : "test");
        if (!train.classNames().equals(test.classNames())) {
            throw new DataException(root + ": both parts must have the same classes, got " + difference(train, test)
                    + difference(test, train));
        }
        return new TrainAndTest(train, test);
    }

    private static String difference(ImageFiles one, ImageFiles other) {
        List<String> only = new ArrayList<>(one.classNames());
        only.removeAll(other.classNames());
        return only.isEmpty() ? "" : "[" + only.size() + " only in " + one.name() + ", such as " + only.getFirst() + "]";
    }

    private ImageFiles part(String part, String folderName) {
        Path folder = root.resolve(folderName);
        if (!Files.isDirectory(folder)) {
            throw new DataException(root + ": has no folder " + folderName
                    + "; it should hold train and val (or test), each with a folder of images for each class");
        }
        List<String> classNames = visible(folder).stream().filter(name -> Files.isDirectory(folder.resolve(name))).toList();
        if (classNames.isEmpty()) {
            throw new DataException(folder + ": has no folders, expected one for each class");
        }
        List<String> files = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int label = 0; label < classNames.size(); label++) {
            Path ofClass = folder.resolve(classNames.get(label));
            List<String> names = visible(ofClass);
            if (names.isEmpty()) {
                throw new DataException(ofClass + ": has no images, expected .jpg, .jpeg or .png");
            }
            for (String name : names) {
                if (!name.matches("(?i).*\\.(jpe?g|png)")) {
                    throw new DataException(ofClass.resolve(name) + ": is not named as an image, expected .jpg, .jpeg or .png");
                }
                files.add(name);
                labels.add(label);
            }
        }
        Path named = root.toAbsolutePath().normalize().getFileName();
        return new ImageFiles((named == null ? "images" : named) + " " + part, folder, classNames,
                files.toArray(String[]::new), labels.stream().mapToInt(Integer::intValue).toArray(), side);
    }

    private static List<String> visible(Path folder) {
        try (Stream<Path> content = Files.list(folder)) {
            return content.map(path -> path.getFileName().toString()).filter(name -> !name.startsWith(".")).sorted().toList();
        } catch (IOException | UncheckedIOException e) {
            throw new DataException(folder + ": cannot be listed (" + e + ")", e);
        }
    }
}
