package coppice.engine.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.contract.Kernels.Line;

/** Checks one line of the table on one backend; as a program, the whole table, for settings that only a new process can have. */
public final class Contract {

    static final Seed SEED = Seed.of(20).in("contract");

    private Contract() {}

    /**
     * Checks every kernel of a backend.
     *
     * @param arguments the backend's name and the number of trials
     */
    public static void main(String[] arguments) {
        for (Line line : Kernels.all()) {
            try {
                checkMeaning(arguments[0], line, Integer.parseInt(arguments[1]));
            } catch (AssertionError error) {
                throw new AssertionError(line.name() + ": " + error.getMessage(), error);
            }
        }
    }

    /** Fails where a kernel's result is not the reference's, within its tolerance. */
    static void checkMeaning(String name, Line line, int trials) {
        try (Backend reference = new Reference(); Backend backend = BackendProvider.named(name).open(2)) {
            for (int i = 0; i < trials; i++) {
                Seed seed = SEED.in(line.name()).in(i);
                try (var expected = new Trial(reference, seed); var trial = new Trial(backend, seed)) {
                    line.run().accept(expected);
                    line.run().accept(trial);
                    trial.assertAgreesWith(expected);
                }
            }
        }
    }

    /** Fails where a kernel's bits on two or three threads are not those on one. */
    static void checkThreads(String name, Line line, int trials) {
        try (Backend one = BackendProvider.named(name).open(1);
                Backend two = BackendProvider.named(name).open(2);
                Backend three = BackendProvider.named(name).open(3)) {
            for (int i = 0; i < trials; i++) {
                Seed seed = SEED.in(line.name()).in(i);
                try (var alone = new Trial(one, seed); var pair = new Trial(two, seed); var trio = new Trial(three, seed)) {
                    line.run().accept(alone);
                    line.run().accept(pair);
                    line.run().accept(trio);
                    pair.assertSameBitsAs(alone);
                    trio.assertSameBitsAs(alone);
                }
            }
        }
    }

    /** Fails where a kernel's bits are others when it is replayed, or where it never is. */
    static void checkReplays(String name, Line line, int trials) {
        int kernels = 0;
        int replays = 0;
        try (Backend backend = BackendProvider.named(name).open(2)) {
            for (int i = 0; i < trials; i++) {
                Seed seed = SEED.in(line.name()).in(i);
                var repeating = new Repeating(backend);
                try (var once = new Trial(backend, seed); var again = new Trial(repeating.asBackend(), seed)) {
                    line.run().accept(once);
                    line.run().accept(again);
                    again.assertSameBitsAs(once);
                }
                kernels += repeating.kernels();
                replays += repeating.replays();
            }
        }
        assertEquals(kernels > 0, replays > 0, replays + " of " + kernels + " replayed");
    }
}
