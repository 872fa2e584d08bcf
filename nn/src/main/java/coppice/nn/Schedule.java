package coppice.nn;

import java.util.List;

/**
 * The learning rate of each training step: a linear warm-up from 0, then a shape.
 *
 * @param rate   the learning rate after the warm-up
 * @param warmup how long it takes to get there; step i of n has rate · i / n
 * @param shape  a factor on top of that; milestones and the cosine count from step 0, warm-up included
 */
public record Schedule(double rate, Span warmup, Shape shape) {

    /** How the rate goes on, as a factor. */
    public sealed interface Shape {

        /** Always 1. */
        record Constant() implements Shape {}

        /** Multiplied by {@code factor} at each milestone. */
        record Milestones(List<Span> at, double factor) implements Shape {

            public Milestones {
                at = List.copyOf(at);
                if (!(factor > 0 && factor <= 1)) {
                    throw new IllegalArgumentException("factor: must be above 0 and at most 1, got " + factor);
                }
            }
        }

        /** Half a cosine from 1 at the start to 0 at the end (Loshchilov and Hutter, "SGDR", 2017, equation 5 without restarts). */
        record Cosine(Span end) implements Shape {}
    }

    public Schedule {
        if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learning-rate: must be above 0 and finite, got " + rate);
        }
    }

    /** @param iteration steps taken before this one, from 0 */
    public double rate(long iteration, long stepsPerEpoch) {
        long warm = warmup.steps(stepsPerEpoch);
        double warming = iteration < warm ? (double) iteration / warm : 1;
        return rate * warming * switch (shape) {
            case Shape.Constant() -> 1;
            case Shape.Milestones(var at, var factor) -> {
                long passed = at.stream().filter(milestone -> milestone.steps(stepsPerEpoch) <= iteration).count();
                yield Math.pow(factor, passed);
            }
            case Shape.Cosine(var end) -> {
                double progress = Math.min(1, (double) iteration / end.steps(stepsPerEpoch));
                yield (1 + Math.cos(Math.PI * progress)) / 2;
            }
        };
    }
}
