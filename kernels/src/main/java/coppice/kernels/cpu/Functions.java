package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.broadcast;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * exp, log, tanh and the logistic function in single precision, within 3 units in the last place, NaN and infinities as
 * {@link Math} has them. The Vector API's own come from one library when compiled and from another when interpreted, so their last
 * bit would depend on how long a program has run. Reductions and polynomials are those of Cephes (Moshier, 1989).
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
    private static final int ONE_BITS = Float.floatToRawIntBits(1f);

    /** Beyond these exp is infinite or 0. */
    private static final float EXP_HIGHEST = 90;
    private static final float EXP_LOWEST = -105;

    /** Below this tanh is a polynomial, from here on a quotient. */
    private static final float TANH_SMALL = 0.625f;

    private Functions() {}

    static FloatVector exp(FloatVector exponent) {
        FloatVector x = exponent.min(EXP_HIGHEST).max(EXP_LOWEST);
        FloatVector rounded = x.fma(broadcast(LOG2_E), broadcast(ROUND));
        FloatVector n = rounded.sub(ROUND);
        FloatVector r = n.fma(broadcast(-LN2_HIGH), x);
        r = n.fma(broadcast(-LN2_LOW), r);
        FloatVector p = r.fma(broadcast(1.9875691500e-4f), broadcast(1.3981999507e-3f));
        p = p.fma(r, broadcast(8.3334519073e-3f));
        p = p.fma(r, broadcast(4.1665795894e-2f));
        p = p.fma(r, broadcast(1.6666665459e-1f));
        p = p.fma(r, broadcast(5.0000001201e-1f));
        p = p.fma(r.mul(r), r).add(1);
        // In two factors: 2ⁿ alone overflows at the upper end and is no normal number at the lower.
        IntVector power = rounded.reinterpretAsInts().sub(ROUND_BITS);
        IntVector half = power.lanewise(VectorOperators.ASHR, 1);
        return p.mul(powerOfTwo(half)).mul(powerOfTwo(power.sub(half)));
    }

    private static FloatVector powerOfTwo(IntVector n) {
        return n.add(EXPONENT_BIAS).lanewise(VectorOperators.LSHL, EXPONENT_AT).reinterpretAsFloats();
    }

    static FloatVector log(FloatVector x) {
        var subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        IntVector bits = x.blend(x.mul(1 << EXPONENT_AT), subnormal).reinterpretAsInts();
        FloatVector m = bits.and(SIGNIFICAND).or(ONE_BITS).reinterpretAsFloats();
        FloatVector e = (FloatVector) bits.lanewise(VectorOperators.LSHR, EXPONENT_AT).sub(EXPONENT_BIAS)
                .convert(VectorOperators.I2F, 0);
        e = e.blend(e.sub(EXPONENT_AT), subnormal);
        var high = m.compare(VectorOperators.GT, 1.41421356f);
        m = m.blend(m.mul(0.5f), high);
        e = e.blend(e.add(1), high);
        FloatVector y = logNearOne(m.sub(1), e);
        y = y.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
        y = y.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
        return y.blend(Float.NaN, x.compare(VectorOperators.GE, 0).not());
    }

    /** log(1 + f) + e · log 2, for 1 + f between √½ and √2. */
    private static FloatVector logNearOne(FloatVector f, FloatVector e) {
        FloatVector z = f.mul(f);
        FloatVector p = f.fma(broadcast(7.0376836292e-2f), broadcast(-1.1514610310e-1f));
        p = p.fma(f, broadcast(1.1676998740e-1f));
        p = p.fma(f, broadcast(-1.2420140846e-1f));
        p = p.fma(f, broadcast(1.4249322787e-1f));
        p = p.fma(f, broadcast(-1.6668057665e-1f));
        p = p.fma(f, broadcast(2.0000714765e-1f));
        p = p.fma(f, broadcast(-2.4999993993e-1f));
        p = p.fma(f, broadcast(3.3333331174e-1f));
        p = p.mul(f).mul(z);
        p = e.fma(broadcast(LN2_LOW), p);
        p = z.fma(broadcast(-0.5f), p);
        return e.fma(broadcast(LN2_HIGH), f.add(p));
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector size = x.abs();
        return tanhLarge(x, size).blend(tanhSmall(x), size.compare(VectorOperators.LT, TANH_SMALL));
    }

    private static FloatVector tanhLarge(FloatVector x, FloatVector size) {
        FloatVector large = broadcast(1).sub(broadcast(2).div(exp(size.add(size)).add(1)));
        return large.blend(large.neg(), x.compare(VectorOperators.LT, 0));
    }

    private static FloatVector tanhSmall(FloatVector x) {
        FloatVector z = x.mul(x);
        FloatVector p = z.fma(broadcast(-5.70498872745e-3f), broadcast(2.06390887954e-2f));
        p = p.fma(z, broadcast(-5.37397155531e-2f));
        p = p.fma(z, broadcast(1.33314422036e-1f));
        p = p.fma(z, broadcast(-3.33332819422e-1f));
        return p.mul(z).fma(x, x);
    }

    /** 1 / (1 + exp(−x)), by the exponential that does not overflow. */
    static FloatVector sigmoid(FloatVector x) {
        FloatVector power = exp(x.abs().neg());
        FloatVector right = broadcast(1).div(power.add(1));
        return right.blend(right.mul(power), x.compare(VectorOperators.LT, 0));
    }
}
