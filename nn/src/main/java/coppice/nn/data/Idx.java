package coppice.nn.data;

import coppice.engine.Shape;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * One array of unsigned bytes in the IDX format of <a href="http://yann.lecun.com/exdb/mnist/">MNIST</a>: two zero bytes, a
 * byte for the element type (8, unsigned byte, is the only one accepted), a byte for the number of axes, the size of each axis
 * as a big-endian 32-bit integer, then the elements.
 *
 * @param shape {@code [images, height, width]} or {@code [labels]}
 * @param values the elements, the last axis contiguous
 */
record Idx(Shape shape, byte[] values) {

    /** No array larger than this is read, 1 GiB; the largest data set published in this format has 0.6 GiB. */
    static final int MOST_BYTES = 1 << 30;

    /** Deflate cannot compress better than this, so no file holds more than its own length times this. */
    private static final long BEST_COMPRESSION = 1032;

    private static final int CHUNK = 1 << 20;

    /**
     * Reads a file, gzip or plain; its first two bytes tell which, its name does not matter. Sizes are taken on trust from
     * nobody: they must agree with the length of the file, and memory grows with what has really been read.
     *
     * @param rank the number of axes expected: 3 for images, 1 for labels
     * @throws DataException if the file is missing, not of this format, truncated, damaged, longer than it says, or too large
     */
    static Idx read(Path file, int rank) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            raw.mark(2);
            boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            long length = Files.size(file);
            try (InputStream in = gzip ? new GZIPInputStream(raw, 1 << 16) : raw) {
                return read(file, in, rank, gzip ? length * BEST_COMPRESSION : length, gzip);
            }
        } catch (EOFException e) {
            throw new DataException(file + ": truncated, the gzip stream ends before its end mark; fetch the file again", e);
        } catch (ZipException e) {
            throw new DataException(file + ": damaged, not a sound gzip stream (" + e.getMessage()
                    + "); fetch the file again", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read (" + e + ")", e);
        }
    }

    private static Idx read(Path file, InputStream in, int rank, long room, boolean gzip) throws IOException {
        byte[] header = in.readNBytes(4 + 4 * rank);
        int[] sizes = header(file, header, rank);
        long promised = 1;
        for (int size : sizes) {
            promised *= size; // within a long: checked against the limit at every step
            if (promised > MOST_BYTES) {
                throw new DataException(file + ": the header promises " + unsigned(sizes) + " bytes, more than the "
                        + MOST_BYTES + " that are accepted");
            }
        }
        if (gzip ? header.length + promised > room : header.length + promised != room) {
            throw new DataException(file + ": the header promises " + unsigned(sizes) + " bytes, " + promised
                    + ", but a file of this length " + (gzip ? "holds at most " : "has ") + (room - header.length));
        }
        byte[] values = values(in, (int) promised);
        if (values.length < promised) {
            throw new DataException(file + ": too short, the header promises " + unsigned(sizes) + " bytes, " + promised
                    + ", got " + values.length);
        }
        if (in.read() >= 0) {
            throw new DataException(file + ": too long, it goes on after the " + unsigned(sizes)
                    + " bytes which the header promises");
        }
        return new Idx(Shape.of(sizes), values);
    }

    private static int[] header(Path file, byte[] header, int rank) {
        int expected = 0x0800 | rank;
        int length = 4 + 4 * rank;
        if (header.length < length) {
            throw new DataException(file + ": too short, an IDX file of " + rank + (rank == 1 ? " axis" : " axes")
                    + " starts with a header of " + length + " bytes, got " + header.length + " bytes in all");
        }
        ByteBuffer buffer = ByteBuffer.wrap(header);
        int magic = buffer.getInt();
        if (magic != expected) {
            throw new DataException(file + ": magic number is " + hex(magic) + ", expected " + hex(expected) + " ("
                    + (rank == 3 ? "images" : rank == 1 ? "labels" : rank + " axes") + ", unsigned bytes)");
        }
        int[] sizes = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
            sizes[axis] = buffer.getInt();
            if (sizes[axis] < 1) {
                throw new DataException(file + ": size of axis " + axis + " is " + Integer.toUnsignedString(sizes[axis])
                        + ", expected 1 to " + Integer.MAX_VALUE);
            }
        }
        return sizes;
    }

    /** Up to {@code promised} bytes; the array is at most twice what has been read, and a chunk. */
    private static byte[] values(InputStream in, int promised) throws IOException {
        byte[] values = new byte[Math.min(promised, CHUNK)];
        int read = 0;
        while (read < promised) {
            if (read == values.length) {
                values = Arrays.copyOf(values, (int) Math.min(promised, 2L * read));
            }
            int count = in.readNBytes(values, read, values.length - read);
            read += count;
            if (read < values.length) {
                return Arrays.copyOf(values, read);
            }
        }
        return values;
    }

    private static String hex(int magic) {
        return String.format("0x%08x", magic);
    }

    private static String unsigned(int[] sizes) {
        StringBuilder product = new StringBuilder();
        for (int size : sizes) {
            product.append(product.isEmpty() ? "" : "×").append(size);
        }
        return product.toString();
    }
}
