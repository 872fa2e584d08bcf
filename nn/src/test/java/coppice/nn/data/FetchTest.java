package coppice.nn.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import coppice.engine.Seed;
import coppice.nn.data.Catalogue.Entry;
import coppice.nn.data.Catalogue.Member;
import coppice.nn.data.Catalogue.RemoteFile;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class FetchTest {

    private static final String NAME = "images.gz";

    @TempDir
    private Path folder;
    private final byte[] content = content();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private Entry entry;
    private Fetch fetch;

    /** What the server does with one request; answers are used in order, the last one for ever. */
    @FunctionalInterface
    private interface Answer {

        void to(HttpExchange exchange, int from) throws IOException;
    }

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/data/");
        Path published = Files.write(folder.resolve("published"), content);
        entry = new Entry("tiny", "", address, List.of(new RemoteFile(NAME, content.length, Md5.of(published).hex())));
        fetch = new Fetch(new UserCache(folder.resolve("cache")), Duration.ofSeconds(20));
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    private static byte[] content() {
        byte[] content = new byte[300_000];
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) Seed.of(5).bits(i);
        }
        return content;
    }

    private void serve(Answer... answers) {
        server.createContext("/data/" + NAME, exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            Answer answer = answers[Math.min(asked.size(), answers.length - 1)];
            asked.add(range == null ? "all" : range);
            try (exchange) {
                answer.to(exchange, range == null ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", "")));
            }
        });
    }

    /** The rest of the content from what was asked on, promised in full and cut off after {@code count} bytes. */
    private Answer rest(int count) {
        return (exchange, from) -> {
            if (from > 0) {
                exchange.getResponseHeaders().set("Content-Range",
                        "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
            }
            exchange.sendResponseHeaders(from > 0 ? 206 : 200, content.length - from);
            exchange.getResponseBody().write(content, from, Math.min(count, content.length - from));
            exchange.getResponseBody().flush();
        };
    }

    private static Answer whole(byte[] body) {
        return (exchange, _) -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        };
    }

    private static Answer status(int status) {
        return (exchange, _) -> exchange.sendResponseHeaders(status, -1);
    }

    @Test
    void fetchesOnceAndTellsHowFarItIs() throws IOException {
        serve(rest(content.length));
        List<Long> steps = new ArrayList<>();
        Path there = fetch.fetch(entry, (_, done) -> steps.add(done));
        assertEquals(folder.resolve("cache/tiny"), there);
        assertArrayEquals(content, Files.readAllBytes(there.resolve(NAME)));
        assertEquals(steps.stream().sorted().toList(), steps);
        assertEquals(content.length, steps.getLast());
        fetch.fetch(entry, (_, _) -> { });
        assertEquals(List.of("all"), asked, "what is there is not fetched again");
        assertEquals(List.of(NAME), names());
    }

    @Test
    void aBrokenConnectionIsTakenUpAgain() throws IOException {
        serve(rest(100_000), rest(50_000), rest(content.length));
        Path there = fetch.fetch(entry, (_, _) -> { });
        assertArrayEquals(content, Files.readAllBytes(there.resolve(NAME)));
        assertEquals(3, asked.size(), asked.toString());
        assertEquals("all", asked.getFirst());
        assertTrue(asked.get(1).startsWith("bytes="), asked.toString());
    }

    @Test
    void aLaterFetchGoesOnFromThePart() throws IOException {
        serve(rest(content.length));
        part(Arrays.copyOf(content, 120_000));
        assertArrayEquals(content, Files.readAllBytes(fetch.fetch(entry, (_, _) -> { }).resolve(NAME)));
        assertEquals(List.of("bytes=120000-"), asked);
    }

    @Test
    void aServerWithoutRangesSendsTheWhole() throws IOException {
        serve(whole(content));
        part(Arrays.copyOf(content, 120_000));
        assertArrayEquals(content, Files.readAllBytes(fetch.fetch(entry, (_, _) -> { }).resolve(NAME)));
        assertEquals(List.of(NAME), names());
    }

    @Test
    void aConnectionThatBringsNothingEndsTheFetchAndKeepsThePart() throws IOException {
        serve(rest(0));
        part(Arrays.copyOf(content, 120_000));
        refused(": the connection broke after 120000 of 300000 bytes; fetch again to go on from there");
        assertEquals(List.of(NAME + ".part"), names());
    }

    @Test
    void aWrongChecksumLeavesNothing() throws IOException {
        byte[] wrong = content.clone();
        wrong[7] ^= 1;
        serve(whole(wrong));
        String md5 = Md5.of(Files.write(folder.resolve("wrong"), wrong)).hex();
        refused(": is not the published file, expected 300000 bytes with MD5 sum " + entry.files().getFirst().md5()
                + ", got 300000 with " + md5 + "; they have been removed");
        assertEquals(List.of(), names());
    }

    @Test
    void aFileLongerThanPublishedIsNotFollowedToItsEnd() throws IOException {
        serve(whole(Arrays.copyOf(content, 40_000_000)));
        String message = assertThrows(DataException.class, () -> fetch.fetch(entry, (_, _) -> { })).getMessage();
        assertTrue(message.contains(": is not the published file, expected 300000 bytes"), message);
        assertEquals(List.of(), names());
    }

    @Test
    void aDamagedFileInTheCacheIsReplaced() throws IOException {
        serve(whole(content));
        Files.createDirectories(folder.resolve("cache/tiny"));
        Files.write(folder.resolve("cache/tiny").resolve(NAME), new byte[9]);
        assertArrayEquals(content, Files.readAllBytes(fetch.fetch(entry, (_, _) -> { }).resolve(NAME)));
    }

    @Test
    void aRefusalNamesTheStatus() throws IOException {
        serve(status(404), status(416));
        refused(": the server answered with HTTP status 404, expected 200 or 206");
        assertEquals(List.of(), names());
        part(new byte[10]);
        refused(": the server answered with HTTP status 416, expected 200 or 206");
        assertEquals(List.of(), names(), "a part that the server does not know is begun anew");
    }

    @Test
    @Timeout(20)
    void aSilentServerIsNotWaitedForForever() {
        CountDownLatch gaveUp = new CountDownLatch(1);
        serve((exchange, from) -> {
            rest(0).to(exchange, from);
            try {
                gaveUp.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        fetch = new Fetch(fetch.cache(), Duration.ofMillis(300));
        try {
            refused(": the connection broke after 0 of 300000 bytes; fetch again to go on from there");
        } finally {
            gaveUp.countDown();
        }
    }

    @Test
    void anArchiveIsUnpackedOnceAndAgainWhenAFileIsMissing() throws IOException {
        byte[] archive = IdxFiles.gzip(new TarBytes().file("set/a.bin", content).end());
        serve(whole(archive));
        String md5 = Md5.of(Files.write(folder.resolve("archive"), archive)).hex();
        entry = new Entry("tiny", "", entry.address(),
                List.of(new RemoteFile(NAME, archive.length, md5, List.of(new Member("a.bin", content.length)))));
        Path unpacked = fetch.fetch(entry, (_, _) -> { }).resolve("a.bin");
        assertArrayEquals(content, Files.readAllBytes(unpacked));
        Files.write(unpacked, new byte[] {1});
        fetch.fetch(entry, (_, _) -> { });
        assertArrayEquals(content, Files.readAllBytes(unpacked));
        assertEquals(List.of("all"), asked, "the archive is not fetched again");
        assertEquals(List.of("a.bin", NAME), names().stream().sorted().toList());
    }

    @Test
    void noNetworkIsSaid() {
        server.stop(0);
        String message = assertThrows(DataException.class, () -> fetch.fetch(entry, (_, _) -> { })).getMessage();
        assertTrue(message.startsWith(entry.address().resolve(NAME) + ": cannot be reached (java.net.ConnectException"),
                message);
        assertTrue(message.endsWith("is there a network?"), message);
    }

    @Test
    void twoFetchesOfOneFileDoNotMix() throws IOException {
        serve(whole(content));
        part(new byte[0]);
        Path part = folder.resolve("cache/tiny").resolve(NAME + ".part");
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE); FileLock _ = channel.lock()) {
            assertEquals(part + ": is being fetched by another program; wait for it to finish",
                    assertThrows(DataException.class, () -> fetch.fetch(entry, (_, _) -> { })).getMessage());
        }
    }

    private void part(byte[] bytes) throws IOException {
        Files.createDirectories(folder.resolve("cache/tiny"));
        Files.write(folder.resolve("cache/tiny").resolve(NAME + ".part"), bytes);
    }

    private void refused(String problem) {
        assertEquals(entry.address().resolve(NAME) + problem,
                assertThrows(DataException.class, () -> fetch.fetch(entry, (_, _) -> { })).getMessage());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("cache/tiny"))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
