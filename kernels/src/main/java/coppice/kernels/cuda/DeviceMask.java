package coppice.kernels.cuda;

import coppice.engine.Mask;
import java.lang.foreign.MemorySegment;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The indices of a mask, on a device. */
final class DeviceMask implements AutoCloseable {

    /**
     * The density up to which survivors are multiplied one by one: a dense kernel does some ten multiplications for each number that it
     * loads, a sparse one does one.
     */
    private static final double SPARSE_UP_TO = 0.2;

    /** The largest weight that is not worth a dense copy of itself, whatever its density. */
    private static final int SMALL = 1024;

    private final int size;
    private final int count;
    private final DeviceBuffer positions;
    private final DeviceBuffer rowOrder;
    private final DeviceBuffer rowStarts;
    private final DeviceBuffer columns;
    private final DeviceBuffer columnOrder;
    private final DeviceBuffer columnStarts;
    private final DeviceBuffer rows;
    private final DeviceBuffer columnOfEntry;
    private final DeviceBuffer places;

    /** Copies them there; they do not hold the mask. */
    DeviceMask(Device device, DeviceMemory memory, Mask mask) {
        Mask.Columns byColumn = mask.columns();
        this.size = mask.shape().size();
        this.count = mask.count();
        this.positions = copy(device, memory, mask.positions());
        this.rowOrder = copy(device, memory, mostFirst(mask.rows().starts()));
        this.rowStarts = copy(device, memory, mask.rows().starts());
        this.columns = copy(device, memory, mask.rows().columns());
        this.columnOrder = copy(device, memory, mostFirst(byColumn.starts()));
        this.columnStarts = copy(device, memory, byColumn.starts());
        this.rows = copy(device, memory, byColumn.rows());
        this.columnOfEntry = copy(device, memory, IntStream.range(0, byColumn.starts().length - 1)
                .flatMap(column -> IntStream.range(byColumn.starts()[column], byColumn.starts()[column + 1]).map(_ -> column)).toArray());
        this.places = copy(device, memory, byColumn.values());
    }

    private static DeviceBuffer copy(Device device, DeviceMemory memory, int[] values) {
        DeviceBuffer buffer = memory.allocate(values.length);
        device.upload(MemorySegment.ofArray(values), buffer.address());
        return buffer;
    }

    /** Groups by their sizes, which follow from their starts. */
    private static int[] mostFirst(int[] starts) {
        return IntStream.range(0, starts.length - 1).boxed()
                .sorted(Comparator.comparingInt(group -> starts[group] - starts[group + 1]))
                .mapToInt(Integer::intValue).toArray();
    }

    /** Positions that could survive. */
    int size() {
        return size;
    }

    int count() {
        return count;
    }

    /** Whether to multiply by the survivors one by one, and not by a dense weight with zeros. */
    boolean isSparse() {
        return size <= SMALL || count <= SPARSE_UP_TO * size;
    }

    /** The position of each survivor. */
    long positions() {
        return positions.address();
    }

    /** Rows, those with most survivors first. */
    long rowOrder() {
        return rowOrder.address();
    }

    /** Where each row's survivors start, and their end. */
    long rowStarts() {
        return rowStarts.address();
    }

    /** The column of each survivor. */
    long columns() {
        return columns.address();
    }

    /** Columns, those with most survivors first. */
    long columnOrder() {
        return columnOrder.address();
    }

    /** Where each column's entries of the transposed index start, and their end. */
    long columnStarts() {
        return columnStarts.address();
    }

    /** The row of each entry. */
    long rows() {
        return rows.address();
    }

    /** The column of each entry. */
    long columnOfEntry() {
        return columnOfEntry.address();
    }

    /** Where each entry's value stands. */
    long places() {
        return places.address();
    }

    @Override
    public void close() {
        for (DeviceBuffer each : new DeviceBuffer[] {positions, rowOrder, rowStarts, columns, columnOrder, columnStarts, rows, columnOfEntry, places}) {
            each.close();
        }
    }
}
