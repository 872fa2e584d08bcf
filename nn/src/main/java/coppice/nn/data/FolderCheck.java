package coppice.nn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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

    /** Reads the whole folder. Whatever is wrong with it becomes a problem in the result, not an exception. */
    public static FolderCheck of(Path folder, Catalogue catalogue) {
        Set<String> findings = new LinkedHashSet<>();
        Set<String> problems = new LinkedHashSet<>(); // a missing file is met twice
        IdxFolder data = new IdxFolder("data", folder);
        for (String name : IdxFolder.FILES) {
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
        String publishers = catalogue.entries().stream()
                .filter(entry -> entry.files().stream().anyMatch(known -> known.md5().equals(md5)))
                .map(Catalogue.Entry::name)
                .collect(Collectors.joining(", "));
        try {
            return file.getFileName() + ": " + Files.size(file) + " bytes, MD5 " + md5 + ", "
                    + (publishers.isEmpty() ? "not as published in the catalogue" : "as published: " + publishers);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read (" + e + ")", e);
        }
    }

    private static String part(String name, Dataset data) {
        int[] counts = data.histogram();
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
