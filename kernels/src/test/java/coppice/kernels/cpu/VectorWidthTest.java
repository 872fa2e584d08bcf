package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.BackendProvider;
import coppice.engine.contract.Contract;
import coppice.kernels.ChildJvm;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorWidthTest {

    @ParameterizedTest
    @ValueSource(ints = {128, 256, 512})
    void everyWidthKeepsTheContract(int bits) throws Exception {
        assumeTrue(bits <= FloatVector.SPECIES_PREFERRED.vectorBitSize(), "this machine's vectors are narrower");
        var child = ChildJvm.run(flag -> true, List.of("-D" + Vectors.WIDTH_PROPERTY + "=" + bits), Contract.class.getName(), "cpu", "2");
        assertEquals(0, child.exitCode(), child.output());
    }

    @Test
    void refusesAnotherWidth() throws Exception {
        var child = ChildJvm.run(flag -> true, List.of("-D" + Vectors.WIDTH_PROPERTY + "=100"), Contract.class.getName(), "cpu", "1");
        assertTrue(child.output().contains("coppice.vector.bits: must be 128, 256 or 512, got 100"), child.output());
    }

    @Test
    void saysWhichFlagIsMissing() throws Exception {
        var child = ChildJvm.run(flag -> !flag.contains("jdk.incubator.vector") && !flag.contains("javaagent"), List.of(),
                Providers.class.getName());
        assertEquals(0, child.exitCode(), child.output());
        assertTrue(child.output().contains("cpu false the Vector API is missing: start Java with --add-modules jdk.incubator.vector"),
                child.output());
        assertTrue(child.output().contains("best ") && !child.output().contains("best cpu"), child.output());
    }

    /** Prints what backends there are. */
    static final class Providers {

        public static void main(String[] arguments) {
            for (BackendProvider provider : BackendProvider.all()) {
                System.out.println(provider.name() + " " + provider.isAvailable() + " " + provider.description());
            }
            System.out.println("best " + BackendProvider.best().name());
        }
    }
}
