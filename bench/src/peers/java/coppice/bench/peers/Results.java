package coppice.bench.peers;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.IntStream;

/** What one peer computed: of each quantity some named arrays, such as the gradient of each weight, in our layout. */
final class Results {

    /** What is compared, as the table calls it. */
    enum Quantity {
        OUTPUT(true),
        LOSS(true),
        GRADIENTS(false),
        RUNNING_MEANS(false),
        RUNNING_VARIANCES(false),
        LATER_LOSSES(false),
        /** Of weights over all steps. */
        CHANGES(false),
        /** Logits of an inference at the end. */
        INFERENCE(false);

        /** Whether no derivative is in it, so that a kink does not matter: ReLUs and maxima are continuous. */
        private final boolean continuous;

        Quantity(boolean continuous) {
            this.continuous = continuous;
        }

        boolean isContinuous() {
            return continuous;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    private final SequencedMap<Quantity, SequencedMap<String, double[]>> values = new LinkedHashMap<>();

    void note(Quantity quantity, String name, double... array) {
        if (values.computeIfAbsent(quantity, _ -> new LinkedHashMap<>()).put(name, array) != null) {
            throw new IllegalArgumentException(quantity + " of " + name + ": noted already");
        }
    }

    void note(Quantity quantity, String name, float[] array) {
        note(quantity, name, IntStream.range(0, array.length).mapToDouble(i -> array[i]).toArray());
    }

    SequencedMap<Quantity, SequencedMap<String, double[]>> values() {
        return values;
    }
}
