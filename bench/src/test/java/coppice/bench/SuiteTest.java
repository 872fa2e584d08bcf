package coppice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** A whole run by JMH, of a small product and for an instant. */
class SuiteTest {

    private static final TimeValue INSTANT = TimeValue.milliseconds(10);
    private static final Options BRIEF =
            new OptionsBuilder().warmupIterations(1).warmupTime(INSTANT).measurementIterations(1).measurementTime(INSTANT).build();

    @TempDir
    private Path folder;

    @Test
    void keepsWhatWasMeasuredBeforeABenchmarkFails() throws Exception {
        // The second shape is none: its benchmark fails when the first has been measured.
        var asked = new CommandLineOptions("DenseProduct.output", "-p", "shape=10x100x60,none", "-p", "threads=1",
                "-wi", "1", "-w", "10ms", "-i", "1", "-r", "10ms", "-foe", "true");
        ResultFiles files = ResultFiles.unused(folder, "some", new ResultFiles.Origin("2026-01-01", "abc1234", "processor", "command"));
        assertThrows(RunnerException.class, () -> Suite.run(2, asked, BRIEF, files));
        List<String> rows = Files.readAllLines(folder.resolve("some.csv"));
        assertEquals(2, rows.size(), rows.toString());
        assertTrue(rows.getLast().startsWith("abc1234,DenseProduct,output,shape=10x100x60,1,1,"), rows.getLast());
        assertTrue(Files.readString(folder.resolve("some.md")).contains(" copied in main memory. A line of memory came "));
    }
}
