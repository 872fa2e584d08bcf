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
     * @param file    the run's table, read if there is one
     * @param machine asked for what the run does not have yet
     * @throws StoreException if the table is damaged
     */
    RunCrossovers(Path file, Crossovers machine) {
        this.file = file;
        this.machine = machine;
        this.table = Files.exists(file) ? CrossoverTable.read(file) : new CrossoverTable(Map.of());
    }

    @Override
    public synchronized double upTo(String product, DoubleSupplier measure) {
        Double known = table.densities().get(product);
        if (known == null) {
            known = machine.upTo(product, measure);
            table = table.with(product, known);
            table.write(file);
        }
        return known;
    }
}
