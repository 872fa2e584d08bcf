package coppice.imp.store;

import coppice.engine.Shape;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a {@link Safetensors}: header, layout, values in the order of the data section, digest; the first that is wrong ends it. */
final class SafetensorsReader {

    /** The bound that the reference implementation sets to a header, in bytes. */
    private static final long LONGEST_HEADER = 100_000_000;

    /** Values pass through a buffer of this many bytes. */
    private static final int CHUNK = 1 << 16;

    private final FileChannel channel;
    private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);

    private SafetensorsReader(FileChannel channel) {
        this.channel = channel;
    }

    static Safetensors read(Path path, boolean digestRequired) {
        try (var channel = FileChannel.open(path)) {
            return new SafetensorsReader(channel).read(digestRequired);
        } catch (Header.Malformed e) {
            throw new StoreException(path, e.getMessage(), "the file is damaged or no safetensors file; take it from a backup, "
                    + "or delete its folder so that the run makes it anew", e);
        } catch (NoSuchFileException e) {
            throw new StoreException(path, "there is no such file", "check the path", e);
        } catch (EOFException e) {
            throw new StoreException(path, "the file became shorter while it was read", "let its writer finish and read again", e);
        } catch (IOException e) {
            throw new StoreException(path, "cannot be read (" + e.getMessage() + ")", "check the disk and the permissions", e);
        }
    }

    private Safetensors read(boolean digestRequired) throws IOException, Header.Malformed {
        Header header = header();
        String expected = header.metadata().get(Safetensors.DIGEST);
        if (digestRequired && expected == null) {
            throw new Header.Malformed("the metadata have no " + Safetensors.DIGEST);
        }
        MessageDigest digest = header.digest();
        Map<String, Entry> read = new HashMap<>();
        for (Header.Tensor tensor : layout(header)) {
            read.put(tensor.name(), values(tensor.dtype(), tensor.shape(), digest));
        }
        String found = HexFormat.of().formatHex(digest.digest());
        if (expected != null && !found.equals(expected)) {
            throw new Header.Malformed("the content has SHA-256 " + found + ", not " + expected + " as its metadata say");
        }
        var entries = new LinkedHashMap<String, Entry>();
        header.tensors().forEach(tensor -> entries.put(tensor.name(), read.get(tensor.name())));
        var metadata = new TreeMap<>(header.metadata());
        metadata.remove(Safetensors.DIGEST);
        return new Safetensors(entries, metadata);
    }

    private Header header() throws IOException, Header.Malformed {
        long fileLength = channel.size();
        if (fileLength < Long.BYTES) {
            throw new Header.Malformed("the file has " + fileLength + " bytes, even an empty one has 10");
        }
        readFully(chunk.clear().limit(Long.BYTES));
        long length = chunk.getLong();
        long longest = Math.min(LONGEST_HEADER, fileLength - Long.BYTES);
        if (length < 0 || length > longest) {
            throw new Header.Malformed("a header of " + Long.toUnsignedString(length) + " bytes is announced, at most " + longest
                    + " are possible in a file of " + fileLength + " bytes");
        }
        var json = ByteBuffer.allocate((int) length);
        readFully(json);
        return Header.parse(json.array());
    }

    /** The tensors in the order of the data section, which they must fill without gap or overlap. */
    private List<Header.Tensor> layout(Header header) throws IOException, Header.Malformed {
        List<Header.Tensor> layout = header.tensors().stream()
                .sorted(Comparator.comparingLong(Header.Tensor::begin).thenComparingLong(Header.Tensor::end)).toList();
        long dataLength = channel.size() - channel.position();
        long end = 0;
        for (Header.Tensor tensor : layout) {
            if (tensor.begin() != end) {
                throw new Header.Malformed("tensor " + tensor.name() + " begins at byte " + tensor.begin()
                        + " of the data section, the one before it ends at byte " + end);
            }
            end = tensor.end();
        }
        if (end != dataLength) {
            throw new Header.Malformed("the header describes " + end + " bytes of data, the file has " + dataLength);
        }
        return layout;
    }

    private Entry values(Dtype dtype, Shape shape, MessageDigest digest) throws IOException {
        int size = shape.size();
        return switch (dtype) {
            case F32 -> {
                var values = new float[size];
                read(size, dtype, digest, (from, count) -> chunk.asFloatBuffer().get(values, from, count));
                yield new Entry.Floats(shape, values);
            }
            case I32 -> {
                var values = new int[size];
                read(size, dtype, digest, (from, count) -> chunk.asIntBuffer().get(values, from, count));
                yield new Entry.Ints(shape, values);
            }
            case I64 -> {
                var values = new long[size];
                read(size, dtype, digest, (from, count) -> chunk.asLongBuffer().get(values, from, count));
                yield new Entry.Longs(shape, values);
            }
            case U8 -> {
                var values = new byte[size];
                read(size, dtype, digest, (from, count) -> chunk.get(values, from, count));
                yield new Entry.Bytes(shape, values);
            }
        };
    }

    /** Takes values {@code from} to {@code from + count − 1} of a tensor out of the chunk. */
    private interface Take {
        void values(int from, int count);
    }

    private void read(int size, Dtype dtype, MessageDigest digest, Take take) throws IOException {
        int step = CHUNK / dtype.width();
        for (int from = 0; from < size; from += step) {
            int count = Math.min(step, size - from);
            readFully(chunk.clear().limit(count * dtype.width()));
            digest.update(chunk.duplicate());
            take.values(from, count);
        }
    }

    private void readFully(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
        }
        buffer.flip();
    }
}
