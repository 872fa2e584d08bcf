package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.nn.Parameter.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class InitialiserTest {

    private static final Seed SEED = Seed.of(11);
    /** 120,000 values: their variance is within 2 % of the distribution's, five standard errors of a normal one. */
    private static final Parameter WEIGHT = new Parameter("fc1.weight", Shape.of(300, 400), Role.WEIGHT);
    private static final Parameter CONVOLUTION = new Parameter("conv1.weight", Shape.of(64, 32, 3, 3), Role.WEIGHT);
    private static final double TOLERANCE = 0.03;

    @ParameterizedTest
    @EnumSource
    void hasMeanZeroAndTheVarianceOfItsPaper(Initialiser initialiser) {
        assertVariance(initialiser, WEIGHT, switch (initialiser) {
            case GLOROT_NORMAL, GLOROT_UNIFORM -> 2.0 / (400 + 300);
            case KAIMING_NORMAL, KAIMING_UNIFORM -> 2.0 / 400;
        });
        assertVariance(initialiser, CONVOLUTION, switch (initialiser) {
            case GLOROT_NORMAL, GLOROT_UNIFORM -> 2.0 / (32 * 9 + 64 * 9);
            case KAIMING_NORMAL, KAIMING_UNIFORM -> 2.0 / (32 * 9);
        });
    }

    private static void assertVariance(Initialiser initialiser, Parameter parameter, double expected) {
        float[] values = initialiser.values(parameter, SEED);
        double sum = 0;
        double squares = 0;
        for (float value : values) {
            sum += value;
            squares += (double) value * value;
        }
        assertEquals(parameter.shape().size(), values.length);
        assertEquals(expected, squares / values.length, TOLERANCE * expected);
        assertEquals(0, sum / values.length, 5 * Math.sqrt(expected / values.length));
    }

    @Test
    void uniformKeepsWithinItsBoundAndReachesIt() {
        assertBound(Initialiser.GLOROT_UNIFORM, Math.sqrt(6.0 / 700));
        assertBound(Initialiser.KAIMING_UNIFORM, Math.sqrt(6.0 / 400));
    }

    private static void assertBound(Initialiser initialiser, double bound) {
        double largest = 0;
        for (float value : initialiser.values(WEIGHT, SEED)) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertTrue(largest <= (float) bound && largest > 0.999 * bound, initialiser + " reaches " + largest + " of " + bound);
    }

    @ParameterizedTest
    @EnumSource
    void biasesStartAtZero(Initialiser initialiser) {
        assertArrayEquals(new float[300], initialiser.values(new Parameter("fc1.bias", Shape.of(300), Role.BIAS), SEED));
    }

    @Test
    void dependsOnNameAndSeedAlone() {
        var twin = new Parameter("fc1.weight", Shape.of(300, 400), Role.WEIGHT);
        assertArrayEquals(Initialiser.GLOROT_NORMAL.values(WEIGHT, SEED), Initialiser.GLOROT_NORMAL.values(twin, SEED));
        var other = new Parameter("fc2.weight", Shape.of(300, 400), Role.WEIGHT);
        assertEquals(0, correlation(Initialiser.GLOROT_NORMAL.values(WEIGHT, SEED), Initialiser.GLOROT_NORMAL.values(other, SEED)), 0.015);
        assertEquals(0, correlation(Initialiser.GLOROT_NORMAL.values(WEIGHT, SEED),
                Initialiser.GLOROT_NORMAL.values(WEIGHT, Seed.of(12))), 0.015);
    }

    private static double correlation(float[] a, float[] b) {
        double product = 0;
        double ofA = 0;
        double ofB = 0;
        for (int i = 0; i < a.length; i++) {
            product += (double) a[i] * b[i];
            ofA += (double) a[i] * a[i];
            ofB += (double) b[i] * b[i];
        }
        return product / Math.sqrt(ofA * ofB);
    }
}
