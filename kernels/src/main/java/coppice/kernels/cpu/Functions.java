package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * exp, log, tanh and the logistic function in single precision, within 3 units in the last place, NaN and infinities as
 * {@link Math} has them. The Vector API's own come from one library when compiled and from another when interpreted, so their last
 * bit would depend on how long a program has run. Reductions and polynomials are those of Cephes (Moshier, 1989).
 *
 * <p>Each is one method that uses the Vector API directly: past some size the compiler inlines nothing else any more, and a vector that is
 * handed to a method becomes an object.
 */
final class Functions {

    private static final float LOG2_E = 1.44269504088896341f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /** 1.5 · 2²³: a float plus this is rounded to an integer, which stands in its lowest bits. */
    private static final float ROUND = 12582912f;
    private static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

    private static final int EXPONENT_AT = 23;
    private static final int EXPONENT_BIAS = 127;
    private static final int SIGNIFICAND = (1 << EXPONENT_AT) - 1;
    private static final float SQRT_2 = 1.41421356f;
    private static final int ONE_BITS = Float.floatToRawIntBits(1f);

    /** Beyond these exp is infinite or 0. */
    private static final float EXP_HIGHEST = 90;
    private static final float EXP_LOWEST = -105;

    /** Below this tanh is a polynomial, from here on a quotient. */
    private static final float TANH_SMALL = 0.625f;

    private Functions() {}

    static FloatVector exp(FloatVector exponent) {
        FloatVector x = exponent.min(EXP_HIGHEST).max(EXP_LOWEST);
        FloatVector rounded = x.fma(FloatVector.broadcast(SPECIES, LOG2_E), FloatVector.broadcast(SPECIES, ROUND));
        FloatVector n = rounded.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -LN2_HIGH), x);
        r = n.fma(FloatVector.broadcast(SPECIES, -LN2_LOW), r);
        FloatVector p = r.fma(FloatVector.broadcast(SPECIES, 1.9875691500e-4f), FloatVector.broadcast(SPECIES, 1.3981999507e-3f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 8.3334519073e-3f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 4.1665795894e-2f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 1.6666665459e-1f));
        p = p.fma(r, FloatVector.broadcast(SPECIES, 5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1);
        // In two factors: 2ⁿ alone overflows at the upper end and is no normal number at the lower.
        IntVector power = rounded.reinterpretAsInts().sub(ROUND_BITS);
        IntVector half = power.lanewise(VectorOperators.ASHR, 1);
        IntVector other = power.sub(half);
        return p.mul(half.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, EXPONENT_AT).reinterpretAsFloats())
                .mul(other.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, EXPONENT_AT).reinterpretAsFloats());
    }

    static FloatVector log(FloatVector x) {
        var subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        IntVector bits = x.blend(x.mul(1 << EXPONENT_AT), subnormal).reinterpretAsInts();
        FloatVector m = bits.and(SIGNIFICAND).or(ONE_BITS).reinterpretAsFloats();
        FloatVector e = bits.lanewise(VectorOperators.LSHR, EXPONENT_AT).sub(EXPONENT_BIAS).add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
        e = e.blend(e.sub(EXPONENT_AT), subnormal);
        var high = m.compare(VectorOperators.GT, SQRT_2);
        m = m.blend(m.mul(0.5f), high);
        e = e.blend(e.add(1), high);
        FloatVector f = m.sub(1);                                     // log(1 + f) + e · log 2, for 1 + f between √½ and √2
        FloatVector z = f.mul(f);
        FloatVector p = f.fma(FloatVector.broadcast(SPECIES, 7.0376836292e-2f), FloatVector.broadcast(SPECIES, -1.1514610310e-1f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 1.1676998740e-1f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, -1.2420140846e-1f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 1.4249322787e-1f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, -1.6668057665e-1f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 2.0000714765e-1f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, -2.4999993993e-1f));
        p = p.fma(f, FloatVector.broadcast(SPECIES, 3.3333331174e-1f));
        p = p.mul(f).mul(z);
        p = e.fma(FloatVector.broadcast(SPECIES, LN2_LOW), p);
        p = z.fma(FloatVector.broadcast(SPECIES, -0.5f), p);
        FloatVector y = e.fma(FloatVector.broadcast(SPECIES, LN2_HIGH), f.add(p));
        y = y.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
        return y.blend(Float.NaN, x.compare(VectorOperators.GE, 0).not());
    }

    /** The logarithms of a vector in memory take its place. */
    static void log(long at) {
        log(FloatVector.fromMemorySegment(SPECIES, ALL, at, ORDER)).intoMemorySegment(ALL, at, ORDER);
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector size = x.abs();
        return tanhLarge(x, size).blend(tanhSmall(x), size.compare(VectorOperators.LT, TANH_SMALL));
    }

    private static FloatVector tanhLarge(FloatVector x, FloatVector size) {
        FloatVector large = FloatVector.broadcast(SPECIES, 1).sub(FloatVector.broadcast(SPECIES, 2).div(exp(size.add(size)).add(1)));
        return large.blend(large.neg(), x.compare(VectorOperators.LT, 0));
    }

    private static FloatVector tanhSmall(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = z.fma(FloatVector.broadcast(SPECIES, -5.70498872745e-3f), FloatVector.broadcast(SPECIES, 2.06390887954e-2f));
        p = p.fma(z, FloatVector.broadcast(SPECIES, -5.37397155531e-2f));
        p = p.fma(z, FloatVector.broadcast(SPECIES, 1.33314422036e-1f));
        p = p.fma(z, FloatVector.broadcast(SPECIES, -3.33332819422e-1f));
        return p.mul(z).fma(x, x);
    }

    /** 1 / (1 + exp(−x)), by the exponential that does not overflow. */
    static FloatVector sigmoid(FloatVector x) {
        FloatVector power = exp(x.abs().neg());
        FloatVector right = FloatVector.broadcast(SPECIES, 1).div(power.add(1));
        return right.blend(right.mul(power), x.compare(VectorOperators.LT, 0));
    }
}
