package coppice.nn.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
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

    /** The count of each class, or each damaged picture, is given up to this many. */
    private static final int MOST_LISTED = 20;

    /** Reads the whole folder. Whatever is wrong with it becomes a problem in the result, not an exception. */
    public static FolderCheck of(Path folder, Catalogue catalogue) {
        if (ImageFolder.isAt(folder)) {
            return ofPictures(folder);
        }
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

    /** Every picture is decoded, on all cores; of those that cannot be, many are named. */
    private static FolderCheck ofPictures(Path folder) {
        Set<String> findings = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        try {
            TrainAndTest parts = new ImageFolder(folder, 1).read();
            for (ImageFiles part : List.of((ImageFiles) parts.train(), (ImageFiles) parts.test())) {
                findings.add(part.name() + ": " + part.size() + " pictures in " + part.classes() + " classes, " + range(part.histogram()));
                List<String> damaged = IntStream.range(0, part.size()).parallel().mapToObj(image -> problem(part.file(image)))
                        .filter(Objects::nonNull).toList();
                damaged.stream().limit(MOST_LISTED).forEach(problems::add);
                if (damaged.size() > MOST_LISTED) {
                    problems.add(part.name() + ": " + (damaged.size() - MOST_LISTED) + " more cannot be decoded");
                }
            }
        } catch (DataException e) {
            problems.add(e.getMessage());
        }
        return new FolderCheck(folder, List.copyOf(findings), List.copyOf(problems));
    }

    private static String problem(Path picture) {
        try {
            new PictureFile(picture).read();
            return null;
        } catch (DataException e) {
            return e.getMessage();
        }
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

    private static String part(String name, Images data) {
        int[] counts = data.histogram();
        if (counts.length > MOST_LISTED) {
            return name + ": " + data.size() + " images of " + data.example() + " in " + counts.length + " classes, " + range(counts);
        }
        return name + ": " + data.size() + " images of " + data.example() + ", labels "
                + IntStream.range(0, counts.length).mapToObj(label -> label + ": " + counts[label])
                        .collect(Collectors.joining(", "));
    }

    private static String range(int[] counts) {
        var range = IntStream.of(counts).summaryStatistics();
        return range.getMin() + " to " + range.getMax() + " of each";
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
