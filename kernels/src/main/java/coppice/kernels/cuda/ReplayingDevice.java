package coppice.kernels.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * A device that is told of the same work again and again, as by the steps of a training, and has it done as a {@link Graph}. A small network's
 * kernels run for a few microseconds each, no longer than it takes to launch one.
 *
 * <p>Launches wait until there are {@value #MOST} of them, or until something is asked that must come after them. So what waits when, and
 * with what, depends on the work alone, and a step's launches are cut like those of the step before. At their first coming they are
 * launched one by one, at the second they are made a graph, from the third on it is run: with the addresses and numbers that they have now.
 */
final class ReplayingDevice implements Device {

    /** The device should not be idle while a long step is being described. */
    static final int MOST = 64;

    /** Fewer are not worth a graph. */
    static final int LEAST = 4;

    /** More than the longest step has; of those beyond, the one that was not used for longest is forgotten. */
    private static final int GRAPHS = 256;

    private final GraphDevice device;
    private List<Launch> waiting = new ArrayList<>();
    private final LinkedHashMap<Span, Known> known = new LinkedHashMap<>(GRAPHS, 0.75f, true);

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

    /** What is known of a span: null at first. */
    private static final class Known {

        private Graph graph;
        private List<Launch> latest;

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

    private void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        List<Launch> launches = waiting;
        waiting = new ArrayList<>(launches.size());
        if (launches.size() < LEAST) {
            launches.forEach(device::launch);
            return;
        }
        var span = new Span(launches);
        Known before = known.get(span);
        if (before == null) {
            known.put(span, new Known());
            forgetTheOldest();
            launches.forEach(device::launch);
            return;
        }
        if (before.graph == null) {
            before.graph = device.graph(launches);
            before.latest = launches;
        }
        before.run(launches);
    }

    private void forgetTheOldest() {
        if (known.size() > GRAPHS) {
            close(known.pollFirstEntry().getValue());
        }
    }

    private static void close(Known known) {
        if (known.graph != null) {
            known.graph.close();
        }
    }

    @Override
    public long allocate(long bytes) {
        return device.allocate(bytes);
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

    @Override
    public void close() {
        known.values().forEach(ReplayingDevice::close);
        known.clear();
        device.close();
    }
}
