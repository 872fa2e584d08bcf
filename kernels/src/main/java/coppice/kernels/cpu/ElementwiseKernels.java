package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ADDRESSES;
import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;
import static coppice.kernels.cpu.Vectors.broadcast;
import static coppice.kernels.cpu.Vectors.load;
import static coppice.kernels.cpu.Vectors.store;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Shape;
import jdk.incubator.vector.FloatVector;

/** Kernels on one element at a time, split among the threads. */
final class ElementwiseKernels {

    /** Elements below which a second thread does not pay: about 2 µs of additions. */
    private static final int GRAIN = 16384;

    /** Parts start at whole cache lines. */
    private static final int LINE = 16;

    private final Workers workers;
    private final Memory memory;
    /** For each thread two lines, in which scalar operands are repeated. */
    private final long scalars;

    ElementwiseKernels(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
        this.scalars = memory.allocate(workers.threads() * 2 * LINE).address();
    }

    void fill(int n, float value, long y) {
        workers.run(workers.parts(n, GRAIN), (part, parts) -> {
            int from = Workers.start(n, LINE, part, parts);
            fillRange(Workers.start(n, LINE, part + 1, parts) - from, value, y + 4L * from);
        });
    }

    static void fillRange(int n, float value, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, broadcast(value));
        }
        if (i < n) {
            FloatVector.broadcast(SPECIES, value).intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, SPECIES.indexInRange(0, n - i));
        }
    }

    void map(Unary f, int n, long x, long y) {
        workers.run(workers.parts(n, GRAIN), (part, parts) -> {
            int from = Workers.start(n, LINE, part, parts);
            UnaryLoops.run(f, Workers.start(n, LINE, part + 1, parts) - from, x + 4L * from, y + 4L * from);
        });
    }

    void affine(float scale, float shift, int n, long x, long y) {
        workers.run(workers.parts(n, GRAIN), (part, parts) -> {
            int from = Workers.start(n, LINE, part, parts);
            affineRange(scale, shift, Workers.start(n, LINE, part + 1, parts) - from, x + 4L * from, y + 4L * from);
        });
    }

    private static void affineRange(float scale, float shift, int n, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(x + 4L * i).mul(scale).add(shift));
        }
        if (i < n) {
            var tail = SPECIES.indexInRange(0, n - i);
            FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i & ADDRESSES, ORDER, tail).mul(scale).add(shift)
                    .intoMemorySegment(ALL, y + 4L * i & ADDRESSES, ORDER, tail);
        }
    }

    void combine(Binary f, Shape shape, Shape aShape, long a, Shape bShape, long b, long y) {
        var walk = new Broadcast(shape, aShape, bShape);
        if (walk.runs() == 1) {
            int n = walk.run();
            workers.run(workers.parts(n, GRAIN), (part, parts) -> {
                int from = Workers.start(n, LINE, part, parts);
                combineRun(f, walk, Workers.start(n, LINE, part + 1, parts) - from, from, part, a, b, y + 4L * from);
            });
        } else if (walk.isValuePerRun() && BinaryLoops.hasRows(f)) {
            int n = walk.run();
            workers.run(workers.parts(shape.size(), GRAIN), (part, parts) -> {
                int row = Workers.start(walk.runs(), 1, part, parts);
                int rows = Workers.start(walk.runs(), 1, part + 1, parts) - row;
                BinaryLoops.rows(f, rows, n, a + 4L * row * n, b + 4L * row, y + 4L * row * n);
            });
        } else {
            int runs = walk.runs();
            workers.run(workers.parts(shape.size(), GRAIN), (part, parts) -> {
                int last = Workers.start(runs, 1, part + 1, parts);
                for (int run = Workers.start(runs, 1, part, parts); run < last; run++) {
                    combineRun(f, walk, walk.run(), 0, part, a + 4L * walk.aAt(run), b + 4L * walk.bAt(run),
                            y + 4L * run * walk.run());
                }
            });
        }
    }

    /** y = f(a, b) for n elements from element {@code from} of a run; a and b start where the run starts, y where it is written. */
    private void combineRun(Binary f, Broadcast walk, int n, int from, int part, long a, long b, long y) {
        long scalar = scalars + part * 2L * LINE * Float.BYTES;
        long aFrom = walk.aMoves() ? a + 4L * from : repeat(a, scalar);
        long bFrom = walk.bMoves() ? b + 4L * from : repeat(b, scalar + LINE * Float.BYTES);
        BinaryLoops.run(f, n, aFrom, walk.aMoves() ? 4 : 0, bFrom, walk.bMoves() ? 4 : 0, y);
    }

    /** Each of some values repeated to a vector. */
    NativeBuffer repeated(int count, long values) {
        NativeBuffer vectors = memory.allocate(Math.multiplyExact(count, LENGTH));
        long to = vectors.address();
        workers.run(() -> {
            for (int i = 0; i < count; i++) {
                repeat(values + 4L * i, to + (long) i * Vectors.BYTES);
            }
        });
        return vectors;
    }

    private static long repeat(long scalar, long vector) {
        store(vector, Vectors.broadcastAt(scalar));
        return vector;
    }
}
