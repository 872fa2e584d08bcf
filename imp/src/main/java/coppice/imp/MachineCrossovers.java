package coppice.imp;

import coppice.engine.Crossovers;
import coppice.imp.store.CrossoverTable;
import coppice.imp.store.StoreException;
import coppice.nn.data.UserCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;

/** The crossovers of this machine, measured once and kept among the user's files. Remove the table to have them measured again. */
public final class MachineCrossovers implements Crossovers {

    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    private final Path table;
    private final Consumer<String> note;
    private boolean noted;

    /**
     * @param table where they are kept
     * @param note  told what the user should know: that something is measured, or cannot be kept
     */
    public MachineCrossovers(Path table, Consumer<String> note) {
        this.table = table;
        this.note = note;
    }

    /** The usual place: {@code ~/.cache/coppice/crossovers/PROCESSOR.csv}, or where the system keeps such files; a GPU's lines name it. */
    public static Path usualTable() {
        String name = processor().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        return UserCache.usual().root().resolveSibling("crossovers").resolve(name + ".csv");
    }

    /** As it names itself, or at least its kind. */
    public static String processor() {
        String kind = System.getProperty("os.arch");
        try {
            return Files.exists(PROCESSORS)
                    ? Files.readAllLines(PROCESSORS).stream().filter(line -> line.startsWith("model name")).findFirst()
                            .map(line -> line.replaceFirst(".*: *", "")).orElse(kind)
                    : System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", kind);
        } catch (IOException unreadable) {
            return kind;
        }
    }

    @Override
    public synchronized double upTo(String product, DoubleSupplier measure) {
        Double known = null;
        try {
            known = read().densities().get(product);
        } catch (StoreException damaged) {
            note.accept(damaged.getMessage() + " – it is written again");
        }
        return known == null ? measured(product, measure) : known;
    }

    private double measured(String product, DoubleSupplier measure) {
        if (!noted) {
            note.accept("measuring up to which density sparse kernels pay on this machine, once: " + table);
            noted = true;
        }
        double density = measure.getAsDouble();
        CrossoverTable now = readAgain();
        if (now.densities().containsKey(product)) {
            return now.densities().get(product);            // another program was sooner
        }
        try {
            now.with(product, density).write(table);
        } catch (StoreException e) {
            note.accept(e.getMessage() + " – other runs will measure again, and may end with other last bits");
        }
        return density;
    }

    private CrossoverTable readAgain() {
        try {
            return read();
        } catch (StoreException damaged) {
            return new CrossoverTable(Map.of());            // as was said before the measurement
        }
    }

    private CrossoverTable read() {
        return Files.exists(table) ? CrossoverTable.read(table) : new CrossoverTable(Map.of());
    }
}
