package coppice.imp.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void foldersAreMadeAndContentIsReplaced() throws IOException {
        var file = new AtomicFile(folder.resolve("replicate-1/level-00/metrics.csv"));
        file.write("first, and longer\n");
        file.write("größer\n");
        assertEquals("größer\n", Files.readString(file.path()));
    }

    @Test
    void aFailureInTheMiddleLeavesTheOldFileAndNothingElse() throws IOException {
        var file = new AtomicFile(folder.resolve("results.csv"));
        file.write("old\n");
        var error = assertThrows(StoreException.class, () -> file.write(channel -> {
            channel.write(ByteBuffer.wrap(new byte[100]));
            throw new IOException("No space left on device");
        }));
        assertEquals("old\n", Files.readString(file.path()));
        assertEquals(List.of("results.csv"), names());
        assertEquals(file.path() + ": cannot be written (No space left on device); check the space left and the permissions of "
                + folder, error.getMessage());
    }

    @Test
    void anErrorInTheContentLeavesNothingEither() throws IOException {
        var file = new AtomicFile(folder.resolve("results.csv"));
        assertThrows(IllegalStateException.class, () -> file.write(channel -> {
            throw new IllegalStateException();
        }));
        assertEquals(List.of(), names());
    }

    @Test
    void aFileWhereAFolderShouldBeIsNamed() throws IOException {
        Files.writeString(folder.resolve("replicate-1"), "no folder");
        var file = new AtomicFile(folder.resolve("replicate-1/metrics.csv"));
        var error = assertThrows(StoreException.class, () -> file.write("text"));
        assertTrue(error.getMessage().startsWith(file.path() + ": cannot be written"), error.getMessage());
    }

    @Test
    void whatAKilledWriterLeftIsRemovedAndNothingElse() throws IOException {
        long alive = ProcessHandle.current().pid();
        long dead = 999_999_999_999L;
        Files.writeString(folder.resolve(".results.csv." + dead + "-1.tmp"), "a part");
        Files.writeString(folder.resolve(".results.csv." + alive + "-999.tmp"), "another writer's");
        Files.writeString(folder.resolve(".results.csv.notes.tmp"), "not ours");
        Files.writeString(folder.resolve(".spec.yaml." + dead + "-1.tmp"), "of another file");
        new AtomicFile(folder.resolve("results.csv")).write("new\n");
        assertEquals(List.of(".results.csv." + alive + "-999.tmp", ".results.csv.notes.tmp", ".spec.yaml." + dead + "-1.tmp",
                "results.csv"), names());
    }
}
