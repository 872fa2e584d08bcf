package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.INT;

import java.util.Arrays;

/**
 * Which values are largest in magnitude, found by counting instead of sorting: how many have each upper half of a magnitude's bits, which
 * tells that of the smallest value that may stay; and of the values which have it, how many have each lower half.
 */
final class SelectionKernels {

    /** Values below which a second thread does not pay. */
    private static final int GRAIN = 1 << 16;

    /** Of half a magnitude. */
    private static final int BITS = 16;
    private static final int BINS = 1 << BITS;

    private static final int MAGNITUDE = 0x7fff_ffff;
    private static final int INFINITY = 0x7f80_0000;

    private final Workers workers;

    SelectionKernels(Workers workers) {
        this.workers = workers;
    }

    /** The magnitude of the smallest value that may stay, and how many of just this magnitude go: those that stand first. */
    private static final class Threshold {

        private int magnitude;
        private int going;

        /** Of all values, of which none was looked at yet. */
        void start(int going) {
            magnitude = 0;
            this.going = going;
        }

        /** Nothing is below it, or everything. */
        void keepAll(boolean all) {
            magnitude = all ? 0 : Integer.MAX_VALUE;
            going = 0;
        }

        /** Finds the next bits. @param counts [parts, BINS], of the values which have the bits before, by their next ones; cleared */
        void narrow(int[] counts) {
            int bin = 0;
            for (int here = take(counts, bin); here <= going; here = take(counts, bin)) {
                going -= here;
                bin++;
            }
            Arrays.fill(counts, 0);
            magnitude = magnitude << BITS | bin;
        }

        private static int take(int[] counts, int bin) {
            int sum = 0;
            for (int at = bin; at < counts.length; at += BINS) {
                sum += counts[at];
            }
            return sum;
        }
    }

    /** @param y 1 for the {@code kept} of the {@code n} values that are largest in magnitude, 0 for the others, of equals those that stand first */
    void keepLargest(int kept, int n, long x, long y) {
        int parts = workers.parts(n, GRAIN);
        var threshold = new Threshold();
        int[] equals = new int[parts];
        if (kept == 0 || kept == n) {
            workers.run(() -> threshold.keepAll(kept == n));
        } else {
            int[] counts = new int[parts * BINS];
            workers.run(() -> threshold.start(n - kept));
            workers.run(parts, (part, all) -> countUpper(start(n, part, all), start(n, part + 1, all), x, counts, part * BINS));
            workers.run(() -> threshold.narrow(counts));
            workers.run(parts, (part, all) -> countLower(start(n, part, all), start(n, part + 1, all), x, threshold.magnitude, counts, part * BINS));
            workers.run(() -> threshold.narrow(counts));
        }
        workers.run(parts, (part, all) -> equals[part] = equals(start(n, part, all), start(n, part + 1, all), x, threshold.magnitude));
        workers.run(parts, (part, all) -> {
            int before = 0;
            for (int i = 0; i < part; i++) {
                before += equals[i];
            }
            mark(start(n, part, all), start(n, part + 1, all), x, threshold.magnitude, threshold.going - before, y);
        });
    }

    private static int start(int n, int part, int parts) {
        return Workers.start(n, 1, part, parts);
    }

    /** The bits of |x[i]|, which are in the order of magnitudes; of every NaN the same. */
    private static int magnitude(long x, int i) {
        int bits = ALL.get(INT, x + 4L * i) & MAGNITUDE;
        return Math.min(bits, INFINITY + 1);
    }

    private static void countUpper(int from, int to, long x, int[] counts, int first) {
        for (int i = from; i < to; i++) {
            counts[first + (magnitude(x, i) >> BITS)]++;
        }
    }

    private static void countLower(int from, int to, long x, int upper, int[] counts, int first) {
        for (int i = from; i < to; i++) {
            int magnitude = magnitude(x, i);
            if (magnitude >> BITS == upper) {
                counts[first + (magnitude & BINS - 1)]++;
            }
        }
    }

    private static int equals(int from, int to, long x, int threshold) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += magnitude(x, i) == threshold ? 1 : 0;
        }
        return count;
    }

    /** @param going how many equal to the threshold go, from the first on */
    private static void mark(int from, int to, long x, int threshold, int going, long y) {
        int left = going;
        for (int i = from; i < to; i++) {
            int magnitude = magnitude(x, i);
            boolean stays = magnitude > threshold || magnitude == threshold && --left < 0;
            Vectors.set(y + 4L * i, stays ? 1 : 0);
        }
    }
}
