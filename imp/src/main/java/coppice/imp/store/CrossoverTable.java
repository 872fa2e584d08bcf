package coppice.imp.store;

import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** The table crossovers.csv: up to which density a backend multiplies by survivors one by one, for each product. */
public record CrossoverTable(Map<String, Double> densities) {

    private static final String HEADER = "product,density";

    public CrossoverTable {
        densities = Collections.unmodifiableMap(new TreeMap<>(densities));
    }

    /** @throws StoreException naming file, line and column, if anything in it is not as {@link #write} leaves it */
    public static CrossoverTable read(Path file) {
        var densities = new TreeMap<String, Double>();
        Csv.read(file, HEADER, cells -> {
            if (densities.put(cells.text("product"), cells.fraction("density")) != null) {
                throw cells.error("product", cells.text("product") + " stands in an earlier line already");
            }
            return null;
        });
        return new CrossoverTable(densities);
    }

    /** This, and one more product, or another density of it. */
    public CrossoverTable with(String product, double density) {
        var more = new TreeMap<>(densities);
        more.put(product, density);
        return new CrossoverTable(more);
    }

    /** @throws StoreException if it cannot be written */
    public void write(Path file) {
        var text = new StringBuilder(HEADER).append('\n');
        densities.forEach((product, density) -> text.append(product).append(',').append(density).append('\n'));
        new AtomicFile(file).write(text.toString());
    }
}
