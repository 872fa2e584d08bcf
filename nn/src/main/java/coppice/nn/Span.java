package coppice.nn;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A length of training: {@code 160ep} epochs, {@code 500it} iterations, or both, {@code 2ep500it}.
 *
 * @param epochs     full passes over the training data
 * @param iterations further training steps
 */
public record Span(long epochs, long iterations) {

    private static final Pattern TEXT = Pattern.compile("(?:(\\d{1,12})ep)?(?:(\\d{1,12})it)?");

    public Span {
        if (epochs < 0 || iterations < 0) {
            throw new IllegalArgumentException("span: must not be negative, got " + epochs + "ep" + iterations + "it");
        }
    }

    public static Span parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new IllegalArgumentException("must be epochs, iterations or both, such as 160ep, 500it or 2ep500it, got \"" + text + "\"");
        }
        return new Span(count(matcher.group(1)), count(matcher.group(2)));
    }

    private static long count(String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    /** The number of training steps. */
    public long steps(long stepsPerEpoch) {
        return Math.addExact(Math.multiplyExact(epochs, stepsPerEpoch), iterations);
    }

    @Override
    public String toString() {
        return (epochs > 0 ? epochs + "ep" : "") + (iterations > 0 || epochs == 0 ? iterations + "it" : "");
    }
}
