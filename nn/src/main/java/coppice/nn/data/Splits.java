package coppice.nn.data;

import coppice.engine.Seed;
import java.util.Arrays;

/**
 * What a run trains on, chooses by, and reports on. Early stopping and every choice between settings look at
 * {@code validation}; {@code test} is only reported.
 */
public record Splits(View train, View validation, View test) {

    /**
     * Takes {@code validation} images away from the training part, drawn without replacement by {@code seed}. Both views keep
     * the dataset's order.
     *
     * @param validation 0 to the number of training images − 1
     */
    public static Splits of(TrainAndTest data, int validation, Seed seed) {
        return of(data.train(), data.test(), validation, seed);
    }

    /** The same of two parts that need not be in memory. */
    public static Splits of(Images train, Images test, int validation, Seed seed) {
        int size = train.size();
        if (validation < 0 || validation >= size) {
            throw new IllegalArgumentException("splits of " + train.name() + ": validation must be 0 to " + (size - 1)
                    + " of its " + size + " images, got " + validation);
        }
        int[] drawn = seed.permutation(size);
        int[] held = Arrays.copyOf(drawn, validation);
        int[] rest = Arrays.copyOfRange(drawn, validation, size);
        Arrays.sort(held);
        Arrays.sort(rest);
        return new Splits(new View(train, rest), new View(train, held), View.all(test));
    }
}
