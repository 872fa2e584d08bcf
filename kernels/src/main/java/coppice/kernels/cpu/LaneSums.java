package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums across the lanes of many vectors at once. Two vectors are added crosswise: in a lane whose number has some bit 0 stands then the sum of
 * two lanes of the one vector, which differ in this bit, and where it is 1 that of the other vector. So vectors halve in number bit by bit,
 * and lane i ends with the sum of vector i. Like {@link SparseTile} it calls the Vector API itself.
 */
final class LaneSums {

    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, SPECIES.vectorShape());

    private static final VectorMask<Float> HAS_1 = has(1);
    private static final VectorMask<Float> HAS_2 = has(2);
    private static final VectorMask<Float> HAS_4 = has(4);
    private static final VectorMask<Float> HAS_8 = has(8);
    private static final VectorShuffle<Float> OTHER_1 = other(1);
    private static final VectorShuffle<Float> OTHER_2 = other(2);
    private static final VectorShuffle<Float> OTHER_4 = other(4);
    private static final VectorShuffle<Float> OTHER_8 = other(8);

    private LaneSums() {}

    /**
     * The lanes whose number has a bit, of 1, 2, 4 or 8. Made of constants before a long loop, this and {@link #other} stay in registers; from
     * static fields they are loaded in every round of a loop that stores, which pays for the few rounds here.
     */
    static VectorMask<Float> has(int bit) {
        return VectorMask.fromLong(SPECIES, 0xFFFF / ((1 << bit) + 1) << bit);           // 0xAAAA, 0xCCCC, 0xF0F0, 0xFF00
    }

    /** Brings each lane the one whose number differs in a bit. */
    static VectorShuffle<Float> other(int bit) {
        var lanes = IntVector.zero(INTS).addIndex(1).lanewise(VectorOperators.XOR, bit).lanewise(VectorOperators.AND, LENGTH - 1);
        return lanes.toShuffle().cast(SPECIES);
    }

    /**
     * Writes the sum of each vector's lanes, or adds it to what is there.
     *
     * @param vectors the address of {@code count} vectors; those up to the next multiple of four are read, too
     * @param to      the address of {@code count} floats
     */
    static void store(int count, long vectors, boolean add, long to) {
        for (int i = 0; i < count; i += 4) {
            long from = vectors + (long) i * BYTES;
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, ALL, from, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, ALL, from + BYTES, ORDER);
            FloatVector c = FloatVector.fromMemorySegment(SPECIES, ALL, from + 2 * BYTES, ORDER);
            FloatVector d = FloatVector.fromMemorySegment(SPECIES, ALL, from + 3 * BYTES, ORDER);
            FloatVector ab = a.blend(b, HAS_1).add(b.blend(a, HAS_1).rearrange(OTHER_1));
            FloatVector cd = c.blend(d, HAS_1).add(d.blend(c, HAS_1).rearrange(OTHER_1));
            FloatVector sums = ab.blend(cd, HAS_2).add(cd.blend(ab, HAS_2).rearrange(OTHER_2));
            if (LENGTH > 8) {
                sums = sums.add(sums.rearrange(OTHER_8));
            }
            if (LENGTH > 4) {
                sums = sums.add(sums.rearrange(OTHER_4));
            }
            var exist = SPECIES.indexInRange(0, Math.min(4, count - i));
            if (add) {
                sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, to + 4L * i & ADDRESSES, ORDER, exist));
            }
            sums.intoMemorySegment(ALL, to + 4L * i & ADDRESSES, ORDER, exist);
        }
    }

    /**
     * Adds the sum of each vector's lanes to a float. The vectors are overwritten: two bits of a lane's number at a time through the first-level
     * cache. For all four in registers the compiler inlines too little.
     *
     * @param count   a multiple of eight
     * @param vectors their address
     * @param to      the address of {@code count} floats, with room for whole vectors
     */
    static void add(int count, long vectors, long to) {
        for (int i = 0; i < count / 4; i++) {
            crossFour(vectors, i, HAS_1, OTHER_1, HAS_2, OTHER_2);
        }
        for (int i = 0; LENGTH == 8 && i < count / 8; i++) {
            long from = vectors + 2L * i * BYTES;
            cross(FloatVector.fromMemorySegment(SPECIES, ALL, from, ORDER), FloatVector.fromMemorySegment(SPECIES, ALL, from + BYTES, ORDER), HAS_4,
                    OTHER_4).intoMemorySegment(ALL, vectors + (long) i * BYTES, ORDER);
        }
        for (int i = 0; LENGTH == 16 && i < Math.ceilDiv(count, 16); i++) {       // of the last, it may be, with vectors that are not there
            crossFour(vectors, i, HAS_4, OTHER_4, HAS_8, OTHER_8);
        }
        for (int i = 0; i < Math.ceilDiv(count, LENGTH); i++) {
            long at = to + (long) i * BYTES;
            FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER)
                    .add(FloatVector.fromMemorySegment(SPECIES, ALL, vectors + (long) i * BYTES, ORDER)).intoMemorySegment(ALL, at, ORDER);
        }
    }

    /** Adds four neighbours crosswise, by two bits, to one. */
    private static void crossFour(long vectors, int i, VectorMask<Float> hasBit, VectorShuffle<Float> other, VectorMask<Float> hasNext,
            VectorShuffle<Float> next) {
        long from = vectors + 4L * i * BYTES;
        FloatVector a = FloatVector.fromMemorySegment(SPECIES, ALL, from, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(SPECIES, ALL, from + BYTES, ORDER);
        FloatVector c = FloatVector.fromMemorySegment(SPECIES, ALL, from + 2 * BYTES, ORDER);
        FloatVector d = FloatVector.fromMemorySegment(SPECIES, ALL, from + 3 * BYTES, ORDER);
        cross(cross(a, b, hasBit, other), cross(c, d, hasBit, other), hasNext, next).intoMemorySegment(ALL, vectors + (long) i * BYTES, ORDER);
    }

    private static FloatVector cross(FloatVector a, FloatVector b, VectorMask<Float> hasBit, VectorShuffle<Float> other) {
        return a.blend(b, hasBit).add(b.blend(a, hasBit).rearrange(other));
    }
}
