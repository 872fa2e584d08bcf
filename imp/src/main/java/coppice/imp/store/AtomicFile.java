package coppice.imp.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that is either complete or not there: its content goes into a hidden temporary file of the same folder
 * ({@code .name.process-thread.tmp}), is forced to disk, and takes the file's name in one atomic step. Whoever reads the file
 * sees the old content or the new, never a part of it, even if the machine stops in between.
 */
public record AtomicFile(Path path) {

    private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.(\\d{1,18})-\\d{1,18}\\.tmp");

    /** Writes the content of a file, from the first byte to the last, to an open channel. */
    @FunctionalInterface
    public interface Content {
        void to(FileChannel channel) throws IOException;
    }

    /** Writes {@code text} in UTF-8; see {@link #write(Content)}. */
    public void write(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes {@code bytes}; see {@link #write(Content)}. */
    public void write(byte[] bytes) {
        write(channel -> {
            for (var rest = ByteBuffer.wrap(bytes); rest.hasRemaining();) {
                channel.write(rest);
            }
        });
    }

    /**
     * Replaces the file by {@code content}; missing folders are made.
     *
     * @throws StoreException if it cannot be written; the file is then as it was before, and no temporary file is left
     */
    public void write(Content content) {
        Path folder = path.toAbsolutePath().getParent();
        Path temporary = folder.resolve(prefix() + ProcessHandle.current().pid() + "-" + Thread.currentThread().threadId() + ".tmp");
        try {
            Files.createDirectories(folder);
            removeLeftovers(folder);
            try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                content.to(channel);
                channel.force(true);
            }
            Files.move(temporary, path.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(folder);
        } catch (IOException e) {
            throw new StoreException(path, "cannot be written (" + reason(e) + ")",
                    "check the space left and the permissions of " + folder, e);
        } finally {
            remove(temporary);
        }
    }

    /**
     * Removes the temporary files that a killed process left anywhere below a folder. For a program that has just begun to work
     * there: what carries its own process number is an earlier process's, too.
     *
     * @throws StoreException if the folder cannot be read
     */
    public static void removeLeftoversBelow(Path folder) {
        try (var files = Files.walk(folder)) {
            files.filter(file -> writer(file, ".").filter(writer -> !isAlive(writer) || writer == ProcessHandle.current().pid()).isPresent())
                    .toList().forEach(AtomicFile::remove);
        } catch (IOException | UncheckedIOException e) {
            throw new StoreException(folder, "cannot be read (" + e.getMessage() + ")", "check the disk and the permissions", e);
        }
    }

    /** Temporary files of this file whose process was killed while it wrote them. */
    private void removeLeftovers(Path folder) throws IOException {
        List<Path> leftovers;
        try (var siblings = Files.list(folder)) {
            leftovers = siblings.filter(this::isLeftover).toList();
        }
        leftovers.forEach(AtomicFile::remove);
    }

    private boolean isLeftover(Path sibling) {
        return writer(sibling, prefix()).filter(writer -> !isAlive(writer)).isPresent();
    }

    /** The process that wrote a file, if its name is that of a temporary file and starts so. */
    private static Optional<Long> writer(Path file, String prefix) {
        Matcher name = TEMPORARY.matcher(file.getFileName().toString());
        return name.matches() && name.group().startsWith(prefix) ? Optional.of(Long.parseLong(name.group(1))) : Optional.empty();
    }

    private static boolean isAlive(long process) {
        return ProcessHandle.of(process).isPresent();
    }

    private String prefix() {
        return "." + path.getFileName() + ".";
    }

    private static void remove(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // A leftover costs space only, and the error that led here says more than this one.
        }
    }

    /** Makes the rename itself durable. Windows neither allows nor needs it. */
    private static void force(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    private static String reason(IOException e) {
        String what = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return what == null ? e.getClass().getSimpleName() : what;
    }
}
