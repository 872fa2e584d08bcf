package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that need no experiment, in lanes that have none. */
@Timeout(60)
final class LanesTest {

    private final StopFlag stop = new StopFlag();
    private final Set<String> done = ConcurrentHashMap.newKeySet();

    private Lanes lanes(int count) {
        return new Lanes(Arrays.asList(new Experiment[count]), stop);
    }

    @Test
    void doesEveryTaskAndThoseThatTasksAdd() {
        for (int count = 1; count <= 3; count++) {
            done.clear();
            Lanes lanes = lanes(count);
            for (String name : new String[] {"a", "b", "c", "d"}) {
                lanes.add(experiment -> {
                    lanes.add(later -> lanes.add(last -> done.add(name + name)));
                    done.add(name);
                });
            }
            lanes.run();
            assertEquals(Set.of("a", "b", "c", "d", "aa", "bb", "cc", "dd"), done);
            assertFalse(stop.isRaised());
        }
    }

    @Test
    void tasksGoOnSideBySide() {
        Lanes lanes = lanes(2);
        var both = new CountDownLatch(2);
        for (int task = 0; task < 2; task++) {
            lanes.add(experiment -> {
                both.countDown();
                try {
                    both.await();                                     // for ever, were there one lane
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        lanes.run();
    }

    @Test
    void aFailureStopsTheOthersAndIsThrown() {
        for (Throwable failure : new Throwable[] {new IllegalStateException("first"), new OutOfMemoryError("of memory")}) {
            Lanes lanes = lanes(1);
            lanes.add(experiment -> LanesTest.<RuntimeException>raise(failure));
            lanes.add(experiment -> done.add("after"));
            assertSame(failure, assertThrows(Throwable.class, lanes::run));
            assertTrue(stop.isRaised());
            assertEquals(Set.of(), done);
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void raise(Throwable failure) throws E {
        throw (E) failure;
    }
}
