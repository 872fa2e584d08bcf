package coppice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultFilesTest {

    private static final ResultFiles.Origin ORIGIN =
            new ResultFiles.Origin("2026-01-01", "abc1234", "A processor, \"new\"", "bench/run -p threads=1,2");
    private static final Machine MACHINE = new Machine(new TreeMap<>(Map.of(1, 2e11)), new TreeMap<>(Map.of(1, 3e10)));

    @TempDir
    private Path folder;

    private static Measurement measured(double density) {
        return new Measurement("SparseProduct", "allFaces", Map.of("density", "" + density), 1, 2, 1e-3 * density, 9e-4 * density, 0.25, 80,
                new Work(1e6, 1e3), 5e-6, 1e-7);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void rowsSayWhereTheyComeFrom() throws IOException {
        ResultFiles files = ResultFiles.unused(folder, "some", ORIGIN);
        files.write(List.of(measured(0.5)), MACHINE);
        assertEquals(List.of(), files.problems());
        assertEquals(List.of("commit,benchmark,method,parameters,threads,rounds,microseconds,fastest,spread,hand_over_ns,gflops,flops_floor_us,bytes_floor_us,"
                        + "processor,command",
                "abc1234,SparseProduct,allFaces,density=0.5,1,2,500.0,450.0,0.250,80,2.000,5.000,0.1000,"
                        + "\"A processor, \"\"new\"\"\",\"bench/run -p threads=1,2\""),
                Files.readAllLines(folder.resolve("some.csv")));
        String text = Files.readString(folder.resolve("some.md"));
        assertTrue(text.startsWith("    bench/run -p threads=1,2\n\n2026-01-01, commit abc1234, A processor, \"new\". Java "), text);
        assertTrue(text.contains("On 1 thread 200 Gflop/s in registers and 30.0 GB/s copied in main memory. A line of memory came from one core to another in 80 to 80 ns.\n"), text);
    }

    @Test
    void aChartIsDrawnWhereThereAreSpeedUps() throws IOException {
        ResultFiles files = ResultFiles.unused(folder, "some", ORIGIN);
        files.write(List.of(measured(1)), MACHINE);
        assertEquals(List.of("some.csv", "some.md"), names());
        files.write(List.of(measured(1), measured(0.5)), MACHINE);
        assertEquals(List.of(), files.problems());
        assertEquals(List.of("some.csv", "some.md", "some.png"), names());
        assertEquals(names(), files.written().stream().map(file -> file.getFileName().toString()).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"csv", "md", "png"})
    void aNameOfWhichAFileIsThereIsNotUsed(String ending) throws IOException {
        Files.writeString(folder.resolve("some." + ending), "kept");
        Files.writeString(folder.resolve("some-2." + ending), "kept");
        ResultFiles.unused(folder, "some", ORIGIN).write(List.of(measured(1), measured(0.5)), MACHINE);
        assertEquals(List.of("some-2." + ending, "some-3.csv", "some-3.md", "some-3.png", "some." + ending), names());
        assertEquals("kept", Files.readString(folder.resolve("some." + ending)));
        assertEquals("kept", Files.readString(folder.resolve("some-2." + ending)));
    }

    @Test
    void whatCannotBeWrittenIsSaidAndWrittenTheNextTime() throws IOException {
        ResultFiles files = ResultFiles.unused(folder, "some", ORIGIN);
        Path inTheWay = Files.createDirectories(folder.resolve("some.csv").resolve("folder"));
        files.write(List.of(measured(1)), MACHINE);
        assertEquals(1, files.problems().size(), files.problems().toString());
        assertTrue(files.problems().getFirst().startsWith("cannot write " + folder.resolve("some.csv") + ": "), files.problems().toString());
        assertEquals(List.of("some.csv", "some.md"), names());
        Files.delete(inTheWay);
        Files.delete(inTheWay.getParent());
        files.write(List.of(measured(1)), MACHINE);
        assertEquals(List.of(), files.problems());
        assertEquals(2, Files.readAllLines(folder.resolve("some.csv")).size());
    }
}
