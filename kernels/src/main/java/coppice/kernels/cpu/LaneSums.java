package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Sums across the lanes of many vectors at once. Two vectors are added crosswise: in a lane whose number has some bit 0 stands then the sum of
 * two lanes of the one vector, which differ in this bit, and where it is 1 that of the other vector. So vectors halve in number bit by bit,
 * and lane i ends with the sum of vector i.
 */
final class LaneSums {

    static final VectorMask<Float> HAS_1 = VectorMask.fromLong(SPECIES, 0xAAAA);
    static final VectorMask<Float> HAS_2 = VectorMask.fromLong(SPECIES, 0xCCCC);
    private static final VectorMask<Float> HAS_4 = VectorMask.fromLong(SPECIES, 0xF0F0);
    private static final VectorMask<Float> HAS_8 = VectorMask.fromLong(SPECIES, 0xFF00);
    static final VectorShuffle<Float> OTHER_1 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 1);
    static final VectorShuffle<Float> OTHER_2 = VectorShuffle.fromOp(SPECIES, lane -> lane ^ 2);
    static final VectorShuffle<Float> OTHER_4 = VectorShuffle.fromOp(SPECIES, lane -> (lane ^ 4) % LENGTH);
    static final VectorShuffle<Float> OTHER_8 = VectorShuffle.fromOp(SPECIES, lane -> (lane ^ 8) % LENGTH);

    private static final VectorMask<Float> FIRST_8 = Vectors.first(8);

    private LaneSums() {}

    /**
     * Writes the sum of each vector's lanes, or adds it to what is there.
     *
     * @param vectors the address of {@code count} vectors; those up to the next multiple of four are read, too
     * @param to      the address of {@code count} floats
     */
    static void store(int count, long vectors, boolean add, long to) {
        for (int i = 0; i < count; i += 4) {
            long from = vectors + (long) i * BYTES;
            FloatVector ab = cross(Vectors.load(from), Vectors.load(from + BYTES), HAS_1, OTHER_1);
            FloatVector cd = cross(Vectors.load(from + 2 * BYTES), Vectors.load(from + 3 * BYTES), HAS_1, OTHER_1);
            FloatVector sums = cross(ab, cd, HAS_2, OTHER_2);
            if (LENGTH > 8) {
                sums = sums.add(sums.rearrange(OTHER_8));
            }
            if (LENGTH > 4) {
                sums = sums.add(sums.rearrange(OTHER_4));
            }
            var lanes = Vectors.first(Math.min(4, count - i));
            Vectors.store(to + 4L * i, add ? sums.add(Vectors.load(to + 4L * i, lanes)) : sums, lanes);
        }
    }

    /**
     * Adds the sum of each vector's lanes to a float. The vectors are overwritten: bit by bit through the first-level cache 24 of them take 45
     * ns, and 80 in registers, since the compiler inlines no more than a dozen of such sums.
     *
     * @param count   a multiple of eight
     * @param vectors their address
     * @param to      the address of {@code count} floats
     */
    static void add(int count, long vectors, long to) {
        for (int i = 0; i < count / 2; i++) {
            crossNeighbours(vectors, i, HAS_1, OTHER_1);
        }
        for (int i = 0; i < count / 4; i++) {
            crossNeighbours(vectors, i, HAS_2, OTHER_2);
        }
        if (LENGTH == 4) {
            addAll(count / 4, vectors, to);
            return;
        }
        for (int i = 0; i < count / 8; i++) {
            crossNeighbours(vectors, i, HAS_4, OTHER_4);
        }
        if (LENGTH == 8) {
            addAll(count / 8, vectors, to);
            return;
        }
        int i = 0;
        for (; i < count / 16; i++) {
            crossNeighbours(vectors, i, HAS_8, OTHER_8);
        }
        addAll(i, vectors, to);
        if (16 * i < count) {
            FloatVector sums = Vectors.load(vectors + 2L * i * BYTES);
            long at = to + (long) i * BYTES;
            Vectors.store(at, Vectors.load(at, FIRST_8).add(sums.add(sums.rearrange(OTHER_8))), FIRST_8);
        }
    }

    private static void crossNeighbours(long vectors, int i, VectorMask<Float> hasBit, VectorShuffle<Float> other) {
        long from = vectors + 2L * i * BYTES;
        Vectors.store(vectors + (long) i * BYTES, cross(Vectors.load(from), Vectors.load(from + BYTES), hasBit, other));
    }

    private static void addAll(int count, long vectors, long to) {
        for (int i = 0; i < count; i++) {
            long at = to + (long) i * BYTES;
            Vectors.store(at, Vectors.load(at).add(Vectors.load(vectors + (long) i * BYTES)));
        }
    }

    private static FloatVector cross(FloatVector a, FloatVector b, VectorMask<Float> hasBit, VectorShuffle<Float> other) {
        return a.blend(b, hasBit).add(b.blend(a, hasBit).rearrange(other));
    }
}
