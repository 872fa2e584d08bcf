package coppice.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.runner.options.CommandLineOptionException;

class AskedTest {

    @Test
    void takesNamesAndOptions() throws CommandLineOptionException {
        var asked = Asked.of("SparseProduct.allFaces|Convolution.allFaces", "-p", "shape=8x9x10", "-p", "layer=64x64x3x3/1@16x16x128",
                "-p", "threads=1,2", "-p", "density=1.0,0.5,.25", "-wi", "4", "-prof", "gc");
        assertEquals(List.of("1", "2"), List.copyOf(asked.getParameter("threads").get()));
        assertEquals(4, asked.getWarmupIterations().get());
    }

    @Test
    void takesAllWhereNoneIsNamed() throws CommandLineOptionException {
        assertTrue(Asked.of().getIncludes().isEmpty());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TrainingStap             | no benchmark has a name like TrainingStap
            Limits                   | no benchmark has a name like Limits
            Training(                | a name must be a regular expression
            TrainingStep -p densty=1 | no benchmark that is asked for has a parameter densty; there are density, mask, network, threads
            SparseProduct -p layer=1 | has a parameter layer; there are density, shape, threads
            -p network=conv-2        | network: must be such as conv-2/60, with its batch, got conv-2
            -p network=conv-2/0      | network: must be such as conv-2/60, with its batch, got conv-2/0
            -p network=conf-2/60     | there is no "conf-2"
            -p shape=300x784         | shape: must be such as 300x784x60, got 300x784
            -p layer=64x64           | layer: must be such as
            -p images=16x32          | images: must be such as 16x32x128, got 16x32
            -p density=1.0,0         | density: must be more than 0 and at most 1, got 0
            -p density=10%           | density: must be more than 0 and at most 1, got 10%
            -p mask=nowhere.bin      | mask: must be random or a file of masks, got nowhere.bin
            -p threads=0             | threads: must be 1 or more, got 0
            --nosuch                 | nosuch is not a recognized option
            """)
    void refusesWhatCannotBeMeasured(String arguments, String message) {
        var refused = assertThrows(CommandLineOptionException.class, () -> Asked.of(arguments.split(" ")));
        assertTrue(refused.getMessage().contains(message), refused.getMessage());
    }
}
