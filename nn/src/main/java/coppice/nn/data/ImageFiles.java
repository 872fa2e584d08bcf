package coppice.nn.data;

import coppice.engine.Seed;
import coppice.engine.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One part of an {@link ImageFolder}: the names of its files, which are decoded each time a batch needs them, on all cores of the
 * machine. At most one picture for each core is in memory.
 */
public final class ImageFiles implements Images {

    private final String name;
    private final Path folder;
    private final List<String> classNames;
    private final String[] files;
    private final int[] labels;
    private final Shape example;

    /**
     * @param folder holds a folder for each class
     * @param files the name of each file in the folder of its class
     * @param labels positions in {@code classNames}
     */
    ImageFiles(String name, Path folder, List<String> classNames, String[] files, int[] labels, int side) {
        this.name = name;
        this.folder = folder;
        this.classNames = classNames;
        this.files = files;
        this.labels = labels;
        this.example = Shape.of(3, side, side);
    }

    /** So many of the images, as evenly spread over the classes as these are. @param count 1 to {@link #size} */
    public ImageFiles evenly(int count) {
        if (count < 1 || count > size()) {
            throw new IllegalArgumentException(name + ": has " + size() + " images, got " + count);
        }
        String[] some = new String[count];
        int[] theirs = new int[count];
        for (int i = 0; i < count; i++) {
            int image = (int) ((long) i * size() / count);
            some[i] = files[image];
            theirs[i] = labels[image];
        }
        return new ImageFiles(name, folder, classNames, some, theirs, example.size(1));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Shape example() {
        return example;
    }

    @Override
    public int classes() {
        return classNames.size();
    }

    /** The names of the classes' folders, at the positions of their labels. */
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public int label(int image) {
        return labels[image];
    }

    public Path file(int image) {
        return folder.resolve(classNames.get(labels[image])).resolve(files[image]);
    }

    /**
     * Decodes and scales. {@link Augmentation.ResizedCrop} works on the picture as it is in the file; before the others, and
     * without, its middle is cut out: short side to 8/7 of {@code side}, then {@code side} pixels each way.
     */
    @Override
    public void write(int[] indices, int from, int count, Augmentation augmentation, Seed draws, byte[] to) {
        IntStream.range(0, count).parallel().forEach(n -> {
            int image = indices[from + n];
            Picture picture = new PictureFile(file(image)).read();
            int first = n * example.size();
            switch (augmentation) {
                case Augmentation.None _ -> picture.centre(example, to, first);
                case Augmentation.ResizedCrop crop -> crop.cut(draws.in(image), picture, example, to, first);
                case Augmentation.CropAndFlip crop -> {
                    byte[] middle = new byte[example.size()];
                    picture.centre(example, middle, 0);
                    crop.apply(draws.in(image), example, middle, 0, to, first);
                }
            }
        });
    }

    @Override
    public String toString() {
        return name + ": " + size() + " images of " + example + " in " + classes() + " classes";
    }
}
