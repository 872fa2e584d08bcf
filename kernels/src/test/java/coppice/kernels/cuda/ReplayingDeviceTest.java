package coppice.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.BackendException;
import coppice.engine.Product.Face;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayingDeviceTest {

    private final List<String> done = new ArrayList<>();
    private final ReplayingDevice device = new ReplayingDevice(new Notes());
    private int graphs;
    private boolean full;

    /** Writes down what it is asked for. */
    private final class Notes implements GraphDevice {

        @Override
        public String name() {
            return "notes";
        }

        @Override
        public String description() {
            return "notes";
        }

        @Override
        public long allocate(long bytes) {
            done.add("allocate");
            return full ? 0 : 1;
        }

        @Override
        public void free(long address) {
            done.add("free");
        }

        @Override
        public long freeBytes() {
            return 0;
        }

        @Override
        public void upload(MemorySegment from, long to) {
            done.add("upload");
        }

        @Override
        public Runnable beside(Runnable work) {
            done.add("beside");
            return work;
        }

        @Override
        public void download(long from, MemorySegment to) {
            done.add("download");
        }

        @Override
        public void launch(Launch launch) {
            if (launch.kernel().equals("broken")) {
                throw new BackendException("broken");
            }
            done.add(text(launch));
        }

        @Override
        public boolean takes(Multiplication its) {
            return true;
        }

        @Override
        public void multiply(Multiplication its) {
            done.add("multiply");
        }

        @Override
        public Graph graph(List<Launch> launches) {
            if (full) {
                return null;
            }
            int number = ++graphs;
            done.add("graph " + number + " of " + launches.size());
            return new Graph() {

                @Override
                public void change(int index, Launch launch) {
                    done.add("change " + index + " to " + text(launch));
                }

                @Override
                public void run() {
                    done.add("run " + number);
                }

                @Override
                public void close() {
                    done.add("close " + number);
                }
            };
        }

        @Override
        public void finish() {
            done.add("finish");
        }

        @Override
        public void close() {
            done.add("close");
        }

        private static String text(Launch launch) {
            return launch.kernel() + List.of(launch.arguments());
        }
    }

    private void launch(String kernel, Object... arguments) {
        device.launch(new Launch("Kernels", kernel, Grid.blocks(1), arguments));
    }

    private void step(float rate, long address) {
        launch("a", 3, address);
        launch("b", new int[] {4, 5});
        launch("c", true);
        launch("d", rate);
        device.finish();
    }

    private void expect(String... expected) {
        assertEquals(List.of(expected), done);
        done.clear();
    }

    @Test
    void isBusyWhileWorkIsDoneBeside() {
        launch("a");
        Runnable beside = device.beside(() -> done.add("work"));
        launch("b");
        beside.run();
        expect("a[]", "beside", "b[]", "work");
    }

    @Test
    void aLibraryWorksByItselfAndInItsPlace() {
        for (int time = 0; time < 2; time++) {
            for (int i = 0; i < ReplayingDevice.LEAST; i++) {
                launch("a");
            }
            device.multiply(new Multiplication(Face.OUTPUT, 1, 2, 3, 4, 5, 6));
            launch("b");
            device.finish();
        }
        expect("a[]", "a[]", "a[]", "a[]", "multiply", "b[]", "finish", "graph 1 of 4", "run 1", "multiply", "b[]", "finish");
    }

    @Test
    void whatComesAgainIsAGraph() {
        step(0.5f, 1000);
        assertEquals(5, done.size());
        done.clear();
        step(0.5f, 1000);
        expect("graph 1 of 4", "run 1", "finish");
        step(0.5f, 1000);
        expect("run 1", "finish");
        step(0.25f, 1000);
        expect("change 3 to d[0.25]", "run 1", "finish");
        step(0.25f, 2000);
        expect("change 0 to a[3, 2000]", "run 1", "finish");
        step(0.25f, 2000);
        expect("run 1", "finish");
        device.close();
        expect("close 1", "close");
    }

    @Test
    void otherShapesAreAnotherGraph() {
        for (int size = 1; size <= 2; size++) {
            for (int time = 0; time < 2; time++) {
                for (int i = 0; i < ReplayingDevice.LEAST; i++) {
                    launch("a", new int[] {size}, 100L + i);
                }
                device.finish();
            }
        }
        assertEquals(List.of("graph 1 of 4", "run 1", "graph 2 of 4", "run 2"),
                done.stream().filter(each -> each.startsWith("graph") || each.startsWith("run")).toList());
    }

    @Test
    void fewLaunchesAreNoGraph() {
        for (int time = 0; time < 3; time++) {
            launch("a", time);
            device.finish();
        }
        expect("a[0]", "finish", "a[1]", "finish", "a[2]", "finish");
    }

    @Test
    void whatMustComeAfterComesAfter() {
        MemorySegment some = MemorySegment.ofArray(new float[1]);
        launch("a", 1);
        device.upload(some, 1);
        launch("b", 1);
        device.download(1, some);
        launch("c", 1);
        device.allocate(1);
        device.free(1);
        launch("d", 1);
        device.finish();
        expect("a[1]", "upload", "b[1]", "download", "allocate", "c[1]", "free", "d[1]", "finish");
    }

    @Test
    void longWorkIsCut() {
        for (int step = 0; step < 2; step++) {
            for (int i = 0; i < 2 * ReplayingDevice.MOST + ReplayingDevice.LEAST; i++) {
                launch("kernel " + i, i);
            }
            if (step == 0) {
                assertEquals(2 * ReplayingDevice.MOST, done.size(), "the device has begun");
                device.finish();
                done.clear();
            }
        }
        device.finish();
        expect("graph 1 of 64", "run 1", "graph 2 of 64", "run 2", "graph 3 of 4", "run 3", "finish");
    }

    private void twice(int size) {
        for (int time = 0; time < 2; time++) {
            for (int i = 0; i < ReplayingDevice.LEAST; i++) {
                launch("a", size, i);
            }
            device.finish();
        }
    }

    @Test
    void forgetsWhatWasNotUsedForLongest() {
        int most = ReplayingDevice.KEPT / ReplayingDevice.LEAST;
        for (int size = 1; size <= most + 9; size++) {
            twice(size);
            twice(1);
        }
        assertEquals(most + 9, graphs, "one for each, also for the one that is used again and again");
        assertEquals(List.of("close 2", "close 3", "close 4", "close 5", "close 6", "close 7", "close 8", "close 9", "close 10"),
                done.stream().filter(each -> each.startsWith("close")).toList());
    }

    @Test
    void graphsGiveWayToMemory() {
        twice(1);
        full = true;
        done.clear();
        assertEquals(0, device.allocate(1));
        expect("allocate", "close 1", "allocate");
        twice(2);
        assertEquals(1, graphs, "there is no room for another");
        expect("a[2, 0]", "a[2, 1]", "a[2, 2]", "a[2, 3]", "finish", "a[2, 0]", "a[2, 1]", "a[2, 2]", "a[2, 3]", "finish");
        full = false;
        twice(2);
        assertEquals(2, graphs);
    }

    /** What was asked for afterwards relies on what failed. */
    @Test
    void failsFromTheFirstFailureOn() {
        launch("broken");
        launch("a", 1);
        assertThrows(BackendException.class, device::finish);
        launch("b", 1);
        assertThrows(BackendException.class, device::finish);
        device.close();
        expect("close");
    }
}
