package coppice.bench.peers;

import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our best backend against libtorch, subject by subject; {@link Comparison} says how close they must be. The table of errors is printed at
 * the end and kept as {@code target/peers.csv}. Where libtorch cannot be loaded, everything fails with the loader's reason.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class TorchPeersTest {

    private static final int THREADS = 2;
    /** Of libtorch: two of its threads wait for each other spinning, for minutes where another program wants a processor. */
    private static final int PEER_THREADS = 1;
    private static final Path CSV = Path.of("target", "peers.csv");

    private final Table table = new Table();
    private Backend backend;

    @BeforeAll
    void open() {
        torch.set_num_threads(PEER_THREADS);
        torch.globalContext().setUserEnabledMkldnn(false);      // on Zen 5 it divides by zero in a gradient of ResNet-50, and the process ends
        backend = BackendProvider.best().open(THREADS);
    }

    static Stream<Subject> subjects() {
        return Subjects.all();
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void agrees(Subject subject) throws IOException {
        List<Comparison> comparisons = Comparison.of(subject,
                new Coppice(backend).of(subject), Libtorch.inSingle().of(subject), Libtorch.inDouble().of(subject));
        table.add(comparisons);
        table.writeCsv(CSV);                // now, so that a run that is cut short leaves what it found
        List<Comparison> differences = comparisons.stream().filter(comparison -> !comparison.isAgreement()).toList();
        assertTrue(differences.isEmpty(), differences::toString);
    }

    @AfterAll
    void report() {
        System.out.println(table);
        backend.close();
    }
}
