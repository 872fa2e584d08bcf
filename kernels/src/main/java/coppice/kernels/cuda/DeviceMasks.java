package coppice.kernels.cuda;

import coppice.engine.Mask;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The indices of masks on a device, each copied there at its first use, and gone when nobody has the mask any more. */
final class DeviceMasks {

    private final Device device;
    private final DeviceMemory memory;
    private final Map<Key, Indices> known = new HashMap<>();
    private final ReferenceQueue<Mask> unreachable = new ReferenceQueue<>();

    /**
     * Compressed rows, by address.
     *
     * @param order   the rows, those with most survivors first
     * @param starts  where each row's survivors start, and their end
     * @param columns of each survivor
     */
    record Rows(long order, long starts, long columns) {}

    /**
     * The transposed index, by address.
     *
     * @param order   the columns, those with most entries first
     * @param starts  where each column's entries start, and their end
     * @param rows    of each entry
     * @param columns of each entry
     * @param places  where each entry's value stands
     */
    record Columns(long order, long starts, long rows, long columns, long places) {}

    /** What stands on the device of one mask, which it does not hold. */
    private final class Indices {

        private final List<DeviceBuffer> buffers = new ArrayList<>();
        private Long positions;
        private Rows rows;
        private Columns columns;

        long copy(int[] values) {
            DeviceBuffer buffer = memory.allocate(values.length);
            buffers.add(buffer);
            device.upload(MemorySegment.ofArray(values), buffer.address());
            return buffer.address();
        }

        /** Their kernel cannot be launched again when they are gone. */
        void use() {
            buffers.forEach(memory::use);
        }

        void release() {
            buffers.forEach(DeviceBuffer::close);
        }
    }

    /** The same mask, not an equal one: comparing their positions would take longer than many a kernel. */
    private static final class Key extends WeakReference<Mask> {

        private final int hash;

        Key(Mask mask, ReferenceQueue<Mask> queue) {
            super(mask, queue);
            this.hash = System.identityHashCode(mask);
        }

        @Override
        public boolean equals(Object other) {
            return this == other || other instanceof Key key && key.get() != null && key.get() == get();
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }

    DeviceMasks(Device device, DeviceMemory memory) {
        this.device = device;
        this.memory = memory;
    }

    /** The address of each survivor's position. */
    long positions(Mask mask) {
        Indices indices = of(mask);
        if (indices.positions == null) {
            indices.positions = indices.copy(mask.positions());
        }
        indices.use();
        return indices.positions;
    }

    Rows rows(Mask mask) {
        Indices indices = of(mask);
        if (indices.rows == null) {
            Mask.Rows rows = mask.rows();
            indices.rows = new Rows(indices.copy(mostFirst(rows.starts())), indices.copy(rows.starts()), indices.copy(rows.columns()));
        }
        indices.use();
        return indices.rows;
    }

    Columns columns(Mask mask) {
        Indices indices = of(mask);
        if (indices.columns == null) {
            Mask.Columns columns = mask.columns();
            indices.columns = new Columns(indices.copy(mostFirst(columns.starts())), indices.copy(columns.starts()), indices.copy(columns.rows()),
                    indices.copy(groups(columns.starts())), indices.copy(columns.values()));
        }
        indices.use();
        return indices.columns;
    }

    private Indices of(Mask mask) {
        for (Reference<? extends Mask> gone = unreachable.poll(); gone != null; gone = unreachable.poll()) {
            Indices indices = known.remove(gone);
            if (indices != null) {
                indices.release();
            }
        }
        Indices indices = known.get(new Key(mask, null));
        if (indices == null) {
            indices = new Indices();
            known.put(new Key(mask, unreachable), indices);
        }
        return indices;
    }

    /** Groups by their sizes, which follow from their starts. */
    private static int[] mostFirst(int[] starts) {
        return IntStream.range(0, starts.length - 1).boxed().sorted((a, b) -> Integer.compare(starts[b + 1] - starts[b], starts[a + 1] - starts[a]))
                .mapToInt(Integer::intValue).toArray();
    }

    /** The group of each entry. */
    private static int[] groups(int[] starts) {
        int[] groups = new int[starts[starts.length - 1]];
        for (int group = 0; group < starts.length - 1; group++) {
            Arrays.fill(groups, starts[group], starts[group + 1], group);
        }
        return groups;
    }
}
