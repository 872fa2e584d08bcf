package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;
import static coppice.kernels.cpu.Vectors.get;
import static coppice.kernels.cpu.Vectors.set;

import coppice.engine.Mask;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Moves between the survivors of a mask and a dense tensor: the plain loops, and, where vectors have 16 lanes, a whole vector of
 * positions at a time by the processor's expand and compress. For [300, 784] at 50 % on one thread that takes about 50 µs instead
 * of 150. Not every processor with narrower vectors has such
 * instructions; those keep the plain loops.
 */
final class MaskKernels {

    /** Positions below which a second thread does not pay. */
    private static final int GRAIN = 16384;

    private static final boolean WIDE = LENGTH == 16;
    private static final long ALL_LANES = 0xFFFF;

    private final Workers workers;

    MaskKernels(Workers workers) {
        this.workers = workers;
    }

    /** dense = the values at their positions, 0 elsewhere. */
    void scatter(Mask mask, long values, long dense) {
        forWords(mask, WIDE
                ? (from, to, first, last) -> scatterWide(mask, from, to, first, last, values, dense)
                : (from, to, first, last) -> scatterPlain(mask, from, to, first, last, values, dense));
    }

    /** values = the dense tensor at the mask's positions. */
    void gather(Mask mask, long dense, long values) {
        forWords(mask, WIDE
                ? (from, to, first, last) -> gatherWide(mask, from, to, first, last, dense, values)
                : (from, to, first, last) -> gatherPlain(mask, first, last, dense, values));
    }

    /** Words {@code from … to − 1} of a mask's bits, which hold its survivors {@code first … last − 1}. */
    private interface Words {
        void run(int from, int to, int first, int last);
    }

    private void forWords(Mask mask, Words words) {
        int count = mask.bits().length;
        workers.run(workers.parts(mask.shape().size(), GRAIN), (part, parts) -> {
            int from = Workers.start(count, 1, part, parts);
            int to = Workers.start(count, 1, part + 1, parts);
            words.run(from, to, mask.survivorsBefore(64 * from), mask.survivorsBefore(64 * to));
        });
    }

    private static void scatterPlain(Mask mask, int from, int to, int first, int last, long values, long dense) {
        int end = Math.min(64 * to, mask.shape().size());
        ElementwiseKernels.fillRange(end - 64 * from, 0, dense + 4L * 64 * from);
        for (int i = first; i < last; i++) {
            set(dense + 4L * mask.position(i), get(values + 4L * i));
        }
    }

    private static void gatherPlain(Mask mask, int first, int last, long dense, long values) {
        for (int i = first; i < last; i++) {
            set(values + 4L * i, get(dense + 4L * mask.position(i)));
        }
    }

    /** The words whose reads could go past the last value are left to the plain loop; so are the last ones in gathering. */
    private static void scatterWide(Mask mask, int from, int to, int first, int last, long values, long dense) {
        long[] bits = mask.bits();
        int next = first;
        int word = from;
        for (; word < to && next <= mask.count() - 64 && 64 * (word + 1) <= mask.shape().size(); word++) {
            long rest = bits[word];
            for (int position = 64 * word; position < 64 * (word + 1); position += LENGTH, rest >>>= LENGTH) {
                VectorMask<Float> lanes = VectorMask.fromLong(SPECIES, rest & ALL_LANES);
                FloatVector survivors = FloatVector.fromMemorySegment(SPECIES, ALL, values + 4L * next, ORDER);
                survivors.expand(lanes).intoMemorySegment(ALL, dense + 4L * position, ORDER);
                next += Long.bitCount(rest & ALL_LANES);
            }
        }
        if (word < to) {
            scatterPlain(mask, word, to, next, last, values, dense);
        }
    }

    /** What a vector stores beyond its survivors, the next one overwrites. */
    private static void gatherWide(Mask mask, int from, int to, int first, int last, long dense, long values) {
        long[] bits = mask.bits();
        int next = first;
        for (int word = from; word < to && next <= last - 64 && 64 * (word + 1) <= mask.shape().size(); word++) {
            long rest = bits[word];
            for (int position = 64 * word; position < 64 * (word + 1); position += LENGTH, rest >>>= LENGTH) {
                VectorMask<Float> lanes = VectorMask.fromLong(SPECIES, rest & ALL_LANES);
                FloatVector full = FloatVector.fromMemorySegment(SPECIES, ALL, dense + 4L * position, ORDER);
                full.compress(lanes).intoMemorySegment(ALL, values + 4L * next, ORDER);
                next += Long.bitCount(rest & ALL_LANES);
            }
        }
        gatherPlain(mask, next, last, dense, values);
    }
}
