package coppice.nn.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** Makes IDX files, sound and otherwise, in a folder for tests. */
record IdxFiles(Path folder) {

    static byte[] bytes(int magic, int[] sizes, byte[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * sizes.length + values.length).putInt(magic);
        for (int size : sizes) {
            buffer.putInt(size);
        }
        return buffer.put(values).array();
    }

    static byte[] images(int count, int height, int width) {
        byte[] pixels = new byte[count * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 7);
        }
        return bytes(0x803, new int[] {count, height, width}, pixels);
    }

    static byte[] labels(int... labels) {
        byte[] values = new byte[labels.length];
        for (int i = 0; i < labels.length; i++) {
            values[i] = (byte) labels[i];
        }
        return bytes(0x801, new int[] {labels.length}, values);
    }

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    Path write(String name, byte[] bytes) {
        try {
            return Files.write(folder.resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Three training images and two test images of 2×3. */
    void writeAll() {
        write("train-images-idx3-ubyte.gz", gzip(images(3, 2, 3)));
        write("train-labels-idx1-ubyte.gz", gzip(labels(0, 9, 4)));
        write("t10k-images-idx3-ubyte", images(2, 2, 3));
        write("t10k-labels-idx1-ubyte", labels(1, 1));
    }
}
