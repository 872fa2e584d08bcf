package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.imp.store.CrossoverTable;
import coppice.imp.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CrossoversTest {

    private static final DoubleSupplier NEVER = () -> {
        throw new AssertionError("was known already");
    };

    @TempDir
    private Path folder;

    private Path machine;
    private final List<String> notes = new ArrayList<>();

    @BeforeEach
    void name() {
        machine = folder.resolve("cache/machine.csv");
    }

    private RunCrossovers ofRun(String name) {
        return new RunCrossovers(folder.resolve(name + ".csv"), new MachineCrossovers(machine, notes::add));
    }

    @Test
    void areMeasuredOnceForAMachine() {
        assertEquals(0.3, ofRun("first").upTo("a product", () -> 0.3));
        assertEquals(0.3, ofRun("first").upTo("a product", NEVER), "a resumed run");
        assertEquals(0.3, ofRun("second").upTo("a product", NEVER), "another run");
        assertEquals(1, notes.size());
        assertTrue(notes.getFirst().contains("machine.csv"), notes.getFirst());
    }

    @Test
    void aRunKeepsToWhatItBeganWith() {
        ofRun("first").upTo("a product", () -> 0.3);
        new CrossoverTable(Map.of("a product", 0.7)).write(machine);
        assertEquals(0.3, ofRun("first").upTo("a product", NEVER));
        assertEquals(0.7, ofRun("second").upTo("a product", NEVER));
        assertEquals(Map.of("a product", 0.7), CrossoverTable.read(folder.resolve("second.csv")).densities());
    }

    @Test
    void addToWhatIsMeasuredMeanwhile() {
        ofRun("first").upTo("a product", () -> {
            ofRun("second").upTo("another", () -> 0.4);
            return 0.3;
        });
        assertEquals(Map.of("a product", 0.3, "another", 0.4), CrossoverTable.read(machine).densities());
    }

    @Test
    void aDamagedTableOfTheMachineIsWrittenAgain() throws IOException {
        Files.createDirectories(machine.getParent());
        Files.writeString(machine, "product,density\na product,7\n");
        assertEquals(0.3, ofRun("first").upTo("a product", () -> 0.3));
        assertEquals(Map.of("a product", 0.3), CrossoverTable.read(machine).densities());
        assertTrue(notes.getFirst().contains("line 2, column density"), notes.getFirst());
    }

    @Test
    void areKeptWithTheRunWhereTheMachinesTableCannotBeWritten() throws IOException {
        Files.writeString(folder.resolve("cache"), "a file where a folder should be");
        assertEquals(0.3, ofRun("first").upTo("a product", () -> 0.3));
        assertEquals(0.3, ofRun("first").upTo("a product", NEVER));
        assertTrue(notes.getLast().contains("other runs will measure again"), notes.getLast());
    }

    @Test
    void aRunWritesDownWhatItUsesAndKeepsToIt() {
        var first = new TinyRun(folder.resolve("a"), "backend=cpu");
        first.execute();
        Map<String, Double> used = CrossoverTable.read(first.folder().crossovers()).densities();
        assertTrue(used.keySet().stream().anyMatch(product -> product.contains("weight 10x784")), used.toString());
        var second = new TinyRun(folder.resolve("b"), "backend=cpu");
        var never = new CrossoverTable(used.keySet().stream().collect(Collectors.toMap(product -> product, product -> 0.0)));
        never.write(second.folder().crossovers());
        second.execute();
        assertEquals(never, CrossoverTable.read(second.folder().crossovers()));
    }

    @Test
    void nothingIsChosenWhereThereIsNoChoice() {
        var run = new TinyRun(folder.resolve("a"));
        run.execute();
        assertTrue(Files.notExists(run.folder().crossovers()));
    }

    @Test
    void aDamagedTableOfARunIsRefused() throws IOException {
        Files.writeString(folder.resolve("first.csv"), "product,density\na product,0.1\na product,0.2\n");
        RunCrossovers damaged = ofRun("first");
        assertTrue(assertThrows(StoreException.class, () -> damaged.upTo("a product", NEVER)).getMessage().contains("stands in an earlier line"));
    }
}
