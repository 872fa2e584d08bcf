package coppice.imp.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TablesTest {

    private static final String RESULTS = """
            branch,replicate,level,density,weights_left,early_stop_iteration,accuracy_at_early_stop,accuracy_at_end,loss_at_end,train_seconds,step_flops
            ticket,1,0,1.0,266200,7300,0.9808,0.9811,0.0931,41.25,96105600
            random-reinit,1,1,0.8000300525920361,212968,7400,0.9795,0.98,NaN,35.0,77000000
            """;

    private static final String CURVE = """
            iteration,training_loss,validation_loss,validation_accuracy,test_accuracy
            0,NaN,2.31,0.098,0.1
            100,0.62,0.41,0.89,0.891
            200,0.35,0.42,0.9,
            """;

    @TempDir
    Path folder;

    @Test
    void resultsAreReadAndWrittenToTheLetter() throws IOException {
        Path file = Files.writeString(folder.resolve("results.csv"), RESULTS);
        Results results = Results.read(file);
        assertEquals(new Results.Row(Branch.TICKET, 1, 0, 1, 266_200, 7300, 0.9808, 0.9811, 0.0931, 41.25, 96_105_600),
                results.rows().getFirst());
        results.write(file);
        assertEquals(RESULTS, Files.readString(file));
    }

    @Test
    void learningCurvesAreReadAndWrittenToTheLetter() throws IOException {
        Path file = Files.writeString(folder.resolve("metrics.csv"), CURVE);
        LearningCurve curve = LearningCurve.read(file);
        assertEquals(new LearningCurve.Row(100, 0.62, 0.41, 0.89, OptionalDouble.of(0.891)), curve.rows().get(1));
        assertEquals(OptionalDouble.empty(), curve.rows().getLast().testAccuracy());
        curve.write(file);
        assertEquals(CURVE, Files.readString(file));
    }

    @Test
    void aTableWithoutRowsIsATable() {
        Path file = folder.resolve("results.csv");
        new Results(List.of()).write(file);
        assertEquals(List.of(), Results.read(file).rows());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ticket,1,0        | winner,1,0       | line 2, column branch: branch: expected one of ticket, random-reinit, random-mask, got 'winner'; correct the cell
            ticket,1,0        | ticket,0,0       | line 2, column replicate: expected an integer of at least 1, got '0'; correct the cell
            ticket,1,0        | ticket,one,0     | line 2, column replicate: expected an integer of at least 1, got 'one'; correct the cell
            ticket,1,0        | ticket,1,-1      | line 2, column level: expected an integer of at least 0, got '-1'; correct the cell
            ticket,1,0        | ticket,1,0,0     | line 2 must have 11 cells, got 12; correct the line
            random-reinit,1,1 | ticket,1,0       | line 3, column level: replicate 1, level 0 of ticket stands in an earlier line already; correct the cell
            0.9808            | 98.08            | line 2, column accuracy_at_early_stop: expected a fraction from 0 to 1, got '98.08'; correct the cell
            0.9811            | NaN              | line 2, column accuracy_at_end: expected a fraction from 0 to 1, got 'NaN'; correct the cell
            0.9811            | ''               | line 2, column accuracy_at_end: expected a number, got ''; correct the cell
            0.8000300525920361 | 0               | line 3, column density: expected a fraction above 0, got '0'; correct the cell
            41.25             | -1               | line 2, column train_seconds: expected seconds of at least 0, got '-1'; correct the cell
            266200            | 2.6e5            | line 2, column weights_left: expected an integer of at least 0, got '2.6e5'; correct the cell
            """)
    void aWrongResultIsNamed(String right, String wrong, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("results.csv"), RESULTS.replace(right, wrong));
        var error = assertThrows(StoreException.class, () -> Results.read(file));
        assertEquals(file + ": " + message, error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            200,0.35          | 100,0.35         | line 4, column iteration: expected an integer of at least 101, got '100'; correct the cell
            0.41              | low              | line 3, column validation_loss: expected a number, got 'low'; correct the cell
            0.9,              | 0.9              | line 4 must have 5 cells, got 4; correct the line
            0.89,0.891        | 0.89,1.891       | line 3, column test_accuracy: expected a fraction from 0 to 1, got '1.891'; correct the cell
            """)
    void aWrongCurveIsNamed(String right, String wrong, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("metrics.csv"), CURVE.replace(right, wrong));
        var error = assertThrows(StoreException.class, () -> LearningCurve.read(file));
        assertEquals(file + ": " + message, error.getMessage());
    }

    @Test
    void aWrongHeaderACutFileAndAMissingFileAreNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("results.csv"), RESULTS.replace("branch,", "kind,"));
        var header = assertThrows(StoreException.class, () -> Results.read(file));
        assertEquals(true, header.getMessage().startsWith(file + ": line 1 must be 'branch,replicate,"), header.getMessage());

        Files.writeString(file, RESULTS.substring(0, RESULTS.length() - 3));
        assertEquals(file + ": the last line is cut off; take the file from a backup",
                assertThrows(StoreException.class, () -> Results.read(file)).getMessage());

        Path missing = folder.resolve("metrics.csv");
        assertEquals(missing + ": there is no such file; check the path",
                assertThrows(StoreException.class, () -> LearningCurve.read(missing)).getMessage());
    }

    @Test
    void aFolderWithoutARunIsNamed() throws IOException {
        Files.writeString(folder.resolve("spec.yaml"), "replicates: 3\n");
        assertEquals(folder + ": not a run folder, it has no results.csv; name a folder that a run made, such as runs/lenet-mnist-3f9c2a",
                assertThrows(StoreException.class, () -> RunFolder.open(folder)).getMessage());
    }

    @Test
    void filesLieWhereTheLayoutSaysSo() {
        var run = new RunFolder(Path.of("runs", "lenet"));
        assertEquals(Path.of("runs/lenet/replicate-1/level-07/mask.safetensors"), run.level(1, 7, Branch.TICKET).mask());
        assertEquals(Path.of("runs/lenet/replicate-12/level-10/random-mask/metrics.csv"), run.level(12, 10, Branch.RANDOM_MASK).metrics());
        assertEquals("lenet", run.name());
    }
}
