package coppice.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Where one run keeps what it measured: as CSV, as tables in Markdown, and, where there are speed-ups, as a chart. Each time they are written
 * anew, beside the old ones, whose place they take when they are whole.
 */
final class ResultFiles {

    private static final String CSV = ".csv";
    private static final String TABLES = ".md";
    private static final String CHART = ".png";

    private final Path folder;
    private final String name;
    private final Origin origin;
    /** What is wrong with the files that were written last. */
    private final List<String> problems = new ArrayList<>();

    /**
     * Where measurements come from.
     *
     * @param date      of the run
     * @param commit    of the code
     * @param processor what it ran on
     * @param command   by which anybody can repeat it
     */
    record Origin(String date, String commit, String processor, String command) {}

    private ResultFiles(Path folder, String name, Origin origin) {
        this.folder = folder;
        this.name = name;
        this.origin = origin;
    }

    /** Of that name, with a number where there is a file of that name already. */
    static ResultFiles unused(Path folder, String name, Origin origin) throws IOException {
        Files.createDirectories(folder);
        String unused = IntStream.iterate(1, number -> number + 1).mapToObj(number -> number == 1 ? name : name + "-" + number)
                .filter(each -> Stream.of(CSV, TABLES, CHART).allMatch(ending -> Files.notExists(folder.resolve(each + ending))))
                .findFirst().orElseThrow();
        return new ResultFiles(folder, unused, origin);
    }

    /** Writes all that was measured up to now. A file that cannot be written is a problem, but no reason not to measure the rest. */
    void write(List<Measurement> measurements, Machine machine) {
        problems.clear();
        replace(CSV, file -> Files.writeString(file, Measurement.csv(origin, measurements)));
        replace(TABLES, file -> Files.writeString(file, text(measurements, machine)));
        var chart = new SpeedUps(measurements);
        if (!chart.isEmpty()) {
            replace(CHART, chart::draw);
        }
    }

    /** What is in them, for a reader. */
    String text(List<Measurement> measurements, Machine machine) {
        DoubleSummaryStatistics handOvers = measurements.stream().mapToDouble(Measurement::handOver).summaryStatistics();
        String far = String.format(Locale.ROOT, " A line of memory came from one core to another in %.0f to %.0f ns.", handOvers.getMin(), handOvers.getMax());
        return "    " + origin.command + "\n\n" + origin.date + ", commit " + origin.commit + ", " + origin.processor + ". " + machine.text() + far
                + "\n\n" + new Tables(measurements).markdown();
    }

    /** Files that are there. */
    List<Path> written() {
        return Stream.of(CSV, TABLES, CHART).map(ending -> folder.resolve(name + ending)).filter(Files::exists).toList();
    }

    /** Which files could not be written the last time, and why. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    private interface Content {
        void write(Path file) throws IOException;
    }

    private void replace(String ending, Content content) {
        Path file = folder.resolve(name + ending);
        // Charts are named by their ending.
        Path made = folder.resolve("." + name + ".part" + ending);
        try {
            content.write(made);
            Files.move(made, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException | LinkageError | InternalError failure) {    // the last two where there are no fonts
            problems.add("cannot write " + file + ": " + failure);
            remove(made);
        }
    }

    private void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            problems.add("cannot remove " + file + ": " + failure);
        }
    }
}
