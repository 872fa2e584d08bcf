package coppice.nn.data;

import coppice.nn.data.Catalogue.RemoteFile;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;

/**
 * Downloads the files of a data set into the cache. What has come so far of a file stands there as {@code NAME.part}, and a
 * fetch that was cut off goes on from it. Only when its length and MD5 sum are right does a file get its own name, in one
 * step. An archive is unpacked beside itself and stays, since its MD5 sum is the one that is published.
 *
 * @param patience how long a server may stay silent before the fetch gives up
 */
public record Fetch(UserCache cache, Duration patience) {

    /** Times a connection may break in one file before the fetch gives up; each must have brought something. */
    private static final int MOST_BREAKS = 5;

    private static final int CHUNK = 1 << 16;

    public Fetch {
        if (!patience.isPositive()) {
            throw new IllegalArgumentException("fetch: patience must be above 0, got " + patience);
        }
    }

    /** Is told how far a file has come. */
    @FunctionalInterface
    public interface Progress {

        /** @param done bytes of {@code file} that are here, out of its {@code bytes()} */
        void at(RemoteFile file, long done);
    }

    /**
     * Brings every file of the data set that is not yet there, or not as published.
     *
     * @return the folder that now holds them, to be read as an {@link IdxFolder} or a {@link CifarFolder}
     * @throws DataException if there is no network, the server refuses, or a file is not as published
     */
    public Path fetch(Catalogue.Entry entry, Progress progress) {
        Path folder = cache.folder(entry);
        try (HttpClient client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NORMAL).connectTimeout(patience).build()) {
            Files.createDirectories(folder);
            for (RemoteFile file : entry.files()) {
                Path target = folder.resolve(file.name());
                boolean here = Files.isRegularFile(target) && Md5.of(target).hex().equals(file.md5());
                if (!here) {
                    fetch(client, entry.address().resolve(file.name()), file, target, progress);
                }
                if (!file.members().isEmpty() && (!here || !unpacked(file, folder))) {
                    new TarGz(target).unpack(file.members(), folder);
                }
                progress.at(file, file.bytes());
            }
            return folder;
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be written (" + e + ")", e);
        }
    }

    private static boolean unpacked(RemoteFile file, Path folder) throws IOException {
        for (Catalogue.Member member : file.members()) {
            Path target = folder.resolve(member.name());
            if (!Files.isRegularFile(target) || Files.size(target) != member.bytes()) {
                return false;
            }
        }
        return true;
    }

    private void fetch(HttpClient client, URI address, RemoteFile file, Path target, Progress progress) throws IOException {
        Path part = target.resolveSibling(file.name() + ".part");
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = lock(channel, part)) {
            try {
                receiveAll(client, address, file, channel, progress);
            } finally {
                if (channel.size() == 0) {
                    Files.delete(part);
                }
            }
            channel.force(true);
        }
        String md5 = Md5.of(part).hex();
        long bytes = Files.size(part);
        if (bytes != file.bytes() || !md5.equals(file.md5())) {
            Files.delete(part);
            throw new DataException(address + ": is not the published file, expected " + file.bytes()
                    + " bytes with MD5 sum " + file.md5() + ", got " + bytes + " with " + md5 + "; they have been removed");
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileLock lock(FileChannel channel, Path part) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            // held by another thread of this program: the same to the caller
        }
        throw new DataException(part + ": is being fetched by another program; wait for it to finish");
    }

    private void receiveAll(HttpClient client, URI address, RemoteFile file, FileChannel part, Progress progress)
            throws IOException {
        part.position(part.size());
        for (int breaks = 0; part.size() < file.bytes(); breaks++) {
            long before = part.size();
            IOException cut = receive(client, address, file, part, progress);
            if (part.size() < file.bytes() && (part.size() <= before || breaks == MOST_BREAKS)) {
                throw new DataException(address + ": the connection broke after " + part.size() + " of " + file.bytes()
                        + " bytes; fetch again to go on from there", cut);
            }
        }
    }

    /** Appends one response to what is there. Returns what cut it off, or null if it came to an end of its own. */
    private IOException receive(HttpClient client, URI address, RemoteFile file, FileChannel part, Progress progress)
            throws IOException {
        HttpResponse<InputStream> response;
        try {
            response = ask(client, address, part.size());
        } catch (IOException e) {
            return e; // broke off so early that the client did not pass the answer on
        }
        try (InputStream body = response.body()) {
            switch (response.statusCode()) {
                case 206 -> {
                    String range = response.headers().firstValue("Content-Range").orElse("missing");
                    if (!range.startsWith("bytes " + part.size() + "-")) {
                        throw new DataException(address + ": asked for the bytes from " + part.size()
                                + " on, the server's Content-Range is " + range);
                    }
                }
                case 200 -> part.truncate(0);
                default -> {
                    if (response.statusCode() == 416) {
                        part.truncate(0); // what is here is longer than the server's file: begin anew next time
                    }
                    throw new DataException(address + ": the server answered with HTTP status " + response.statusCode()
                            + ", expected 200 or 206");
                }
            }
            return append(body, file, part, progress);
        }
    }

    private IOException append(InputStream body, RemoteFile file, FileChannel part, Progress progress) throws IOException {
        AtomicLong heard = new AtomicLong(System.nanoTime());
        Thread watch = Thread.startVirtualThread(() -> closeWhenSilent(body, heard));
        try {
            byte[] chunk = new byte[CHUNK];
            while (part.size() <= file.bytes()) {
                int count;
                try {
                    count = body.read(chunk);
                } catch (IOException e) {
                    return e;
                }
                if (count < 0) {
                    return null;
                }
                heard.set(System.nanoTime());
                for (ByteBuffer rest = ByteBuffer.wrap(chunk, 0, count); rest.hasRemaining();) {
                    part.write(rest);
                }
                progress.at(file, part.size());
            }
            return null; // more than was published: the check of the length will say so
        } finally {
            watch.interrupt();
        }
    }

    /** The time limit of a request ends with its headers; this one is for the body. */
    private void closeWhenSilent(InputStream body, AtomicLong heard) {
        try {
            while (System.nanoTime() - heard.get() < patience.toNanos()) {
                Thread.sleep(patience.dividedBy(10));
            }
            body.close();
        } catch (InterruptedException | IOException e) {
            // the body came to its end, or is closed already
        }
    }

    private HttpResponse<InputStream> ask(HttpClient client, URI address, long from) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).timeout(patience);
        if (from > 0) {
            request.header("Range", "bytes=" + from + "-");
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (ConnectException | HttpTimeoutException | SSLException e) {
            throw new DataException(address + ": cannot be reached (" + e + "); is there a network?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException(address + ": interrupted", e);
        }
    }
}
