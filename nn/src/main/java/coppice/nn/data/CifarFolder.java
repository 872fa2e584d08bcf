package coppice.nn.data;

import coppice.engine.Shape;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder with the binary version of <a href="https://www.cs.toronto.edu/~kriz/cifar.html">CIFAR-10 or CIFAR-100</a>. A file
 * is records without a header: the label, for CIFAR-100 the coarse label and then the fine one, a byte each; then the planes of
 * red, green and blue, each 32×32 bytes row by row. CIFAR-100 is read with its 100 fine labels.
 *
 * @param name {@code cifar-10} or {@code cifar-100}: which of them is expected, and what the datasets will be called
 * @param path the folder of the files, or the one in which their archive was unpacked
 */
public record CifarFolder(String name, Path path) implements DataFolder {

    static final String CIFAR_10 = "cifar-10";
    static final String CIFAR_100 = "cifar-100";

    /** The folder within the archive. */
    private static final String CIFAR_10_HOME = "cifar-10-batches-bin";
    private static final String CIFAR_100_HOME = "cifar-100-binary";

    private static final Shape EXAMPLE = Shape.of(3, 32, 32);
    private static final int COARSE_CLASSES = 20;
    private static final int MOST_TRAIN_RECORDS = 50_000;
    private static final int MOST_TEST_RECORDS = 10_000;

    public CifarFolder {
        if (!name.equals(CIFAR_10) && !name.equals(CIFAR_100)) {
            throw new IllegalArgumentException("cifar folder: name must be " + CIFAR_10 + " or " + CIFAR_100 + ", got " + name);
        }
    }

    /**
     * Reads all files. Each may hold fewer records than the published one, but not more.
     *
     * @throws DataException if the folder or a file is missing, a file is empty, not a whole number of records or too long, or
     *     a label is out of range
     */
    @Override
    public TrainAndTest read() {
        return new TrainAndTest(read("train", trainFiles(), MOST_TRAIN_RECORDS / trainFiles().size()),
                read("test", List.of(testFile()), MOST_TEST_RECORDS));
    }

    @Override
    public List<String> files() {
        return Stream.concat(trainFiles().stream(), Stream.of(testFile())).toList();
    }

    private List<String> trainFiles() {
        return fine() ? List.of("train.bin") : List.of("data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                "data_batch_4.bin", "data_batch_5.bin");
    }

    private String testFile() {
        return fine() ? "test.bin" : "test_batch.bin";
    }

    private boolean fine() {
        return name.equals(CIFAR_100);
    }

    /** The folder in which the files themselves stand. */
    Path home() {
        Path unpacked = path.resolve(fine() ? CIFAR_100_HOME : CIFAR_10_HOME);
        return Files.isDirectory(unpacked) ? unpacked : path;
    }

    @Override
    public Path file(String file) {
        if (!Files.isDirectory(path)) {
            throw new DataException(path + ": " + (Files.exists(path) ? "is a file, expected a folder" : "no such folder")
                    + "; it should hold " + String.join(", ", files()));
        }
        Path there = home().resolve(file);
        if (!Files.isRegularFile(there)) {
            throw new DataException(home() + ": has no file " + file + "; " + name + " is " + String.join(", ", files()));
        }
        return there;
    }

    private Dataset read(String part, List<String> names, int mostRecords) {
        List<Path> paths = names.stream().map(this::file).toList();
        int[] records = paths.stream().mapToInt(file -> records(file, mostRecords)).toArray();
        int images = 0;
        for (int count : records) {
            images += count;
        }
        byte[] pixels = new byte[images * EXAMPLE.size()];
        byte[] labels = new byte[images];
        int first = 0;
        for (int i = 0; i < records.length; i++) {
            read(paths.get(i), records[i], first, pixels, labels);
            first += records[i];
        }
        return new Dataset(name + " " + part, EXAMPLE, classes(), pixels, labels);
    }

    private int classes() {
        return fine() ? 100 : 10;
    }

    private int recordBytes() {
        return (fine() ? 2 : 1) + EXAMPLE.size();
    }

    /** The number of records by the length of the file. */
    private int records(Path file, int most) {
        long length;
        try {
            length = Files.size(file);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read (" + e + ")", e);
        }
        long records = length / recordBytes();
        if (length == 0) {
            throw new DataException(file + ": is empty, expected 1 to " + most + " records of " + recordBytes() + " bytes");
        }
        if (length % recordBytes() != 0) {
            throw new DataException(file + ": has " + length + " bytes, which are " + records + " records of " + recordBytes()
                    + " bytes and " + length % recordBytes() + " bytes more; is it truncated, or not of " + name + "?");
        }
        if (records > most) {
            throw new DataException(file + ": has " + length + " bytes, which are " + records + " records of " + recordBytes()
                    + " bytes, more than the " + most + " of the published file");
        }
        return (int) records;
    }

    private void read(Path file, int records, int first, byte[] pixels, byte[] labels) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            for (int record = 0; record < records; record++) {
                if (fine()) {
                    label(file, record, "coarse label", in.read(), COARSE_CLASSES);
                }
                labels[first + record] = (byte) label(file, record, "label", in.read(), classes());
                int count = in.readNBytes(pixels, (first + record) * EXAMPLE.size(), EXAMPLE.size());
                if (count < EXAMPLE.size()) {
                    throw new DataException(file + ": became shorter while it was read, record " + record + " of " + records
                            + " has " + count + " of " + EXAMPLE.size() + " pixels");
                }
            }
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read (" + e + ")", e);
        }
    }

    private static int label(Path file, int record, String what, int value, int classes) {
        if (value < 0 || value >= classes) {
            throw new DataException(file + ": " + what + " of record " + record + " is "
                    + (value < 0 ? "missing" : String.valueOf(value)) + ", expected 0 to " + (classes - 1));
        }
        return value;
    }
}
