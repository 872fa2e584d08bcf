package coppice.imp.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.imp.store.Results;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opens reports in a headless Chromium, where one is on the PATH. */
class BrowserTest {

    private static Optional<Path> browser;

    @TempDir
    Path folder;

    private record Opened(String document, String console) {
    }

    @BeforeAll
    static void findBrowser() {
        browser = Stream.of("chromium", "chromium-browser", "google-chrome")
                .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator)).map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable).findFirst();
        assumeTrue(browser.isPresent(), "skipped: no chromium, chromium-browser or google-chrome on the PATH to open the report with");
    }

    private Opened open(Path html) throws IOException, InterruptedException {
        Path document = folder.resolve("document.html");
        Path console = folder.resolve("console.txt");
        Process process = new ProcessBuilder(browser.get().toString(), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir=" + folder.resolve("profile"),
                "--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000", "--window-size=390,844", "--dump-dom", html.toUri().toString())
                .redirectOutput(document.toFile()).redirectError(console.toFile()).start();
        boolean ended = process.waitFor(90, TimeUnit.SECONDS);
        process.destroyForcibly();
        assertTrue(ended, "the browser did not come to an end");
        String messages = String.join("\n", Files.readString(console).lines().filter(line -> line.contains("CONSOLE")).toList());
        return new Opened(Files.readString(document), messages);
    }

    private static long count(String what, String text) {
        return Pattern.compile(what).matcher(text).results().count();
    }

    @Test
    void everyChartIsDrawnWithoutAnError() throws IOException, InterruptedException {
        Path html = folder.resolve("report.html");
        Report.write(List.of(new FakeRun("lenet").write(folder).path()), html);
        Opened opened = open(html);
        assertEquals("", opened.console);
        assertEquals(8, count("<figure data-chart", opened.document));
        assertEquals(8, count("role=\"img\"[^>]*aria-label=\"(Line chart|Histogram): [^>]*><div[^>]*><svg", opened.document));
        assertEquals(22, count("<td>(ticket|random-reinit|random-mask)( \\(dense\\))?</td>", opened.document), "rows of results");
    }

    @Test
    void severalRunsAreDrawnSideBySide() throws IOException, InterruptedException {
        Path html = folder.resolve("report.html");
        Report.write(List.of(new FakeRun("a", 1, 2, 3, 0, 3).write(folder).path(), new FakeRun("b", 2, 2, 3, 0, 1).write(folder).path()), html);
        Opened opened = open(html);
        assertEquals("", opened.console);
        assertEquals(11, count("role=\"img\"[^>]*><div[^>]*><svg", opened.document), "five charts for both, three for each");
    }

    @Test
    void aRunWithoutResultsIsAPageToo() throws IOException, InterruptedException {
        var run = new FakeRun("begun", 1, 1, 1, 0, 1).write(folder);
        new Results(List.of()).write(run.results());
        Path html = folder.resolve("report.html");
        Report.write(List.of(run.path()), html);
        Opened opened = open(html);
        assertEquals("", opened.console);
        assertEquals(8, count("Nothing to show\\.</p><div", opened.document.replace(" hidden=\"\"", "")));
        assertTrue(opened.document.contains("This run is unfinished."));
    }

    @Test
    void hostileNamesStayText() throws IOException, InterruptedException {
        Path html = folder.resolve("report.html");
        var run = new FakeRun("<img src=x onerror=console.log(1)>", 1, 1, 1, 0, 1).write(folder);
        Report.write(List.of(run.path(), new FakeRun("other", 1, 1, 1, 0, 1).write(folder).path()), html);
        Opened opened = open(html);
        assertEquals("", opened.console);
        assertEquals(0, count("<img", opened.document.substring(0, opened.document.indexOf("Licensed to the Apache"))));
    }
}
