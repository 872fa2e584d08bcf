package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.engine.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {

    @TempDir
    private Path folder;
    private IdxFiles files;

    @BeforeEach
    void useFolder() {
        files = new IdxFiles(folder);
    }

    @Test
    void readsPlainAndGzipWhateverTheName() {
        byte[] images = IdxFiles.images(5, 3, 4);
        for (Path file : new Path[] {files.write("plain.gz", images), files.write("packed", IdxFiles.gzip(images))}) {
            Idx idx = Idx.read(file, 3);
            assertEquals(Shape.of(5, 3, 4), idx.shape());
            assertArrayEquals(Arrays.copyOfRange(images, 16, images.length), idx.values());
        }
    }

    @Test
    void readsMoreThanOneChunk() {
        byte[] images = IdxFiles.images(3000, 28, 28);
        assertArrayEquals(Arrays.copyOfRange(images, 16, images.length),
                Idx.read(files.write("large", IdxFiles.gzip(images)), 3).values());
    }

    @Test
    void refusesDamagedGzip() {
        byte[] sound = IdxFiles.gzip(IdxFiles.images(5, 3, 4));
        byte[] wrongSum = sound.clone();
        wrongSum[sound.length - 6] ^= 1;
        String again = "; fetch the file again";
        for (int length : new int[] {2, 9, 30, sound.length - 9, sound.length - 1}) {
            refused("truncated, the gzip stream ends before its end mark" + again, Arrays.copyOf(sound, length), 3);
        }
        refused("damaged, not a sound gzip stream (Corrupt GZIP trailer)" + again, wrongSum, 3);
        byte[] wrongBody = sound.clone();
        wrongBody[10] = (byte) 0xff;
        refused("damaged, not a sound gzip stream (invalid block type)" + again, wrongBody, 3);
    }

    @Test
    void refusesOtherFormats() {
        refused("magic number is 0x00000801, expected 0x00000803 (images, unsigned bytes)", IdxFiles.bytes(0x801,
                new int[] {20}, new byte[20]), 3);
        refused("magic number is 0x00000803, expected 0x00000801 (labels, unsigned bytes)", IdxFiles.images(1, 1, 1), 1);
        refused("magic number is 0x00000d01, expected 0x00000801 (labels, unsigned bytes)",
                IdxFiles.bytes(0xd01, new int[] {1}, new byte[4]), 1);
        refused("too short, an IDX file of 3 axes starts with a header of 16 bytes, got 0 bytes in all", new byte[0], 3);
        refused("too short, an IDX file of 1 axis starts with a header of 8 bytes, got 7 bytes in all", new byte[7], 1);
    }

    @Test
    void refusesSizesThatTheFileDoesNotHave() {
        byte[] images = IdxFiles.images(5, 3, 4);
        byte[] cut = Arrays.copyOf(images, images.length - 1);
        byte[] longer = Arrays.copyOf(images, images.length + 1);
        refused("the header promises 5×3×4 bytes, 60, but a file of this length has 59", cut, 3);
        refused("the header promises 5×3×4 bytes, 60, but a file of this length has 61", longer, 3);
        refused("too short, the header promises 5×3×4 bytes, 60, got 59", IdxFiles.gzip(cut), 3);
        refused("too long, it goes on after the 5×3×4 bytes which the header promises", IdxFiles.gzip(longer), 3);
    }

    @Test
    void refusesAbsurdSizesBeforeMakingRoom() {
        int most = Integer.MAX_VALUE;
        String limit = " bytes, more than the 1073741824 that are accepted";
        refused("the header promises 2147483647×2147483647×2147483647" + limit,
                IdxFiles.bytes(0x803, new int[] {most, most, most}, new byte[9]), 3);
        refused("the header promises 60000×28×2800" + limit,
                IdxFiles.gzip(IdxFiles.bytes(0x803, new int[] {60000, 28, 2800}, new byte[9])), 3);
        byte[] packed = IdxFiles.gzip(IdxFiles.bytes(0x801, new int[] {1_000_000_000}, new byte[9]));
        refused("the header promises 1000000000 bytes, 1000000000, but a file of this length holds at most "
                + (packed.length * 1032 - 8), packed, 1);
        refused("size of axis 0 is 4294967295, expected 1 to 2147483647",
                IdxFiles.bytes(0x801, new int[] {-1}, new byte[9]), 1);
        refused("size of axis 1 is 0, expected 1 to 2147483647",
                IdxFiles.bytes(0x803, new int[] {1, 0, 1}, new byte[0]), 3);
    }

    @Test
    void aGzipBombIsNotUnpacked() {
        byte[] bomb = IdxFiles.gzip(IdxFiles.bytes(0x801, new int[] {10}, new byte[50_000_000]));
        refused("too long, it goes on after the 10 bytes which the header promises", bomb, 1);
    }

    private void refused(String problem, byte[] bytes, int rank) {
        Path file = files.write("file", bytes);
        assertEquals(file + ": " + problem, assertThrows(DataException.class, () -> Idx.read(file, rank)).getMessage());
    }
}
