package coppice.bench.peers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How far a quantity of ours is from libtorch's double precision, and how far libtorch's single precision is.
 *
 * <p>Ours may be {@link #ROUNDINGS} times as far, since our sums are made in another order, and {@link #ALWAYS} beside: where theirs happens
 * to round to nothing, that is what a few roundings of 2⁻²⁴ make of a float. Derivatives behind kinks are another matter: of the 10⁶
 * ReLUs of a batch one may be so close to 0 that a rounding of 10⁻⁶ puts it on the other side. That changes a gradient by 10⁻³ at once,
 * that of a channel which is hardly ever positive by 10⁻², and then, step by step, all that follows; whether it happens is chance, in
 * theirs as in ours. So {@link #AFTER_KINKS} is allowed there, and {@link #WORST_AFTER_KINKS} for a single array. A mistake in a convention
 * is wrong by more, and seen in a layer by itself and in the networks without kinks, too.
 */
record Comparison(String subject, Results.Quantity quantity, boolean afterKinks, Error ours, Error single) {

    private static final double ROUNDINGS = 3;
    private static final double ALWAYS = 2e-6;

    private static final double AFTER_KINKS = 1e-2;
    private static final double WORST_AFTER_KINKS = 0.1;

    /** Below this part of the norm of all, a gradient is nothing but rounding: that of a bias before batch norm. */
    private static final double NOTHING = 1e-11;

    /**
     * Norms of differences over norms of what they should be.
     *
     * @param together of all arrays as one
     * @param worst    the largest of those of each array; arrays of {@link #NOTHING} are seen in {@code together} alone
     * @param where    the array of the worst
     */
    record Error(double together, double worst, String where) {

        static Error of(Map<String, double[]> got, Map<String, double[]> exact) {
            if (!got.keySet().equals(exact.keySet())) {
                throw new IllegalArgumentException("error: the same arrays must be compared, got " + got.keySet() + " and " + exact.keySet());
            }
            double norm = Math.sqrt(exact.values().stream().mapToDouble(Error::squares).sum());
            double differences = 0;
            double worst = 0;
            String where = "";
            for (String name : exact.keySet()) {
                double difference = squares(difference(name, got.get(name), exact.get(name)));
                double expected = Math.sqrt(squares(exact.get(name)));
                double error = relative(Math.sqrt(difference), expected);
                differences += difference;
                // Written so that a NaN is the worst.
                if (expected >= NOTHING * norm && !(error <= worst)) {
                    worst = error;
                    where = name;
                }
            }
            return new Error(relative(Math.sqrt(differences), norm), worst, where);
        }

        private static double relative(double difference, double norm) {
            return difference == 0 ? 0 : difference / norm;
        }

        private static double squares(double[] values) {
            double squares = 0;
            for (double value : values) {
                squares += value * value;
            }
            return squares;
        }

        private static double[] difference(String name, double[] got, double[] exact) {
            if (got.length != exact.length) {
                throw new IllegalArgumentException(name + ": must have " + exact.length + " values, got " + got.length);
            }
            double[] difference = new double[got.length];
            for (int i = 0; i < got.length; i++) {
                difference[i] = got[i] - exact[i];
            }
            return difference;
        }
    }

    /** One for each quantity. */
    static List<Comparison> of(Subject subject, Results ours, Results single, Results exact) {
        if (!ours.values().keySet().equals(exact.values().keySet())) {
            throw new IllegalArgumentException(subject.name() + ": the same quantities must be compared, got " + ours.values().keySet()
                    + " and " + exact.values().keySet());
        }
        var comparisons = new ArrayList<Comparison>();
        exact.values().forEach((quantity, values) -> comparisons.add(new Comparison(subject.name(), quantity,
                subject.hasKinks() && !quantity.isContinuous(),
                Error.of(ours.values().get(quantity), values), Error.of(single.values().get(quantity), values))));
        return comparisons;
    }

    double allowedTogether() {
        return afterKinks ? AFTER_KINKS : ROUNDINGS * single.together + ALWAYS;
    }

    double allowedWorst() {
        return afterKinks ? WORST_AFTER_KINKS : ROUNDINGS * single.worst + ALWAYS;
    }

    boolean isAgreement() {
        return ours.together <= allowedTogether() && ours.worst <= allowedWorst();
    }

    @Override
    public String toString() {
        return subject + ": " + quantity + " differ by " + ours.together + " of their norm, where " + allowedTogether() + " is allowed, and "
                + ours.where + " by " + ours.worst + ", where " + allowedWorst() + " is";
    }
}
