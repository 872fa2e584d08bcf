package coppice.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The vectors of this machine, and how kernels reach memory: by address, unchecked. */
final class Vectors {

    /** Forces the width of vectors, for tests: 128, 256 or 512. */
    static final String WIDTH_PROPERTY = "coppice.vector.bits";

    static final VectorSpecies<Float> SPECIES = species();

    /** Floats in a vector: a power of two up to 16. */
    static final int LENGTH = SPECIES.length();

    /** Bytes in a vector. */
    static final int BYTES = SPECIES.vectorByteSize();

    /** All memory. Constant, so that the compiler sees neither a base to load nor a scope to check. */
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /**
     * No address has another bit. {@code ALL.get(FLOAT, address & ADDRESSES)} is in bounds for the compiler whatever the address is: it checks
     * nothing in a loop, nor before it. Vectors loaded or stored under a mask are checked, too, whatever the flags say, and the mask is written to
     * an array for the case that the check fails, unless {@code address & ADDRESSES} says that it cannot.
     */
    static final long ADDRESSES = Long.MAX_VALUE >>> 1;

    static final ByteOrder ORDER = ByteOrder.nativeOrder();

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    /** Entry {@code i} brings lane {@code (lane + LENGTH >> i + 1) mod LENGTH} to each lane. */
    private static final VectorShuffle<Float> HALF = rotate(LENGTH / 2);
    private static final VectorShuffle<Float> QUARTER = rotate(LENGTH / 4);
    private static final VectorShuffle<Float> EIGHTH = rotate(LENGTH / 8);
    private static final VectorShuffle<Float> SIXTEENTH = rotate(LENGTH / 16);

    private Vectors() {}

    private static VectorSpecies<Float> species() {
        String bits = System.getProperty(WIDTH_PROPERTY);
        if (bits == null) {
            int preferred = Math.clamp(FloatVector.SPECIES_PREFERRED.vectorBitSize(), 128, 512);
            return VectorSpecies.of(float.class, VectorShape.forBitSize(preferred));
        }
        return switch (bits) {
            case "128", "256", "512" -> VectorSpecies.of(float.class, VectorShape.forBitSize(Integer.parseInt(bits)));
            default -> throw new IllegalArgumentException(WIDTH_PROPERTY + ": must be 128, 256 or 512, got " + bits);
        };
    }

    private static VectorShuffle<Float> rotate(int by) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane + by) % LENGTH);
    }

    static FloatVector load(long address) {
        return FloatVector.fromMemorySegment(SPECIES, ALL, address, ORDER);
    }

    /** The lanes of the mask, 0 in the others. */
    static FloatVector load(long address, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(SPECIES, ALL, address & ADDRESSES, ORDER, mask);
    }

    /** One float in every lane. */
    static FloatVector broadcastAt(long address) {
        return FloatVector.broadcast(SPECIES, ALL.get(FLOAT, address));
    }

    static FloatVector broadcast(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    static FloatVector zero() {
        return FloatVector.zero(SPECIES);
    }

    static void store(long address, FloatVector vector) {
        vector.intoMemorySegment(ALL, address, ORDER);
    }

    static void store(long address, FloatVector vector, VectorMask<Float> mask) {
        vector.intoMemorySegment(ALL, address & ADDRESSES, ORDER, mask);
    }

    static float get(long address) {
        return ALL.get(FLOAT, address);
    }

    static void set(long address, float value) {
        ALL.set(FLOAT, address, value);
    }

    /** The first {@code count} lanes; all of them from {@code LENGTH} on, none below 1. */
    static VectorMask<Float> first(int count) {
        return SPECIES.indexInRange(0, count);
    }

    /**
     * The sum of all lanes, halves first. {@code reduceLanes} adds in one order when interpreted and in another when compiled.
     */
    static float sum(FloatVector vector) {
        FloatVector sum = vector;
        if (LENGTH > 1) {
            sum = sum.add(sum.rearrange(HALF));
        }
        if (LENGTH > 2) {
            sum = sum.add(sum.rearrange(QUARTER));
        }
        if (LENGTH > 4) {
            sum = sum.add(sum.rearrange(EIGHTH));
        }
        if (LENGTH > 8) {
            sum = sum.add(sum.rearrange(SIXTEENTH));
        }
        return sum.lane(0);
    }

    /** The sum of {@code n} floats: four vectors of partial sums, then their lanes. */
    static float sum(int n, long x) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= n - 4 * LENGTH; i += 4 * LENGTH) {
            a = a.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER));
            b = b.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * (i + LENGTH), ORDER));
            c = c.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * (i + 2 * LENGTH), ORDER));
            d = d.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * (i + 3 * LENGTH), ORDER));
        }
        for (; i <= n - LENGTH; i += LENGTH) {
            a = a.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER));
        }
        if (i < n) {
            b = b.add(FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i & ADDRESSES, ORDER, SPECIES.indexInRange(0, n - i)));
        }
        return sum(a.add(b).add(c.add(d)));
    }

    /** The largest lane, in any order; NaN if any lane is. */
    static float max(FloatVector vector) {
        return vector.reduceLanes(VectorOperators.MAX);
    }

    /** Copies {@code count} floats between ranges that do not overlap. */
    static void copy(long from, long to, long count) {
        MemorySegment.copy(ALL, from, ALL, to, count * Float.BYTES);
    }

    /** Writes the first few floats of a vector, or adds them to those that are there. */
    static void storeFirst(int count, long from, boolean add, long to) {
        var lanes = first(count);
        FloatVector values = FloatVector.fromMemorySegment(SPECIES, ALL, from, ORDER);
        if (add) {
            values.add(FloatVector.fromMemorySegment(SPECIES, ALL, to & ADDRESSES, ORDER, lanes))
                    .intoMemorySegment(ALL, to & ADDRESSES, ORDER, lanes);
        } else {
            values.intoMemorySegment(ALL, to & ADDRESSES, ORDER, lanes);
        }
    }

    static void copy(float[] from, long to, int count) {
        MemorySegment.copy(from, 0, ALL, FLOAT, to, count);
    }

    static void copy(int[] from, long to, int count) {
        MemorySegment.copy(from, 0, ALL, INT, to, count);
    }

    static void copy(long from, float[] to, int count) {
        MemorySegment.copy(ALL, FLOAT, from, to, 0, count);
    }

    static void clear(long address, long count) {
        FloatVector zero = FloatVector.zero(SPECIES);
        long i = 0;
        for (; i <= count - LENGTH; i += LENGTH) {
            zero.intoMemorySegment(ALL, address + 4 * i, ORDER);
        }
        for (; i < count; i++) {
            ALL.set(FLOAT, address + 4 * i, 0);
        }
    }
}
