package coppice.imp.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes a {@link Safetensors}. The data section holds the widest elements first, so that every tensor is aligned to its element
 * size; the header keeps the order of the entries.
 */
final class SafetensorsWriter {

    /** Values pass through a buffer of this many bytes. */
    private static final int CHUNK = 1 << 16;

    private interface Sink {
        void accept(ByteBuffer chunk) throws IOException;
    }

    private SafetensorsWriter() {
    }

    static void write(Safetensors file, Path path) {
        List<Map.Entry<String, Entry>> layout = file.entries().entrySet().stream()
                .sorted(Comparator.comparingInt(named -> -named.getValue().dtype().width())).toList();
        Header header = header(file, layout);
        new AtomicFile(path).write(channel -> {
            var digest = header.digest();
            data(layout, digest::update);
            byte[] json = header.withDigest(HexFormat.of().formatHex(digest.digest())).toJson();
            writeAll(channel, ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, json.length));
            writeAll(channel, ByteBuffer.wrap(json));
            data(layout, chunk -> writeAll(channel, chunk));
        });
    }

    private static Header header(Safetensors file, List<Map.Entry<String, Entry>> layout) {
        var offsets = new HashMap<String, Long>();
        long end = 0;
        for (var named : layout) {
            offsets.put(named.getKey(), end);
            end += bytes(named.getValue());
        }
        return new Header(file.metadata(), file.entries().entrySet().stream().map(named -> {
            Entry entry = named.getValue();
            long begin = offsets.get(named.getKey());
            return new Header.Tensor(named.getKey(), entry.dtype(), entry.shape(), begin, begin + bytes(entry));
        }).toList());
    }

    private static long bytes(Entry entry) {
        return (long) entry.shape().size() * entry.dtype().width();
    }

    private static void data(List<Map.Entry<String, Entry>> layout, Sink sink) throws IOException {
        var chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (var named : layout) {
            Entry entry = named.getValue();
            int width = entry.dtype().width();
            for (int from = 0; from < entry.shape().size(); from += CHUNK / width) {
                int count = Math.min(CHUNK / width, entry.shape().size() - from);
                entry.put(from, count, chunk.clear());
                sink.accept(chunk.limit(count * width));
            }
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
