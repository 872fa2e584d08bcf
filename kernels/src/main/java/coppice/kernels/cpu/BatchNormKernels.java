package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.LENGTH;
import static coppice.kernels.cpu.Vectors.ORDER;
import static coppice.kernels.cpu.Vectors.SPECIES;
import static coppice.kernels.cpu.Vectors.broadcast;
import static coppice.kernels.cpu.Vectors.first;
import static coppice.kernels.cpu.Vectors.load;
import static coppice.kernels.cpu.Vectors.store;
import static coppice.kernels.cpu.Vectors.zero;
import static jdk.incubator.vector.VectorOperators.LE;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Shape;
import java.lang.foreign.ValueLayout;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/**
 * Batch normalisation of x [C, …], each kernel in one pass over main memory. A channel's elements, contiguous or in a few pieces, are cut into
 * chunks of a fixed size; the threads share out all channels' chunks, so that few long channels and many short ones both keep them
 * busy. Sums over a channel are put together from its chunks', in order and in double.
 */
final class BatchNormKernels {

    /** Elements below which a second thread does not pay: about 2 µs. */
    private static final int GRAIN = 16384;

    /** Floats that stay in the first-level cache between two passes; 64 additions to a lane in single precision. */
    private static final int CHUNK = 4096;

    private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

    /** Bytes of a chunk's two partial results. */
    private static final int PAIR = 2 * Double.BYTES;

    private final Workers workers;
    private final Memory memory;

    BatchNormKernels(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** What is done with one chunk of a channel; {@code at} is the byte at which it starts in x. */
    private interface Chunk {
        void run(int chunk, int channel, int count, long at);
    }

    /**
     * How channels stand in memory: the elements of a channel in pieces, a piece for each block of the batch; and in lines, as they are
     * made by others. A line is cut into chunks.
     *
     * @param count  of channels
     * @param blocks pieces of each channel, those of all channels before the next one of the same
     * @param piece  floats side by side
     * @param line   floats of each line of a piece but the last
     */
    record Channels(int count, int blocks, int piece, int line) {

        /** @param shape [C, …, N], standing row after row, or in {@link Blocks} */
        static Channels of(Shape shape, boolean blocked) {
            int blocks = blocked ? shape.size(3) / Blocks.lanes(shape.size(3)) : 1;
            return new Channels(shape.size(0), blocks, shape.rowSize() / blocks, shape.rowSize() / blocks);
        }

        /** The same, made line by line. */
        Channels inLines(int floats) {
            return new Channels(count, blocks, piece, floats);
        }

        int elements() {
            return blocks * piece;
        }

        private int chunksPerLine() {
            return Math.ceilDiv(line, CHUNK);
        }

        private int chunksPerPiece() {
            return Math.ceilDiv(piece, line) * chunksPerLine();
        }

        int chunksPerChannel() {
            return blocks * chunksPerPiece();
        }

        /** The floats of a chunk, by its number among those of its channel; 0 if the last line of a piece is too short to have it. */
        int length(int chunk) {
            return Math.clamp(piece - start(chunk), 0, Math.min(CHUNK, line - chunk % chunksPerLine() * CHUNK));
        }

        /** The float of its piece at which a chunk starts. */
        private int start(int chunk) {
            int within = chunk % chunksPerPiece();
            return within / chunksPerLine() * line + within % chunksPerLine() * CHUNK;
        }

        /** The byte at which a chunk starts. */
        long at(int channel, int chunk) {
            return 4 * (((long) chunk / chunksPerPiece() * count + channel) * piece + start(chunk));
        }

        /** The number among all of the chunk of a channel that starts at a byte. */
        int chunk(int channel, long at) {
            int block = (int) (at / 4 / piece / count);
            int within = (int) (at / 4 % piece);
            return channel * chunksPerChannel() + block * chunksPerPiece() + within / line * chunksPerLine() + within % line / CHUNK;
        }
    }

    /** Images that are handed to a sink, from memory or as they are made. */
    interface Lines {
        void handTo(Sink sink);
    }

    /** Images in memory. */
    Lines stored(Channels channels, long x) {
        return sink -> chunks(channels, (chunk, channel, count, at) -> sink.line(channel, at, count, x + at));
    }

    /** What is summed up over some floats of a channel. @param at their first byte. @param values their address */
    private interface Sum {
        void run(int channel, int count, long at, long values, long pair);
    }

    /** The two results of each chunk. */
    private static void sum(Channels channels, Lines images, long pairs, Sum sum) {
        images.handTo((channel, at, floats, values) -> {
            int first = channels.chunk(channel, at);
            for (int from = 0; from < floats; from += CHUNK) {
                sum.run(channel, Math.min(CHUNK, floats - from), at + 4L * from, values + 4L * from, pairs + (long) (first + from / CHUNK) * PAIR);
            }
        });
    }

    private void chunks(Channels channels, Chunk body) {
        int perChannel = channels.chunksPerChannel();
        int chunks = channels.count * perChannel;
        workers.run(workers.parts((long) channels.count * channels.elements(), GRAIN), (part, parts) -> {
            int last = Workers.start(chunks, 1, part + 1, parts);
            for (int chunk = Workers.start(chunks, 1, part, parts); chunk < last; chunk++) {
                int channel = chunk / perChannel;
                body.run(chunk, channel, channels.length(chunk % perChannel), channels.at(channel, chunk % perChannel));
            }
        });
    }

    /** A pair of zeros, doubles, for each chunk, the empty ones too. */
    private NativeBuffer pairs(Channels channels) {
        NativeBuffer pairs = memory.allocate(Math.multiplyExact(channels.count * channels.chunksPerChannel(), PAIR / Float.BYTES));
        long at = pairs.address();
        workers.run(() -> Vectors.clear(at, (long) pairs.length()));
        return pairs;
    }

    /** @param x [C, …]. @param moments [2, C] */
    void moments(Channels channels, Lines x, long moments) {
        NativeBuffer scratch = pairs(channels);
        try {
            long pairs = scratch.address();
            sum(channels, x, pairs, (channel, count, at, values, pair) -> chunkMoments(count, values, pair));
            workers.run(() -> {
                for (int c = 0; c < channels.count; c++) {
                    channelMoments(channels, pairs + (long) c * channels.chunksPerChannel() * PAIR, moments + 4L * c,
                            moments + 4L * (channels.count + c));
                }
            });
        } finally {
            memory.release(scratch);
        }
    }

    /** @param moments [2, C]. @param mean [C]. @param variance [C] */
    void followMoments(int channels, int n, float share, long moments, long mean, long variance) {
        float unbiased = n > 1 ? n / (n - 1f) : 1;
        workers.run(() -> {
            mix(channels, 1 - share, mean, share, moments);
            mix(channels, 1 - share, variance, share * unbiased, moments + 4L * channels);
        });
    }

    /** y = a · y + b · x. */
    private static void mix(int n, float a, long y, float b, long x) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            store(y + 4L * i, load(y + 4L * i).mul(a).add(load(x + 4L * i).mul(b)));
        }
        if (i < n) {
            var lanes = first(n - i);
            store(y + 4L * i, load(y + 4L * i, lanes).mul(a).add(load(x + 4L * i, lanes).mul(b)), lanes);
        }
    }

    /**
     * The mean and Σ (x − mean)² of a chunk. The pivot is nearly the mean, so that nothing large cancels; how far it is off
     * is known from Σ (x − pivot), and taken back.
     */
    private static void chunkMoments(int n, long x, long pair) {
        float pivot = Vectors.sum(n, x) / n;
        sumDeviations(n, x, pivot, pair);
        double offset = firstOf(pair) / n;
        double squares = secondOf(pair) - offset * firstOf(pair);
        setPair(pair, pivot + offset, squares);
    }

    /** Σ (x − pivot) and Σ (x − pivot)². */
    private static void sumDeviations(int n, long x, float pivot, long pair) {
        FloatVector p = broadcast(pivot);
        FloatVector a = zero();
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        FloatVector aSquares = a;
        FloatVector bSquares = a;
        FloatVector cSquares = a;
        FloatVector dSquares = a;
        int i = 0;
        for (; i <= n - 4 * LENGTH; i += 4 * LENGTH) {
            FloatVector e = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(p);
            FloatVector f = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * (i + LENGTH), ORDER).sub(p);
            FloatVector g = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * (i + 2 * LENGTH), ORDER).sub(p);
            FloatVector h = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * (i + 3 * LENGTH), ORDER).sub(p);
            a = a.add(e);
            b = b.add(f);
            c = c.add(g);
            d = d.add(h);
            aSquares = e.fma(e, aSquares);
            bSquares = f.fma(f, bSquares);
            cSquares = g.fma(g, cSquares);
            dSquares = h.fma(h, dSquares);
        }
        for (; i < n; i += LENGTH) {
            var lanes = first(n - i);
            FloatVector e = load(x + 4L * i, lanes).sub(p, lanes);
            a = a.add(e);
            aSquares = e.fma(e, aSquares);
        }
        setPair(pair, Vectors.sum(a.add(b).add(c.add(d))), Vectors.sum(aSquares.add(bSquares).add(cSquares.add(dSquares))));
    }

    /**
     * The moments of a channel from its chunks' (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing
     * sample variances", 1979, for any number of parts): Σ (x − mean)² is each chunk's own, and its length times its mean's
     * squared distance from the whole's.
     */
    private static void channelMoments(Channels channels, long pairs, long mean, long variance) {
        double sum = 0;
        for (int chunk = 0; chunk < channels.chunksPerChannel(); chunk++) {
            sum += firstOf(pairs + (long) chunk * PAIR) * channels.length(chunk);
        }
        double whole = sum / channels.elements();
        double squares = 0;
        for (int chunk = 0; chunk < channels.chunksPerChannel(); chunk++) {
            double distance = firstOf(pairs + (long) chunk * PAIR) - whole;
            squares += secondOf(pairs + (long) chunk * PAIR) + channels.length(chunk) * distance * distance;
        }
        Vectors.set(mean, (float) whole);
        Vectors.set(variance, (float) (Math.max(squares, 0) / channels.elements()));
    }

    /** Values that are a function of a few constants of their channel, and of the operands at the same place. */
    abstract class ByChannel extends Deferred implements Source {

        private final Channels channels;
        private final int perChannel;
        private final NativeBuffer constants;
        private final long constantsAt;

        /** @param operands with the constants, [C, perChannel] */
        private ByChannel(Channels channels, int perChannel, NativeBuffer constants, NativeBuffer... operands) {
            super(List.of(operands));
            this.channels = channels;
            this.perChannel = perChannel;
            this.constants = constants;
            this.constantsAt = constants.address();
        }

        /** Its own, to be released by whom it was made for. */
        NativeBuffer constants() {
            return constants;
        }

        float constant(int channel, int i) {
            return Vectors.get(constantsAt + 4L * (perChannel * channel + i));
        }

        @Override
        void write(long to) {
            chunks(channels, (chunk, channel, count, at) -> line(channel, at, count, to + at));
        }

        /** y = f(these, other), in one pass. @param other in the order of these, as y; not y itself */
        void combine(Binary f, long other, long y) {
            chunks(channels, (chunk, channel, count, at) ->
                    BinaryLoops.run(f, count, line(channel, at, count, y + at), 4, other + at, 4, y + at));
        }
    }

    /** gain · (x − mean) + shift of each channel, with gain = scale / √(variance + ε); or, rectified, 0 where that is not above. */
    private final class Normalised extends ByChannel {

        private static final int CONSTANTS = 3;

        private final boolean rectified;
        private final long x;

        Normalised(Channels channels, boolean rectified, NativeBuffer x, NativeBuffer constants) {
            super(channels, CONSTANTS, constants, constants, x);
            this.rectified = rectified;
            this.x = x.address();
        }

        @Override
        public long line(int channel, long at, int floats, long room) {
            if (rectified) {
                rectifyChunk(floats, constant(channel, 0), constant(channel, 1), constant(channel, 2), x + at, room);
            } else {
                normaliseChunk(floats, constant(channel, 0), constant(channel, 1), constant(channel, 2), x + at, room);
            }
            return room;
        }
    }

    /** @param x [C, …]. @param moments [2, C]. @param scale [C]. @param shift [C] */
    ByChannel normalised(Channels channels, float epsilon, boolean rectified, NativeBuffer x, long moments, long scale, long shift) {
        NativeBuffer constants = memory.allocate(Normalised.CONSTANTS * channels.count);
        long first = constants.address();
        workers.run(() -> {
            for (int c = 0; c < channels.count; c++) {
                long of = first + 4L * Normalised.CONSTANTS * c;
                Vectors.set(of, Vectors.get(moments + 4L * c));
                Vectors.set(of + 4, gain(channels, epsilon, c, moments, scale));
                Vectors.set(of + 8, Vectors.get(shift + 4L * c));
            }
        });
        return new Normalised(channels, rectified, x, constants);
    }

    /** What x − mean is multiplied by. */
    private static float gain(Channels channels, float epsilon, int channel, long moments, long scale) {
        return (float) (Vectors.get(scale + 4L * channel) * inverseDeviation(epsilon, moments + 4L * (channels.count + channel)));
    }

    /** r = 1 / √(variance + ε). */
    private static double inverseDeviation(float epsilon, long variance) {
        return 1 / Math.sqrt((double) Vectors.get(variance) + epsilon);
    }

    // Constants are repeated to vectors where they are used, which the compiler does before the loop; vectors that outlive a loop it may make
    // objects of: 5 MB a step of ResNet-20, in some runs.

    private static void normaliseChunk(int n, float mean, float gain, float shift, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(mean).fma(gain, shift)
                    .intoMemorySegment(ALL, y + 4L * i, ORDER);
        }
        if (i < n) {
            var lanes = first(n - i);
            store(y + 4L * i, load(x + 4L * i, lanes).sub(mean).fma(gain, shift), lanes);
        }
    }

    private static void rectifyChunk(int n, float mean, float gain, float shift, long x, long y) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector value = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(mean).fma(gain, shift);
            value.blend(0, value.compare(LE, 0)).intoMemorySegment(ALL, y + 4L * i, ORDER);
        }
        if (i < n) {
            var lanes = first(n - i);
            FloatVector value = load(x + 4L * i, lanes).sub(mean).fma(gain, shift);
            store(y + 4L * i, value.blend(0, value.compare(LE, 0)), lanes);
        }
    }

    /**
     * A g counts where its gate, gain · (x − mean) + shift as computed forward, is not 0 or less; one that is not rectified has a gate
     * of 0 · (x − mean) + 1. So one loop serves for both, at the speed of memory.
     *
     * @param x [C, …]. @param moments [2, C]. @param scale [C]. @param shift [C]. @param g [C, …], in lines as channels. @param sums [2, C]
     */
    void normaliseSums(Channels channels, float epsilon, boolean rectified, long x, long moments, long scale, long shift, Lines g,
            long sums) {
        int perChannel = channels.chunksPerChannel();
        NativeBuffer scratch = pairs(channels);
        try {
            long pairs = scratch.address();
            sum(channels, g, pairs, (channel, count, at, values, pair) -> {
                float gateGain = rectified ? gain(channels, epsilon, channel, moments, scale) : 0;
                float gateShift = rectified ? Vectors.get(shift + 4L * channel) : 1;
                sumGradients(count, Vectors.get(moments + 4L * channel), gateGain, gateShift, x + at, values, pair);
            });
            workers.run(() -> {
                for (int c = 0; c < channels.count; c++) {
                    double sum = 0;
                    double product = 0;
                    for (int chunk = 0; chunk < perChannel; chunk++) {
                        sum += firstOf(pairs + (long) (c * perChannel + chunk) * PAIR);
                        product += secondOf(pairs + (long) (c * perChannel + chunk) * PAIR);
                    }
                    Vectors.set(sums + 4L * c, (float) sum);
                    Vectors.set(sums + 4L * (channels.count + c),
                            (float) (product * inverseDeviation(epsilon, moments + 4L * (channels.count + c))));
                }
            });
        } finally {
            memory.release(scratch);
        }
    }

    /** Σ g and Σ g · (x − mean), of the g whose gate is open. Two vectors a round: with more, the compiler stops inlining. */
    private static void sumGradients(int n, float mean, float gateGain, float gateShift, long x, long g, long pair) {
        FloatVector a = zero();
        FloatVector b = a;
        FloatVector aProducts = a;
        FloatVector bProducts = a;
        int i = 0;
        for (; i <= n - 2 * LENGTH; i += 2 * LENGTH) {
            FloatVector eX = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(mean);
            FloatVector e = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4L * i, ORDER).blend(0, eX.fma(gateGain, gateShift).compare(LE, 0));
            FloatVector fX = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * (i + LENGTH), ORDER).sub(mean);
            FloatVector f = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4L * (i + LENGTH), ORDER)
                    .blend(0, fX.fma(gateGain, gateShift).compare(LE, 0));
            a = a.add(e);
            b = b.add(f);
            aProducts = e.fma(eX, aProducts);
            bProducts = f.fma(fX, bProducts);
        }
        for (; i < n; i += LENGTH) {
            var lanes = first(n - i);
            FloatVector centred = load(x + 4L * i, lanes).sub(broadcast(mean), lanes);
            FloatVector e = load(g + 4L * i, lanes).blend(0, centred.fma(gateGain, gateShift).compare(LE, 0));
            a = a.add(e);
            aProducts = e.fma(centred, aProducts);
        }
        setPair(pair, Vectors.sum(a.add(b)), Vectors.sum(aProducts.add(bProducts)));
    }

    /** gain · (g − meanGradient − (x − mean) · slope) of each channel, with 0 for the g whose gate is closed. */
    private final class Gradient extends ByChannel {

        private static final int CONSTANTS = 6;

        private final long x;
        private final long g;

        Gradient(Channels channels, NativeBuffer x, NativeBuffer g, NativeBuffer constants) {
            super(channels, CONSTANTS, constants, constants, x, g);
            this.x = x.address();
            this.g = g.address();
        }

        @Override
        public long line(int channel, long at, int floats, long room) {
            inputChunk(floats, constant(channel, 0), constant(channel, 1), constant(channel, 2), constant(channel, 3), constant(channel, 4),
                    constant(channel, 5), x + at, g + at, room);
            return room;
        }
    }

    /** @param x [C, …]. @param moments [2, C]. @param scale [C]. @param shift [C], if rectified. @param g [C, …]. @param sums [2, C] */
    ByChannel gradient(Channels channels, float epsilon, boolean rectified, NativeBuffer x, long moments, long scale, long shift,
            NativeBuffer g, long sums) {
        NativeBuffer constants = memory.allocate(Gradient.CONSTANTS * channels.count);
        double n = channels.elements();
        long first = constants.address();
        workers.run(() -> {
            for (int c = 0; c < channels.count; c++) {
                long of = first + 4L * Gradient.CONSTANTS * c;
                double r = inverseDeviation(epsilon, moments + 4L * (channels.count + c));
                float gain = gain(channels, epsilon, c, moments, scale);
                Vectors.set(of, Vectors.get(moments + 4L * c));
                Vectors.set(of + 4, gain);
                Vectors.set(of + 8, (float) (Vectors.get(sums + 4L * c) / n));
                Vectors.set(of + 12, (float) (r * Vectors.get(sums + 4L * (channels.count + c)) / n));
                Vectors.set(of + 16, rectified ? gain : 0);
                Vectors.set(of + 20, rectified ? Vectors.get(shift + 4L * c) : 1);
            }
        });
        return new Gradient(channels, x, g, constants);
    }

    /** dx = gain · (g − meanGradient − (x − mean) · slope), with 0 for the g whose gate is closed. */
    private static void inputChunk(int n, float mean, float gain, float meanGradient, float slope, float gateGain, float gateShift, long x,
            long g, long dx) {
        int i = 0;
        for (; i <= n - LENGTH; i += LENGTH) {
            FloatVector centred = FloatVector.fromMemorySegment(SPECIES, ALL, x + 4L * i, ORDER).sub(mean);
            FloatVector passed = FloatVector.fromMemorySegment(SPECIES, ALL, g + 4L * i, ORDER)
                    .blend(0, centred.fma(gateGain, gateShift).compare(LE, 0));
            centred.fma(broadcast(-slope), passed.sub(meanGradient)).mul(gain).intoMemorySegment(ALL, dx + 4L * i, ORDER);
        }
        if (i < n) {
            var lanes = first(n - i);
            FloatVector centred = load(x + 4L * i, lanes).sub(mean);
            FloatVector passed = load(g + 4L * i, lanes).blend(0, centred.fma(gateGain, gateShift).compare(LE, 0));
            store(dx + 4L * i, centred.fma(broadcast(-slope), passed.sub(meanGradient)).mul(gain), lanes);
        }
    }

    private static double firstOf(long pair) {
        return ALL.get(DOUBLE, pair);
    }

    private static double secondOf(long pair) {
        return ALL.get(DOUBLE, pair + Double.BYTES);
    }

    private static void setPair(long pair, double first, double second) {
        ALL.set(DOUBLE, pair, first);
        ALL.set(DOUBLE, pair + Double.BYTES, second);
    }
}
