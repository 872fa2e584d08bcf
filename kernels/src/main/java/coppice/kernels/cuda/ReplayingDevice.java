package coppice.kernels.cuda;

import coppice.engine.Product.Face;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A device that is told of the same work again and again, as by the steps of a training, and has it done as a {@link Graph}. A small network's
 * kernels run for a few microseconds each, no longer than it takes to launch one.
 *
 * <p>Launches wait until there are {@value #MOST} of them, or until something is asked that must come after them. So what waits when, and
 * with what, depends on the work alone while there is memory enough, and a step's launches are cut like those of the step before. At their
 * first coming they are launched one by one; at the second they are made a graph, which is run, then and from then on, with the addresses and
 * numbers that they have now.
 */
final class ReplayingDevice implements Device {

    /** The device should not be idle while a long step is being described. */
    static final int MOST = 64;

    /** Fewer are not worth a graph. */
    static final int LEAST = 4;

    /** Launches in all graphs, more than the longest step has; a device may keep ten kilobytes for each. */
    static final int KEPT = 4096;

    private final GraphDevice device;
    private final LinkedHashMap<Span, Known> known = new LinkedHashMap<>(KEPT / MOST, 0.75f, true);
    private int kept;
    private List<Launch> waiting = new ArrayList<>();
    private RuntimeException failure;

    /** Launches that were done together, as far as they are the same each time. */
    private record Span(List<Launch> launches) {

        @Override
        public boolean equals(Object other) {
            if (!(other instanceof Span span) || span.launches.size() != launches.size()) {
                return false;
            }
            for (int i = 0; i < launches.size(); i++) {
                if (!launches.get(i).isLike(span.launches.get(i))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int hashCode() {
            int code = 0;
            for (Launch launch : launches) {
                code = code * 31 + launch.likeness();
            }
            return code;
        }
    }

    /** What is known of a span: at first that it came once, later its graph. */
    private static final class Known {

        private final int size;
        private Graph graph;
        private List<Launch> latest;

        Known(int size) {
            this.size = size;
        }

        /** Runs the graph with these arguments. */
        void run(List<Launch> launches) {
            for (int i = 0; i < launches.size(); i++) {
                if (!launches.get(i).hasArgumentsOf(latest.get(i))) {
                    graph.change(i, launches.get(i));
                }
            }
            latest = launches;
            graph.run();
        }
    }

    ReplayingDevice(GraphDevice device) {
        this.device = device;
    }

    @Override
    public String name() {
        return device.name();
    }

    @Override
    public String description() {
        return device.description();
    }

    @Override
    public void launch(Launch launch) {
        waiting.add(launch);
        if (waiting.size() == MOST) {
            flush();
        }
    }

    /** Has done what waits. Once that has failed it fails always: what was asked for afterwards relies on it. */
    private void flush() {
        if (failure != null) {
            throw failure;
        }
        List<Launch> launches = waiting;
        waiting = new ArrayList<>();
        try {
            run(launches);
        } catch (RuntimeException error) {
            failure = error;
            throw error;
        }
    }

    private void run(List<Launch> launches) {
        if (launches.size() < LEAST) {
            launches.forEach(device::launch);
            return;
        }
        var span = new Span(launches);
        Known before = known.get(span);
        if (before != null && before.graph == null) {
            before.graph = device.graph(launches);
            before.latest = launches;
        }
        if (before != null && before.graph != null) {
            before.run(launches);
            return;
        }
        launches.forEach(device::launch);
        if (before == null) {
            known.put(span, new Known(launches.size()));
            kept += launches.size();
            while (kept > KEPT) {
                forgetTheOldest();
            }
        }
    }

    @Override
    public boolean takes(Multiplication product) {
        return device.takes(product);
    }

    @Override
    public boolean takesSurvivors(Face face) {
        return device.takesSurvivors(face);
    }

    /** By itself: what a library launches cannot be told beforehand. */
    @Override
    public void multiply(Multiplication product) {
        flush();
        device.multiply(product);
    }

    /** What was not used for longest. */
    private void forgetTheOldest() {
        Known oldest = known.pollFirstEntry().getValue();
        kept -= oldest.size;
        if (oldest.graph != null) {
            oldest.graph.close();
        }
    }

    /** Graphs give way to what is asked for. */
    @Override
    public long allocate(long bytes) {
        long address = device.allocate(bytes);
        if (address == 0 && !known.isEmpty()) {
            while (!known.isEmpty()) {
                forgetTheOldest();
            }
            address = device.allocate(bytes);
        }
        return address;
    }

    @Override
    public void free(long address) {
        flush();
        device.free(address);
    }

    @Override
    public long freeBytes() {
        return device.freeBytes();
    }

    @Override
    public void upload(MemorySegment from, long to) {
        flush();
        device.upload(from, to);
    }

    /** What waits is launched before the work is done: the device is busy meanwhile. */
    @Override
    public Runnable beside(Runnable work) {
        flush();
        Runnable beside = device.beside(work);
        return () -> {
            flush();
            beside.run();
        };
    }

    @Override
    public void download(long from, MemorySegment to) {
        flush();
        device.download(from, to);
    }

    @Override
    public void finish() {
        flush();
        device.finish();
    }

    /** What still waits is not done. */
    @Override
    public void close() {
        try {
            while (!known.isEmpty()) {
                forgetTheOldest();
            }
        } finally {
            device.close();
        }
    }
}
