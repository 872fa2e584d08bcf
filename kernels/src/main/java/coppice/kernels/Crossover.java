package coppice.kernels;

import coppice.engine.Crossovers;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Where a sparse kernel overtakes scattering the survivors to a dense weight and multiplying that: measured for each product when it
 * comes first, or by a few constants where nobody remembers what was measured. Either way the rule knows the density only, so that it
 * decides the same for every batch, any number of threads, and any mask.
 *
 * <p>The two ways agree within rounding for finite operands. An infinity or NaN in x or g meets zeros in the dense weight, and so
 * becomes NaN also in results that no surviving weight connects with it.
 */
public final class Crossover {

    /** Densities at which sparse kernels are timed; in between and beyond, their time is nearly a line through these. */
    private static final double LOW = 0.1;
    private static final double HIGH = 0.5;

    /** A sparse kernel must win by this much, so that noise seldom chooses one that loses. */
    private static final double MARGIN = 0.97;

    /** A time is better than another if it is by more than noise. */
    private static final double IMPROVEMENT = 0.97;

    /**
     * Nanoseconds without a better time after which the best ones are believed: of the first products of a kind, whose kernels are yet to
     * be compiled (the second may go other ways than the first: a classifier's few rows have tiles of their own), and of others, for which
     * parts of them may have to be compiled again.
     */
    private static final long FIRST_PATIENCE = 1_000_000_000;
    private static final long PATIENCE = 250_000_000;
    private static final int FIRST = 2;

    /** Rounds for which times have to be the best; one where it takes more nanoseconds than so many. */
    private static final int ROUNDS = 4;
    private static final long LONG_ROUND = 100_000_000;

    private final String backend;
    private final Constants constants;
    private final Crossovers remembered;
    private final Map<Key, Double> densities = new HashMap<>();
    /** How many products of each kind were measured. */
    private final Map<String, Integer> measured = new HashMap<>();

    /** The crossovers of a backend where nobody remembers what was measured. */
    public interface Constants {

        /** The density up to which a product is sparse. @param weight of two axes for a product of matrices, of four for a convolution */
        double upTo(Face face, Shape weight);
    }

    /**
     * The two ways of computing a product under a mask, on operands of its size.
     *
     * @param release gives the operands back when the ways were timed
     */
    public record Ways(Consumer<Mask> sparse, Consumer<Mask> dense, Runnable release) {}

    /**
     * The crossovers of a backend.
     *
     * @param backend    names what its times depend on, without commas: its kernels' revision, the vectors or the device
     * @param remembered null for the constants
     */
    public Crossover(String backend, Constants constants, Crossovers remembered) {
        this.backend = backend;
        this.constants = constants;
        this.remembered = remembered;
    }

    /** A product as far as it decides: of matrices, or of a window over images. @param window null for matrices */
    private record Key(Face face, Shape weight, Window window, int groups, int height, int width) {

        String name() {
            String matrices = kind() + " " + sizes();
            String images = " on %dx%d ".formatted(height, width) + (groups == 1 ? "" : "in " + groups + " groups ");
            return window == null ? matrices : matrices + images + axis(window.y()) + " " + axis(window.x());
        }

        /** What the same kernels compute. */
        String kind() {
            return (window == null ? "matmul " : "convolve ") + face.name().toLowerCase(Locale.ROOT);
        }

        private String sizes() {
            return weight.toString().replaceAll("[^0-9]+", " ").strip().replace(' ', 'x');
        }

        private static String axis(Window.Axis axis) {
            return "s%dp%dd%d".formatted(axis.stride(), axis.padding(), axis.dilation());
        }
    }

    /** Whether the sparse kernel is chosen for a face of a matrix product. @param ways made if they are to be timed */
    public boolean isSparse(Face face, Mask mask, Supplier<Ways> ways) {
        return mask.density() <= upTo(new Key(face, mask.shape(), null, 1, 0, 0), ways);
    }

    /** The same for a convolution. @param images the shape of x */
    public boolean isSparse(Face face, Mask mask, Window window, int groups, Shape images, Supplier<Ways> ways) {
        return mask.density() <= upTo(new Key(face, mask.shape(), window, groups, images.size(1), images.size(2)), ways);
    }

    private double upTo(Key key, Supplier<Ways> ways) {
        if (remembered == null) {
            return constants.upTo(key.face, key.weight);
        }
        Double known = densities.get(key);
        if (known == null) {
            known = remembered.upTo(backend + " " + key.name(),
                    () -> measure(key.weight, ways, measured.merge(key.kind(), 1, Integer::sum) <= FIRST ? FIRST_PATIENCE : PATIENCE));
            densities.put(key, known);
        }
        return known;
    }

    private static double measure(Shape weight, Supplier<Ways> ways, long patience) {
        Mask low = mask(weight, LOW);
        Mask high = mask(weight, HIGH);
        Ways both = ways.get();
        try {
            return crossing(() -> both.dense.accept(high), () -> both.sparse.accept(low), () -> both.sparse.accept(high), patience);
        } finally {
            both.release.run();
        }
    }

    /** At least one survivor. */
    private static Mask mask(Shape weight, double density) {
        Seed seed = Seed.of(1).in("crossover");
        return Mask.where(weight, position -> position == 0 || seed.uniform(position) < density);
    }

    private static double crossing(Runnable dense, Runnable low, Runnable high, long patience) {
        Runnable[] each = {dense, low, high};
        long[] best = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
        long improved = System.nanoTime();
        long round = 0;
        for (int rounds = 0; rounds < (round > LONG_ROUND ? 1 : ROUNDS) || System.nanoTime() - improved < patience; rounds++) {
            long start = System.nanoTime();
            for (int i = 0; i < each.length; i++) {
                long began = System.nanoTime();
                each[i].run();
                long end = System.nanoTime();
                if (end - began < IMPROVEMENT * best[i]) {
                    improved = end;
                    rounds = 0;
                }
                best[i] = Math.min(best[i], end - began);
            }
            round = System.nanoTime() - start;
        }
        return crossing(best[0], best[1], best[2]);
    }

    /**
     * The density, 0 to 1, up to which a sparse kernel takes a little less time than the dense one.
     *
     * @param low  the time of the sparse one at {@link #LOW}
     * @param high at {@link #HIGH}
     */
    static double crossing(double dense, double low, double high) {
        double slope = (high - low) / (HIGH - LOW);
        if (slope <= 0) {
            return high < MARGIN * dense ? 1 : 0;
        }
        return Math.clamp(LOW + (MARGIN * dense - low) / slope, 0, 1);
    }
}
