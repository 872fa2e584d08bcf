package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Sums across the lanes of many vectors at once. */
final class LaneSums {

    private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
    private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 2);
    private static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAA);
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(SPECIES, 0xCCCC);
    private static final VectorShuffle<Float> ROTATE_4 = VectorShuffle.fromOp(SPECIES, lane -> (lane + 4) % LENGTH);
    private static final VectorShuffle<Float> ROTATE_8 = VectorShuffle.fromOp(SPECIES, lane -> (lane + 8) % LENGTH);

    /** Vectors whose lanes are added crosswise: neighbours, then pairs, so that lane j of four ends with a part of vector j's sum. */
    private static final int GROUP = 4;

    private LaneSums() {}

    /**
     * Writes the sum of each vector's lanes, or adds it to what is there.
     *
     * @param vectors the address of {@code count} vectors; those up to the next multiple of four are read, too
     * @param to      the address of {@code count} floats
     */
    static void store(int count, long vectors, boolean add, long to) {
        for (int i = 0; i < count; i += GROUP) {
            long from = vectors + (long) i * BYTES;
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, ALL, from, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, ALL, from + BYTES, ORDER);
            FloatVector c = FloatVector.fromMemorySegment(SPECIES, ALL, from + 2 * BYTES, ORDER);
            FloatVector d = FloatVector.fromMemorySegment(SPECIES, ALL, from + 3 * BYTES, ORDER);
            FloatVector ab = a.blend(b.rearrange(SWAP_1), ODD).add(a.rearrange(SWAP_1).blend(b, ODD));
            FloatVector cd = c.blend(d.rearrange(SWAP_1), ODD).add(c.rearrange(SWAP_1).blend(d, ODD));
            FloatVector sums = ab.blend(cd.rearrange(SWAP_2), UPPER).add(ab.rearrange(SWAP_2).blend(cd, UPPER));
            if (LENGTH > 8) {
                sums = sums.add(sums.rearrange(ROTATE_8));
            }
            if (LENGTH > 4) {
                sums = sums.add(sums.rearrange(ROTATE_4));
            }
            var exist = SPECIES.indexInRange(0, Math.min(GROUP, count - i));
            if (add) {
                sums = sums.add(FloatVector.fromMemorySegment(SPECIES, ALL, to + 4L * i, ORDER, exist));
            }
            sums.intoMemorySegment(ALL, to + 4L * i, ORDER, exist);
        }
    }
}
