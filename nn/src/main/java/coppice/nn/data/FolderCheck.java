package coppice.nn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What a folder of image data holds and whether it can be trained on.
 *
 * @param findings to be printed one below the other: each file with its size, its MD5 sum and who publishes it; each part
 *     with its counts
 * @param problems why it cannot be trained on; none if it can
 */
public record FolderCheck(Path folder, List<String> findings, List<String> problems) {

    /** The count of each class is given up to this many. */
    private static final int MOST_LISTED = 20;

    /** Reads the whole folder. Whatever is wrong with it becomes a problem in the result, not an exception. */
    public static FolderCheck of(Path folder, Catalogue catalogue) {
        Set<String> findings = new LinkedHashSet<>();
        Set<String> problems = new LinkedHashSet<>(); // a missing file is met twice
        DataFolder data = DataFolder.of(folder);
        for (String name : data.files()) {
            try {
                findings.add(file(data.file(name), catalogue));
            } catch (DataException e) {
                problems.add(e.getMessage());
            }
        }
        try {
            TrainAndTest parts = data.read();
            findings.add(part("train", parts.train()));
            findings.add(part("test", parts.test()));
        } catch (DataException e) {
            problems.add(e.getMessage());
        }
        return new FolderCheck(folder, List.copyOf(findings), List.copyOf(problems));
    }

    /** Whether all of it can be read and agrees. A file that nobody publishes may be sound. */
    public boolean sound() {
        return problems.isEmpty();
    }

    private static String file(Path file, Catalogue catalogue) {
        String md5 = Md5.of(file).hex();
        try {
            long bytes = Files.size(file);
            String same = publishers(catalogue, known -> known.md5().equals(md5));
            String archive = publishers(catalogue, known -> known.members().stream().anyMatch(
                    member -> member.bytes() == bytes && file.endsWith(member.name())));
            return file.getFileName() + ": " + bytes + " bytes, MD5 " + md5 + ", "
                    + (!same.isEmpty() ? "as published: " + same
                    : !archive.isEmpty() ? "as long as in the published archive: " + archive
                    : "not as published in the catalogue");
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read (" + e + ")", e);
        }
    }

    private static String publishers(Catalogue catalogue, Predicate<Catalogue.RemoteFile> known) {
        return catalogue.entries().stream().filter(entry -> entry.files().stream().anyMatch(known))
                .map(Catalogue.Entry::name).collect(Collectors.joining(", "));
    }

    private static String part(String name, Dataset data) {
        int[] counts = data.histogram();
        if (counts.length > MOST_LISTED) {
            var range = IntStream.of(counts).summaryStatistics();
            return name + ": " + data.size() + " images of " + data.example() + " in " + counts.length + " classes, "
                    + range.getMin() + " to " + range.getMax() + " of each";
        }
        return name + ": " + data.size() + " images of " + data.example() + ", labels "
                + IntStream.range(0, counts.length).mapToObj(label -> label + ": " + counts[label])
                        .collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        String verdict = sound() ? folder + ": sound" : folder + ": not sound";
        return String.join(System.lineSeparator(), findings) + System.lineSeparator()
                + problems.stream().map(problem -> "problem: " + problem + System.lineSeparator())
                        .collect(Collectors.joining())
                + verdict;
    }
}
