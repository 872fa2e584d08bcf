package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Golden values, which pin every run ever recorded, and rough statistics. The golden values were computed by this Python,
 * independently of the class:
 *
 * <pre>
 * M = 2**64 - 1; G = 0x9E3779B97F4A7C15
 * def mix(z):
 *     z = ((z ^ (z &gt;&gt; 30)) * 0xBF58476D1CE4E5B9) &amp; M
 *     z = ((z ^ (z &gt;&gt; 27)) * 0x94D049BB133111EB) &amp; M
 *     return z ^ (z &gt;&gt; 31)
 * def root(n): return mix((n + G) &amp; M)
 * def name(k, s):
 *     b = k
 *     for c in s: b = mix(b ^ ord(c))
 *     return mix((b + len(s) * G) &amp; M)
 * def number(k, n): return mix((mix(k ^ G) + n * G) &amp; M)
 * def bits(k, i): return mix(mix((k + i * G) &amp; M) ^ k)
 * def uniform(k, i): return (bits(k, i) &gt;&gt; 11) * 2.0**-53
 * def normal(k, i): return sqrt(-2 * log(1 - uniform(k, 2 * i))) * cos(2 * pi * uniform(k, 2 * i + 1))
 * def below(k, i, bound): return (bits(k, i) * bound) &gt;&gt; 64
 * </pre>
 */
final class SeedTest {

    private static final Seed WEIGHT = Seed.of(7).in("init").in("fc1.weight");
    private static final Seed ORDER = Seed.of(7).in("order").in(3);
    private static final int MANY = 100_000;

    @Test
    void bitsAreTheSameForEver() {
        assertEquals(0xbfbfc56e94871ed2L, WEIGHT.bits(0));
        assertEquals(0xa8b09babbb4aea33L, WEIGHT.bits(1));
        assertEquals(0x8ed7cab03b1446efL, WEIGHT.bits(1L << 40));
        assertEquals(0x9b5d0de0dd780554L, ORDER.bits(0));
        assertEquals(0xa68939ef48e89e5fL, ORDER.bits(1));
        assertEquals(0x169508dd7a3b43afL, Seed.of(-1).bits(5));
    }

    @Test
    void whatIsMadeOfBitsIsTheSameForEver() {
        assertEquals(0.7490199465724142, WEIGHT.uniform(0));
        assertEquals(0.6589448255793219, WEIGHT.uniform(1));
        assertEquals(-0.9002382941681704, WEIGHT.normal(0), 1e-15);
        assertEquals(0.11320090170492997, WEIGHT.normal(1), 1e-15);
        assertEquals(-1.8409270618331826, WEIGHT.normal(42), 1e-15);
        assertArrayEquals(new int[] {6, 6, 4, 7, 5, 3, 1, 4, 8, 2}, IntStream.range(0, 10).map(i -> ORDER.below(i, 10)).toArray());
        assertArrayEquals(new int[] {6, 2, 9, 7, 1, 4, 0, 8, 3, 5}, ORDER.permutation(10));
    }

    @Test
    void onlyThePathMatters() {
        Seed other = Seed.of(7).in("init");
        other.in("fc2.weight").normal(3);
        other.in("fc1.weight").bits(9);
        assertEquals(WEIGHT.normal(42), other.in("fc1.weight").normal(42));
        assertEquals(WEIGHT.toString(), other.in("fc1.weight").toString());
    }

    @Test
    void everyPathIsAnother() {
        Seed root = Seed.of(7);
        List<Seed> paths = List.of(root, Seed.of(8), Seed.of(0), root.in(""), root.in(0), root.in(1), root.in("1"), root.in("a"), root.in("b"),
                root.in("ab"), root.in("ba"), root.in("a").in("b"), root.in("b").in("a"), root.in("a").in(1), root.in(1).in("a"),
                root.in("a").in(""), root.in(-1), root.in(1).in(2), root.in(2).in(1), root.in(12), root.in("12"));
        var seen = new HashSet<Long>();
        for (Seed path : paths) {
            for (int i = 0; i < 1000; i++) {
                assertTrue(seen.add(path.bits(i)), "an element twice");
            }
        }
    }

    /** Neighbours in a path, and the same elements of neighbouring paths: |r| < 5/√n for independent ones. */
    @Test
    void neighboursAreIndependent() {
        double bound = 5 / Math.sqrt(MANY);
        assertEquals(0, correlation(WEIGHT::uniform, i -> WEIGHT.uniform(i + 1)), bound);
        assertEquals(0, correlation(i -> Seed.of(i).uniform(0), i -> Seed.of(i + 1).uniform(0)), bound);
        assertEquals(0, correlation(i -> ORDER.in(i).uniform(0), i -> ORDER.in(i + 1).uniform(0)), bound);
        assertEquals(0, correlation(ORDER.in(0)::uniform, ORDER.in(1)::uniform), bound);
        assertEquals(0, correlation(ORDER.in("a")::uniform, ORDER.in("b")::uniform), bound);
        assertEquals(0, correlation(WEIGHT::normal, i -> WEIGHT.normal(i + 1)), bound);
    }

    private static double correlation(IntToDoubleFunction a, IntToDoubleFunction b) {
        double[] x = IntStream.range(0, MANY).mapToDouble(a).toArray();
        double[] y = IntStream.range(0, MANY).mapToDouble(b).toArray();
        double xMean = Arrays.stream(x).average().orElseThrow();
        double yMean = Arrays.stream(y).average().orElseThrow();
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (int i = 0; i < MANY; i++) {
            xx += (x[i] - xMean) * (x[i] - xMean);
            yy += (y[i] - yMean) * (y[i] - yMean);
            xy += (x[i] - xMean) * (y[i] - yMean);
        }
        return xy / Math.sqrt(xx * yy);
    }

    @Test
    void everyBitIsSetHalfOfTheTime() {
        for (int bit = 0; bit < 64; bit++) {
            int at = bit;
            long set = LongStream.range(0, MANY).map(i -> WEIGHT.bits(i) >>> at & 1).sum();
            assertEquals(MANY / 2.0, set, 5 * Math.sqrt(MANY) / 2, "bit " + bit);
        }
    }

    @Test
    void uniformsFillTheirRangeEvenly() {
        double[] values = IntStream.range(0, MANY).mapToDouble(WEIGHT::uniform).toArray();
        assertTrue(Arrays.stream(values).allMatch(value -> value >= 0 && value < 1));
        assertEquals(0.5, moment(values, 0, 1), 5 * Math.sqrt(1 / 12.0 / MANY));
        assertEquals(1 / 12.0, moment(values, 0.5, 2), 5 * Math.sqrt(1 / 180.0 / MANY));
        assertEven(IntStream.range(0, MANY).map(i -> (int) (values[i] * 64)).toArray(), 64);
    }

    @Test
    void boundedNumbersAreEven() {
        assertEven(IntStream.range(0, MANY).map(i -> WEIGHT.below(i, 7)).toArray(), 7);
        assertTrue(IntStream.range(0, 1000).allMatch(i -> WEIGHT.below(i, 1) == 0));
        assertTrue(IntStream.range(0, 1000).map(i -> WEIGHT.below(i, Integer.MAX_VALUE)).allMatch(value -> value >= 0));
        assertEquals("seed: bound must be at least 1, got 0",
                assertThrows(IllegalArgumentException.class, () -> WEIGHT.below(0, 0)).getMessage());
    }

    /** The moments of a standard normal are 0, 1, 0, 3; the variance of a sample's k-th moment is (E z²ᵏ − (E zᵏ)²) / n. */
    @Test
    void normalsAreNormal() {
        double[] values = IntStream.range(0, MANY).mapToDouble(WEIGHT::normal).toArray();
        assertEquals(0, moment(values, 0, 1), 5 * Math.sqrt(1.0 / MANY));
        assertEquals(1, moment(values, 0, 2), 5 * Math.sqrt(2.0 / MANY));
        assertEquals(0, moment(values, 0, 3), 5 * Math.sqrt(15.0 / MANY));
        assertEquals(3, moment(values, 0, 4), 5 * Math.sqrt(96.0 / MANY));
        assertEquals(0.6827, Arrays.stream(values).filter(value -> Math.abs(value) < 1).count() / (double) MANY, 0.0075);
        assertEquals(0.0027, Arrays.stream(values).filter(value -> Math.abs(value) > 3).count() / (double) MANY, 0.0009);
    }

    @Test
    void aPermutationHoldsEachNumberOnce() {
        for (int n : new int[] {0, 1, 2, 13, 60_000}) {
            int[] order = ORDER.permutation(n);
            assertArrayEquals(IntStream.range(0, n).toArray(), Arrays.stream(order).sorted().toArray());
            assertArrayEquals(order, ORDER.permutation(n));
        }
    }

    @Test
    void everyPermutationIsAsLikely() {
        assertEven(IntStream.range(0, MANY).map(i -> {
            int[] order = ORDER.in(i).permutation(4);
            return ((order[0] * 4 + order[1]) * 4 + order[2]) * 4 + order[3];
        }).toArray(), 24);
    }

    private static double moment(double[] values, double centre, int power) {
        return Arrays.stream(values).map(value -> Math.pow(value - centre, power)).average().orElseThrow();
    }

    /** Each kind of outcome within five standard deviations of an equal share. */
    private static void assertEven(int[] outcomes, int kinds) {
        int[] sorted = outcomes.clone();
        Arrays.sort(sorted);
        double share = (double) sorted.length / kinds;
        int seen = 0;
        for (int from = 0, to; from < sorted.length; from = to) {
            for (to = from; to < sorted.length && sorted[to] == sorted[from]; to++) { }
            assertEquals(share, to - from, 5 * Math.sqrt(share), "outcome " + sorted[from]);
            seen++;
        }
        assertEquals(kinds, seen);
    }
}
