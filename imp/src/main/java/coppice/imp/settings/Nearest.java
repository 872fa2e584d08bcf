package coppice.imp.settings;

import java.util.Collection;
import java.util.Comparator;

/** Finds what somebody who misspelt a name may have meant. */
final class Nearest {

    private Nearest() {}

    /** {@code ; did you mean "x"?}, or nothing where no candidate is near. */
    static String hint(String given, Collection<String> candidates) {
        return candidates.stream()
                .min(Comparator.comparingInt(candidate -> distance(given, candidate)))
                .filter(candidate -> distance(given, candidate) <= 2 + given.length() / 4)
                .map(candidate -> "; did you mean \"" + candidate + "\"?")
                .orElse("");
    }

    /** Edits from one to the other; of keys, also one for a group that is wrong or missing, and those of the last name alone. */
    private static int distance(String given, String candidate) {
        String name = given.substring(given.lastIndexOf('.') + 1);
        int ofName = edits(name, candidate.substring(candidate.lastIndexOf('.') + 1));
        return Math.min(edits(given, candidate), ofName <= 1 + name.length() / 4 ? ofName + 1 : Integer.MAX_VALUE);
    }

    /** Insertions, deletions and substitutions (Levenshtein). */
    private static int edits(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substituted, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
