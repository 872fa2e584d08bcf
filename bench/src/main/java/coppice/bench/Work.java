package coppice.bench;

/**
 * What a benchmark has to do at least, whatever its method.
 *
 * @param flops multiplications and additions, of surviving weights only
 * @param bytes of operands and results, each moved once
 */
public record Work(double flops, double bytes) {

    Work plus(Work other) {
        return new Work(flops + other.flops, bytes + other.bytes);
    }

    Work times(int count) {
        return new Work(count * flops, count * bytes);
    }
}
