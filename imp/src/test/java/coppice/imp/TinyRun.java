package coppice.imp;

import coppice.imp.settings.Spec;
import coppice.imp.settings.SpecReader;
import coppice.imp.store.Branch;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.LevelFolder;
import coppice.imp.store.RunFolder;
import coppice.imp.store.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A run of a few steps, on drawn digits and the reference backend, as the tests of this module need it.
 *
 * @param overrides what differs from {@link #SETTINGS}, as on the command line
 * @param threads   of the backend
 */
public record TinyRun(Path runs, List<String> overrides, int threads) {

    /** A linear model, the dense network and two levels, ten steps each, as overrides of the preset {@code strokes}. */
    public static final List<String> SETTINGS = List.of("backend=reference", "model=linear", "data.train=90", "data.test=40",
            "data.validation=30", "training.batch=12", "training.length=10it", "training.evaluate-every=4it", "pruning.levels=2",
            "pruning.rate=0.2", "pruning.layer-rates={}", "controls=[]", "replicates=1");

    private static final int SECONDS_COLUMN = 9;

    public TinyRun(Path runs, List<String> overrides) {
        this(runs, overrides, 1);
    }

    public TinyRun(Path runs, String... overrides) {
        this(runs, List.of(overrides));
    }

    public Spec spec() {
        return SpecReader.read("strokes", Stream.concat(SETTINGS.stream(), overrides.stream()).toList());
    }

    public RunFolder folder() {
        return run().folder();
    }

    private Run run() {
        return Run.of(spec(), runs, threads, Duration.ofSeconds(20));
    }

    /** Does what is not done yet. @return what the user was told */
    public List<String> execute() {
        return execute(new Watcher(0, 0));
    }

    /** Goes on until the n-th training of this call that is not found done takes a step, and stops there as after Ctrl-C. */
    List<String> executeUntil(int training, long iteration) {
        return execute(new Watcher(training, iteration));
    }

    private List<String> execute(Watcher watcher) {
        try {
            run().execute(watcher, watcher.stop);
        } catch (StoppedException e) {
            watcher.said.add(e.getMessage());
        }
        return watcher.said;
    }

    /** Writes down what is said, and raises the flag at an iteration of the n-th training that is not found done. */
    private static final class Watcher implements Progress {

        private final StopFlag stop = new StopFlag();
        private final List<String> said = new ArrayList<>();
        private final int stopTraining;
        private final long stopIteration;
        private int training;
        private Stage underWay;

        Watcher(int stopTraining, long stopIteration) {
            this.stopTraining = stopTraining;
            this.stopIteration = stopIteration;
        }

        @Override
        public void started(Stage stage, double density, long from, long to) {
            if (!stage.equals(underWay)) {
                training++;
                underWay = stage;
            }
            said.add("started " + stage + " at " + from);
        }

        @Override
        public void stepped(Stage stage, long iteration) {
            if (training == stopTraining && iteration == stopIteration) {
                stop.raise();
            }
        }

        @Override
        public void measured(Stage stage, LearningCurve.Row row) {}

        @Override
        public void finished(Stage stage, Outcome outcome, boolean again) {
            said.add((again ? "found " : "finished ") + stage);
        }

        @Override
        public void note(String sentence) {
            said.add("note: " + sentence);
        }
    }

    public LevelFolder level(int level) {
        return folder().level(1, level, Branch.TICKET);
    }

    /** The bytes of a safetensors file that hold values. */
    public static long dataBytes(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        return bytes.length - Long.BYTES - ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }

    /** The values of a weight in a file. */
    static float[] values(Path file, String name) {
        return Safetensors.read(file).floats(name).values();
    }

    /** Every file of a run by its path within it, and a hash of what two runs of the same settings must share of it. */
    public SortedMap<String, String> digests() {
        return digests(folder().path());
    }

    public static SortedMap<String, String> digests(Path folder) {
        var digests = new TreeMap<String, String>();
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                digests.put(folder.relativize(file).toString(), switch (file.getFileName().toString()) {
                    case "timing.csv", "report.html" -> "differs from run to run";
                    case "results.csv" -> sha256(withoutSeconds(Files.readString(file)).getBytes(StandardCharsets.UTF_8));
                    default -> sha256(Files.readAllBytes(file));
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return digests;
    }

    private static String withoutSeconds(String results) {
        return results.lines().map(line -> {
            var cells = new ArrayList<>(Arrays.asList(line.split(",")));
            cells.remove(SECONDS_COLUMN);
            return String.join(",", cells);
        }).collect(Collectors.joining("\n"));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
