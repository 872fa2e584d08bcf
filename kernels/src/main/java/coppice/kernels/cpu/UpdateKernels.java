package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;
import static coppice.kernels.cpu.Vectors.broadcast;
import static coppice.kernels.cpu.Vectors.load;
import static coppice.kernels.cpu.Vectors.store;

import coppice.engine.Backend;
import coppice.engine.Backend.Adam;
import coppice.engine.Backend.Sgd;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Optimiser steps, each in a single pass over the weights: three or four streams of memory and nothing else. What is left over after a loop
 * uses the Vector API alone: {@link BinaryLoops}.
 */
final class UpdateKernels {

    /** Weights below which a second thread does not pay: about 2 µs. */
    private static final int GRAIN = 8192;

    /** Parts start at whole cache lines. */
    private static final int LINE = 16;

    private static final float SQRT_NEGLIGIBLE = (float) Math.sqrt(Backend.NEGLIGIBLE);

    private final Workers workers;

    UpdateKernels(Workers workers) {
        this.workers = workers;
    }

    /** @param rate one value. @param velocity an address, or 0 where there is no momentum */
    void sgd(Sgd step, long rate, int n, long w, long gradient, long velocity) {
        workers.run(workers.parts(n, GRAIN), (part, parts) -> {
            int from = Workers.start(n, LINE, part, parts);
            int count = Workers.start(n, LINE, part + 1, parts) - from;
            long at = 4L * from;
            if (velocity == 0) {
                plain(step, Vectors.get(rate), count, w + at, gradient + at);
            } else if (step.nesterov()) {
                nesterov(step, Vectors.get(rate), count, w + at, gradient + at, velocity + at);
            } else {
                momentum(step, Vectors.get(rate), count, w + at, gradient + at, velocity + at);
            }
        });
    }

    private static void plain(Sgd step, float rate, int n, long w, long gradient) {
        float decay = step.decay();
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector old = load(w + 4L * i);
            FloatVector d = old.fma(broadcast(decay), load(gradient + 4L * i));
            store(w + 4L * i, d.fma(broadcast(-rate), old));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i & ADDRESSES, ORDER, tail);
            FloatVector d = old.fma(FloatVector.broadcast(SPECIES, decay),
                    FloatVector.fromMemorySegment(SPECIES, ALL, gradient + 4L * i & ADDRESSES, ORDER, tail));
            d.fma(FloatVector.broadcast(SPECIES, -rate), old).intoMemorySegment(ALL, w + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void momentum(Sgd step, float rate, int n, long w, long gradient, long velocity) {
        float momentum = step.momentum();
        float decay = step.decay();
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector old = load(w + 4L * i);
            FloatVector d = old.fma(broadcast(decay), load(gradient + 4L * i));
            FloatVector v = flushed(load(velocity + 4L * i).fma(broadcast(momentum), d));
            store(velocity + 4L * i, v);
            store(w + 4L * i, v.fma(broadcast(-rate), old));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i & ADDRESSES, ORDER, tail);
            FloatVector d = old.fma(FloatVector.broadcast(SPECIES, decay),
                    FloatVector.fromMemorySegment(SPECIES, ALL, gradient + 4L * i & ADDRESSES, ORDER, tail));
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, velocity + 4L * i & ADDRESSES, ORDER, tail)
                    .fma(FloatVector.broadcast(SPECIES, momentum), d);
            v = v.blend(0, v.abs().compare(VectorOperators.LT, Backend.NEGLIGIBLE));
            v.intoMemorySegment(ALL, velocity + 4L * i & ADDRESSES, ORDER, tail);
            v.fma(FloatVector.broadcast(SPECIES, -rate), old).intoMemorySegment(ALL, w + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    private static void nesterov(Sgd step, float rate, int n, long w, long gradient, long velocity) {
        float momentum = step.momentum();
        float decay = step.decay();
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector old = load(w + 4L * i);
            FloatVector d = old.fma(broadcast(decay), load(gradient + 4L * i));
            FloatVector v = flushed(load(velocity + 4L * i).fma(broadcast(momentum), d));
            store(velocity + 4L * i, v);
            store(w + 4L * i, v.fma(broadcast(momentum), d).fma(broadcast(-rate), old));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i & ADDRESSES, ORDER, tail);
            FloatVector d = old.fma(FloatVector.broadcast(SPECIES, decay),
                    FloatVector.fromMemorySegment(SPECIES, ALL, gradient + 4L * i & ADDRESSES, ORDER, tail));
            FloatVector v = FloatVector.fromMemorySegment(SPECIES, ALL, velocity + 4L * i & ADDRESSES, ORDER, tail)
                    .fma(FloatVector.broadcast(SPECIES, momentum), d);
            v = v.blend(0, v.abs().compare(VectorOperators.LT, Backend.NEGLIGIBLE));
            v.intoMemorySegment(ALL, velocity + 4L * i & ADDRESSES, ORDER, tail);
            v.fma(FloatVector.broadcast(SPECIES, momentum), d)
                    .fma(FloatVector.broadcast(SPECIES, -rate), old).intoMemorySegment(ALL, w + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    /** @param scales two values */
    void adam(Adam step, long scales, int n, long w, long gradient, long mean, long square) {
        workers.run(workers.parts(n, GRAIN), (part, parts) -> {
            int from = Workers.start(n, LINE, part, parts);
            int count = Workers.start(n, LINE, part + 1, parts) - from;
            long at = 4L * from;
            adamRange(step, Vectors.get(scales), Vectors.get(scales + 4), count, w + at, gradient + at, mean + at, square + at);
        });
    }

    private static void adamRange(Adam step, float meanScale, float squareScale, int n, long w, long gradient, long mean, long square) {
        float decay = step.decay();
        float beta1 = step.beta1();
        float beta2 = step.beta2();
        float epsilon = step.epsilon();
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector old = load(w + 4L * i);
            FloatVector d = old.fma(broadcast(decay), load(gradient + 4L * i));
            FloatVector m = flushed(load(mean + 4L * i).fma(broadcast(beta1), d.mul(1 - beta1)));
            FloatVector s = flushed(load(square + 4L * i).fma(broadcast(beta2), squared(d).mul(1 - beta2)));
            store(mean + 4L * i, m);
            store(square + 4L * i, s);
            store(w + 4L * i, old.sub(m.mul(meanScale).div(s.mul(squareScale).sqrt().add(epsilon))));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector old = FloatVector.fromMemorySegment(SPECIES, ALL, w + 4L * i & ADDRESSES, ORDER, tail);
            FloatVector d = old.fma(FloatVector.broadcast(SPECIES, decay),
                    FloatVector.fromMemorySegment(SPECIES, ALL, gradient + 4L * i & ADDRESSES, ORDER, tail));
            FloatVector m = FloatVector.fromMemorySegment(SPECIES, ALL, mean + 4L * i & ADDRESSES, ORDER, tail)
                    .fma(FloatVector.broadcast(SPECIES, beta1), d.mul(1 - beta1));
            m = m.blend(0, m.abs().compare(VectorOperators.LT, Backend.NEGLIGIBLE));
            FloatVector s = FloatVector.fromMemorySegment(SPECIES, ALL, square + 4L * i & ADDRESSES, ORDER, tail)
                    .fma(FloatVector.broadcast(SPECIES, beta2), squared(d).mul(1 - beta2));
            s = s.blend(0, s.abs().compare(VectorOperators.LT, Backend.NEGLIGIBLE));
            m.intoMemorySegment(ALL, mean + 4L * i & ADDRESSES, ORDER, tail);
            s.intoMemorySegment(ALL, square + 4L * i & ADDRESSES, ORDER, tail);
            old.sub(m.mul(meanScale).div(s.mul(squareScale).sqrt().add(epsilon))).intoMemorySegment(ALL, w + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    /** d², 0 where that is negligible; the threshold on d is exact, since {@link Backend#NEGLIGIBLE} is an even power of 2. */
    private static FloatVector squared(FloatVector d) {
        FloatVector large = d.blend(0, d.abs().compare(VectorOperators.LT, SQRT_NEGLIGIBLE));
        return large.mul(large);
    }

    /** The moment without what is negligible: see {@link Backend#NEGLIGIBLE}. LeNet's step on MNIST took 2.5 times as long without. */
    private static FloatVector flushed(FloatVector moment) {
        return moment.blend(0, moment.abs().compare(VectorOperators.LT, Backend.NEGLIGIBLE));
    }
}
