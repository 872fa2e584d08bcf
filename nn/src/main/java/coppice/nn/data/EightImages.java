package coppice.nn.data;

import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes bytes of eight images at a time, by vectors; a class of its own, since it cannot be loaded where Java was started without them. The top bit
 * of every byte is flipped on the way, which makes an unsigned byte a signed one, 128 lower.
 */
final class EightImages {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long EVERY_TOP_BIT = 0x8080808080808080L;
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Byte> BYTES = LONGS.withLanes(byte.class);
    private static final int LANES = LONGS.length();

    /** Pixels in a vector; images have at least as many. */
    static final int PIXELS = 8 * LANES;

    private final int features;
    /** Vectors of longs, each of eight images' values of a pixel. */
    private final long[] squares = new long[PIXELS];

    /** @param features pixels of an image, all channels */
    EightImages(int features) {
        this.features = features;
    }

    /**
     * A vector of an image has eight pixels in each lane. The last pixels are done again where they do not fill vectors.
     *
     * @param pixels  of images, one after the other
     * @param indices of images, of which the eight from {@code from} on are transposed
     * @param to      [features, count], in which they are the columns from {@code column} on
     */
    void transpose(byte[] pixels, int[] indices, int from, byte[] to, int column, int count) {
        int i0 = indices[from] * features;
        int i1 = indices[from + 1] * features;
        int i2 = indices[from + 2] * features;
        int i3 = indices[from + 3] * features;
        int i4 = indices[from + 4] * features;
        int i5 = indices[from + 5] * features;
        int i6 = indices[from + 6] * features;
        int i7 = indices[from + 7] * features;
        for (int next = 0; next < features; next += PIXELS) {
            int feature = Math.min(next, features - PIXELS);
            LongVector a = ByteVector.fromArray(BYTES, pixels, i0 + feature).reinterpretAsLongs();
            LongVector b = ByteVector.fromArray(BYTES, pixels, i1 + feature).reinterpretAsLongs();
            LongVector c = ByteVector.fromArray(BYTES, pixels, i2 + feature).reinterpretAsLongs();
            LongVector d = ByteVector.fromArray(BYTES, pixels, i3 + feature).reinterpretAsLongs();
            LongVector e = ByteVector.fromArray(BYTES, pixels, i4 + feature).reinterpretAsLongs();
            LongVector f = ByteVector.fromArray(BYTES, pixels, i5 + feature).reinterpretAsLongs();
            LongVector g = ByteVector.fromArray(BYTES, pixels, i6 + feature).reinterpretAsLongs();
            LongVector h = ByteVector.fromArray(BYTES, pixels, i7 + feature).reinterpretAsLongs();
            // Quarters of 4×4 bytes change places, then 2×2 within them, then single bytes (Warren, Hacker's Delight, 7-3).
            LongVector swap = a.lanewise(LSHR, 32).lanewise(XOR, e).lanewise(AND, 0x00000000FFFFFFFFL);
            e = e.lanewise(XOR, swap);
            a = a.lanewise(XOR, swap.lanewise(LSHL, 32));
            swap = b.lanewise(LSHR, 32).lanewise(XOR, f).lanewise(AND, 0x00000000FFFFFFFFL);
            f = f.lanewise(XOR, swap);
            b = b.lanewise(XOR, swap.lanewise(LSHL, 32));
            swap = c.lanewise(LSHR, 32).lanewise(XOR, g).lanewise(AND, 0x00000000FFFFFFFFL);
            g = g.lanewise(XOR, swap);
            c = c.lanewise(XOR, swap.lanewise(LSHL, 32));
            swap = d.lanewise(LSHR, 32).lanewise(XOR, h).lanewise(AND, 0x00000000FFFFFFFFL);
            h = h.lanewise(XOR, swap);
            d = d.lanewise(XOR, swap.lanewise(LSHL, 32));
            swap = a.lanewise(LSHR, 16).lanewise(XOR, c).lanewise(AND, 0x0000FFFF0000FFFFL);
            c = c.lanewise(XOR, swap);
            a = a.lanewise(XOR, swap.lanewise(LSHL, 16));
            swap = b.lanewise(LSHR, 16).lanewise(XOR, d).lanewise(AND, 0x0000FFFF0000FFFFL);
            d = d.lanewise(XOR, swap);
            b = b.lanewise(XOR, swap.lanewise(LSHL, 16));
            swap = e.lanewise(LSHR, 16).lanewise(XOR, g).lanewise(AND, 0x0000FFFF0000FFFFL);
            g = g.lanewise(XOR, swap);
            e = e.lanewise(XOR, swap.lanewise(LSHL, 16));
            swap = f.lanewise(LSHR, 16).lanewise(XOR, h).lanewise(AND, 0x0000FFFF0000FFFFL);
            h = h.lanewise(XOR, swap);
            f = f.lanewise(XOR, swap.lanewise(LSHL, 16));
            swap = a.lanewise(LSHR, 8).lanewise(XOR, b).lanewise(AND, 0x00FF00FF00FF00FFL);
            b = b.lanewise(XOR, swap);
            a = a.lanewise(XOR, swap.lanewise(LSHL, 8));
            swap = c.lanewise(LSHR, 8).lanewise(XOR, d).lanewise(AND, 0x00FF00FF00FF00FFL);
            d = d.lanewise(XOR, swap);
            c = c.lanewise(XOR, swap.lanewise(LSHL, 8));
            swap = e.lanewise(LSHR, 8).lanewise(XOR, f).lanewise(AND, 0x00FF00FF00FF00FFL);
            f = f.lanewise(XOR, swap);
            e = e.lanewise(XOR, swap.lanewise(LSHL, 8));
            swap = g.lanewise(LSHR, 8).lanewise(XOR, h).lanewise(AND, 0x00FF00FF00FF00FFL);
            h = h.lanewise(XOR, swap);
            g = g.lanewise(XOR, swap.lanewise(LSHL, 8));
            a.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, 0);
            b.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, LANES);
            c.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, 2 * LANES);
            d.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, 3 * LANES);
            e.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, 4 * LANES);
            f.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, 5 * LANES);
            g.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, 6 * LANES);
            h.lanewise(XOR, EVERY_TOP_BIT).intoArray(squares, 7 * LANES);
            for (int lane = 0; lane < LANES; lane++) {
                int at = (feature + 8 * lane) * count + column;
                for (int i = 0; i < 8; i++) {
                    LONG.set(to, at + i * count, squares[i * LANES + lane]);
                }
            }
        }
    }
}
