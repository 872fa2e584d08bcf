package coppice.imp;

import coppice.engine.Crossovers;
import coppice.imp.store.CrossoverTable;
import coppice.imp.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** The crossovers of a run, in its folder, so that it chooses the same kernels when it goes on, whatever is measured meanwhile. */
final class RunCrossovers implements Crossovers {

    private final Path file;
    private final Crossovers machine;
    private CrossoverTable table;

    /**
     * @param file    the run's table, read when the first product is asked for, if there is one then
     * @param machine asked for what the run does not have yet
     */
    RunCrossovers(Path file, Crossovers machine) {
        this.file = file;
        this.machine = machine;
    }

    /** @throws StoreException if the table is damaged, or cannot be written */
    @Override
    public synchronized double upTo(String product, DoubleSupplier measure) {
        if (table == null) {
            table = Files.exists(file) ? CrossoverTable.read(file) : new CrossoverTable(Map.of());
        }
        Double known = table.densities().get(product);
        if (known == null) {
            known = machine.upTo(product, measure);
            table = table.with(product, known);
            table.write(file);
        }
        return known;
    }
}
