package coppice.imp;

import coppice.imp.store.RunFolder;
import coppice.imp.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two programs from writing into one run folder. The lock goes with the process, however it ends. */
final class RunLock implements AutoCloseable {

    private final FileChannel channel;

    private RunLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Makes the run's folder where it is missing, and locks it.
     *
     * @throws StoreException if it cannot be written, or another program is at work in it
     */
    static RunLock take(RunFolder folder) {
        Path file = folder.path().resolve(".lock");
        try {
            Files.createDirectories(folder.path());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!tryLock(channel)) {
                channel.close();
                throw new StoreException(folder.path(), "another program is working on this run", "wait for it, or stop it");
            }
            return new RunLock(channel);
        } catch (IOException e) {
            throw new StoreException(folder.path(), "cannot be written (" + e.getClass().getSimpleName() + ": " + e.getMessage() + ")",
                    "choose another folder with --runs, or check its permissions and the space left", e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
