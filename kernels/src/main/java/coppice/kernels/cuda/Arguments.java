package coppice.kernels.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The arguments of one launch in native memory, as the driver takes them: an array of pointers to the values. Used again for the next. */
final class Arguments {

    private static final int MOST = 24;
    private static final int BYTES = 128;

    private final MemorySegment values;
    private final MemorySegment pointers;

    Arguments(Arena arena) {
        values = arena.allocate((long) MOST * BYTES, BYTES);
        pointers = arena.allocate(ValueLayout.ADDRESS, MOST);
        for (int i = 0; i < MOST; i++) {
            pointers.setAtIndex(ValueLayout.ADDRESS, i, values.asSlice((long) i * BYTES, BYTES));
        }
    }

    /**
     * The array of pointers to these values.
     *
     * @param arguments an {@code Integer} or {@code Boolean} for an int, a {@code Float} for a float, a {@code Long} for an address, an
     *     {@code int[]} for a struct of ints
     */
    MemorySegment of(Object... arguments) {
        for (int i = 0; i < arguments.length; i++) {
            long at = (long) i * BYTES;
            switch (arguments[i]) {
                case Integer number -> values.set(ValueLayout.JAVA_INT, at, number);
                case Boolean flag -> values.set(ValueLayout.JAVA_INT, at, flag ? 1 : 0);
                case Float number -> values.set(ValueLayout.JAVA_FLOAT, at, number);
                case Long address -> values.set(ValueLayout.JAVA_LONG, at, address);
                case int[] numbers -> MemorySegment.copy(numbers, 0, values.asSlice(at, BYTES), ValueLayout.JAVA_INT, 0, numbers.length);
                default -> throw new IllegalArgumentException("no kernel takes a " + arguments[i].getClass());
            }
        }
        return pointers;
    }
}
