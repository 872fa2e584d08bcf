package coppice.engine;

/**
 * Randomness named by path, never by call order: {@code Seed.of(7).in("init").in("fc1.weight").normal(42)} is the same number
 * whenever and on whichever machine it is asked for. A seed is a value; nothing in it advances, so a resumed run needs no
 * generator state, and initialisation, data order and probe vectors vary independently.
 *
 * <p>Element {@code i} of a path is the SplitMix64 output function (Steele, Lea and Flood, "Fast splittable pseudorandom
 * number generators", 2014) applied to a Weyl sequence that starts at the path's key, mixed once more with the key so that
 * two paths never walk the same sequence.
 */
public final class Seed {

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private final long key;

    private Seed(long key) {
        this.key = key;
    }

    public static Seed of(long root) {
        return new Seed(mix(root + GOLDEN));
    }

    /** The seed of a named branch of this one. */
    public Seed in(String name) {
        long branch = key;
        for (int i = 0; i < name.length(); i++) {
            branch = mix(branch ^ name.charAt(i));
        }
        return new Seed(mix(branch + name.length() * GOLDEN));
    }

    /** The seed of a numbered branch of this one: an epoch, a replicate, a level. */
    public Seed in(long number) {
        return new Seed(mix(mix(key ^ GOLDEN) + number * GOLDEN));
    }

    /** 64 random bits, element {@code index} of this path. */
    public long bits(long index) {
        return mix(mix(key + index * GOLDEN) ^ key);
    }

    /** Uniform in [0, 1), 53 bits. */
    public double uniform(long index) {
        return (bits(index) >>> 11) * 0x1p-53;
    }

    /** Uniform among 0 … bound − 1. The bias of the multiply-and-shift is below bound / 2⁶⁴. */
    public int below(long index, int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("seed: bound must be at least 1, got " + bound);
        }
        return (int) Math.unsignedMultiplyHigh(bits(index), bound);
    }

    /** Standard normal, by Box and Muller; {@link StrictMath} keeps it the same on every machine. */
    public double normal(long index) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform(2 * index)));
        return radius * StrictMath.cos(2 * StrictMath.PI * uniform(2 * index + 1));
    }

    /** A permutation of 0 … n − 1. */
    public int[] permutation(int n) {
        int[] order = new int[n];
        permutation(order);
        return order;
    }

    /** Fills an array with a permutation of its indices, by Fisher and Yates. */
    public void permutation(int[] order) {
        for (int i = 0; i < order.length; i++) {
            int j = below(i, i + 1);
            order[i] = order[j];
            order[j] = i;
        }
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public String toString() {
        return "seed " + Long.toHexString(key);
    }
}
