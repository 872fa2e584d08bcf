package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import coppice.nn.data.Catalogue.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarGzTest {

    private static final byte[] FIRST = bytes(700, 3);
    private static final byte[] SECOND = bytes(512, 5);
    private static final List<Member> BOTH = List.of(new Member("a.bin", 700), new Member("b.bin", 512));

    @TempDir
    private Path root;
    private Path folder;
    private Path file;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createDirectory(root.resolve("folder"));
        file = root.resolve("set.tar.gz");
    }

    private static byte[] bytes(int length, int step) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i * step);
        }
        return bytes;
    }

    private TarGz archive(byte[] tar) throws IOException {
        Files.write(file, IdxFiles.gzip(tar));
        return new TarGz(file);
    }

    @Test
    void takesWhatIsWantedAndNothingElse() throws IOException {
        archive(new TarBytes().entry("set/", '5', new byte[0]).entry("./PaxHeaders/a.bin", 'x', bytes(100, 1))
                .file("set/readme.html", bytes(2000, 1)).entry("set/b.bin", '2', new byte[0]).file("set/a.bin", FIRST)
                .file("../../b.bin", SECOND).file("/a.bin", bytes(700, 9)).end()).unpack(BOTH, folder);
        assertArrayEquals(FIRST, Files.readAllBytes(folder.resolve("a.bin")), "the first of a name");
        assertArrayEquals(SECOND, Files.readAllBytes(folder.resolve("b.bin")));
        assertEquals(List.of("folder", "folder/a.bin", "folder/b.bin", "set.tar.gz"), everything());
    }

    @Test
    void refusesAnotherLengthAndAMissingFile() throws IOException {
        TarGz longer = archive(new TarBytes().file("set/a.bin", bytes(701, 1)).end());
        refused(longer, ": has a.bin with 701 bytes, expected 700");
        refused(archive(new TarBytes().file("set/a.bin", FIRST).end()), ": has no file b.bin");
        refused(archive(new byte[0]), ": has no file a.bin, b.bin");
    }

    @Test
    void tellsDamage() throws IOException {
        byte[] sound = new TarBytes().file("set/a.bin", FIRST).file("set/b.bin", SECOND).end();
        String damaged = ": damaged, not a sound tar.gz archive (";
        byte[] renamed = sound.clone();
        renamed[0] = 't';
        refused(archive(renamed), damaged + "a header's check sum is 2590, its bytes give 2591); fetch the file again");
        byte[] noSize = sound.clone();
        noSize[124] = '0' + 9;
        noSize[125] = '0' - 9; // the sum stays right
        refused(archive(noSize), damaged + "a header has no octal number at byte 124); fetch the file again");
        refused(archive(Arrays.copyOf(sound, 900)), damaged + "it ends within a.bin); fetch the file again");
        Files.write(file, Arrays.copyOf(IdxFiles.gzip(sound), 60));
        refused(new TarGz(file), damaged + "Unexpected end of ZLIB input stream); fetch the file again");
        Files.write(file, sound);
        refused(new TarGz(file), damaged + "Not in GZIP format); fetch the file again");
        assertEquals(List.of("folder", "set.tar.gz"), everything());
    }

    private void refused(TarGz archive, String problem) {
        assertEquals(file + problem,
                assertThrows(DataException.class, () -> archive.unpack(BOTH, folder)).getMessage());
    }

    private List<String> everything() throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.skip(1).map(path -> root.relativize(path).toString()).sorted().toList();
        }
    }
}
