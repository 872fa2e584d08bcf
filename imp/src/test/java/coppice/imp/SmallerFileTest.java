package coppice.imp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.imp.store.Safetensors;
import coppice.imp.store.SnapshotFile;
import coppice.nn.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file of a masked network is the file of the smaller network of its survivors: the same values in the same bytes. */
final class SmallerFileTest {

    @TempDir
    private Path folder;

    @Test
    void holdsTheBytesOfTheSmallerNetwork() throws IOException {
        Seed seed = Seed.of(5);
        // Rows 2, 3, 5 and columns 0, 4 of [6, 7] are a matrix [3, 2] of their own.
        Mask mask = Mask.where(Shape.of(6, 7), position -> "235".indexOf('0' + position / 7) >= 0 && (position % 7 == 0 || position % 7 == 4));
        float[] dense = new float[42];
        for (int i = 0; i < dense.length; i++) {
            dense[i] = (float) seed.normal(i);
        }
        Snapshot masked = snapshot(new Snapshot.Value(Form.dense(Shape.of(6, 7)), dense)).restrict(Map.of("w", mask));
        Snapshot small = snapshot(new Snapshot.Value(Form.dense(Shape.of(3, 2)),
                new float[] {dense[14], dense[18], dense[21], dense[25], dense[35], dense[39]}));
        assertArrayEquals(data(small, "small"), data(masked, "masked"));
        assertEquals(4 * 6, data(masked, "masked").length);
    }

    private static Snapshot snapshot(Snapshot.Value value) {
        return new Snapshot(new LinkedHashMap<>(Map.of("w", value)));
    }

    private byte[] data(Snapshot snapshot, String name) throws IOException {
        Path file = folder.resolve(name + ".safetensors");
        new Safetensors(SnapshotFile.entries("", snapshot), Map.of()).write(file);
        byte[] bytes = Files.readAllBytes(file);
        return Arrays.copyOfRange(bytes, bytes.length - (int) TinyRun.dataBytes(file), bytes.length);
    }
}
