package coppice.engine.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Reference;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a program asks of a backend, in whichever order, it sees what the plain loops make. {@code -Dcoppice.programs=1000} runs so many
 * programs instead of a few, {@code -Dcoppice.programs.first=17} begins with number 17.
 */
class RandomProgramTest {

    private static final int STEPS = 60;

    /** Each backend, and how many programs it runs where nothing else is asked for. */
    static Stream<Arguments> backends() {
        return BackendProvider.all().stream().filter(BackendProvider::isAvailable).map(BackendProvider::name)
                .map(name -> Arguments.of(name, name.contains("emulated") ? 3 : 40));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("backends")
    void everyProgramSeesWhatThePlainLoopsMake(String name, int few) {
        long first = Long.getLong("coppice.programs.first", 0);
        long programs = Long.getLong("coppice.programs", few);
        for (long seed = first; seed < first + programs; seed++) {
            RandomProgram program = RandomProgram.of(seed, STEPS, name.contains("emulated") ? 20_000 : 2_000_000);
            List<float[]> expected = program.run(new Reference());
            for (int threads = 1; threads <= 3; threads++) {
                try (Backend backend = BackendProvider.named(name).open(threads)) {
                    List<float[]> seen = program.run(backend);
                    assertEquals(expected.size(), seen.size());
                    for (int i = 0; i < seen.size(); i++) {
                        assertArrayEquals(expected.get(i), seen.get(i),
                                "program " + seed + ", " + threads + " threads, look " + i + " of\n" + program + "\n");
                    }
                }
            }
        }
    }
}
