package coppice.imp.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.imp.store.AtomicFile;
import coppice.imp.store.Branch;
import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import coppice.imp.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportTest {

    private static final Pattern DATA = Pattern.compile("<script id=\"runs\" type=\"application/json\">(.*?)</script>", Pattern.DOTALL);

    @TempDir
    static Path shared;
    static RunFolder finished;

    @TempDir
    Path folder;

    @BeforeAll
    static void writeRun() {
        finished = new FakeRun("lenet-digits-3f9c2a").write(shared);
    }

    private String page(RunFolder... runs) throws IOException {
        Path html = folder.resolve("report.html");
        Report.write(List.of(runs).stream().map(RunFolder::path).toList(), html);
        return Files.readString(html);
    }

    /** The page without the chart library. */
    private static String own(String page) {
        return page.substring(0, page.indexOf("Licensed to the Apache")) + page.substring(page.indexOf("// Colours after Okabe"));
    }

    private static JsonNode data(String page) {
        var matcher = DATA.matcher(page);
        assertTrue(matcher.find());
        return JsonMapper.builder().build().readTree(matcher.group(1));
    }

    @Test
    void aFinishedRunIsThereInFull() throws IOException {
        Files.setLastModifiedTime(finished.results(), FileTime.from(Instant.parse("2026-07-31T14:05:00Z")));
        String page = page(finished);
        assertTrue(page.contains("<h1>lenet-digits-3f9c2a</h1>"));
        assertTrue(page.contains("Results of 31 July 2026, 14:05 UTC"));
        assertTrue(page.contains("<p>The dense network reaches 98."));
        JsonNode run = data(page).get(0);
        assertEquals(List.of("ticket", "random-reinit", "random-mask"),
                run.get("branches").valueStream().map(b -> b.get("branch").asString()).toList());
        assertEquals(8, run.get("branches").get(0).get("levels").size());
        assertEquals(7, run.get("branches").get(1).get("levels").size());
        assertEquals(22, run.get("curves").size(), "one per branch and level");
        assertTrue(run.get("curves").get(0).get("iterations").size() <= 100);
        assertEquals(List.of("fc1.weight", "fc2.weight", "fc3.weight"), run.get("layers").valueStream().map(JsonNode::asString).toList());
        assertEquals(List.of(1.0, 1.0, 1.0), run.get("layerDensities").get(0).get("layers").valueStream().map(JsonNode::asDouble).toList());
        assertEquals(0.81, run.get("layerDensities").get(1).get("layers").get(2).asDouble(), 1e-9, "the output layer loses half as much");
        assertEquals(8, run.get("magnitudes").size());
        assertEquals(24_000, run.get("magnitudes").get(0).get("end").valueStream().mapToDouble(JsonNode::asDouble).sum(), 1);
        assertEquals(0, run.get("gaps").get("missing").size());
        assertEquals(0, run.get("missingFiles").size());
        assertTrue(page.contains("optimiser.learning-rate") && page.contains("# the output layer half of it"));
    }

    @Test
    void thePageNeedsNothingElse() throws IOException {
        String page = page(finished);
        assertTrue(page.contains("default-src 'none'"));
        assertTrue(page.contains("Licensed to the Apache Software Foundation"));
        assertFalse(Pattern.compile("https?:|//cdn|@import|url\\(|<link|\\ssrc=").matcher(own(page)).find());
        assertTrue(page.length() < 1_000_000, "a page of " + page.length() + " characters");
    }

    @Test
    void theSameRunGivesTheSamePage() throws IOException {
        assertEquals(page(finished), page(finished));
    }

    @Test
    void severalRunsAreNamed() throws IOException {
        RunFolder other = new FakeRun("lenet-digits-81d0aa", 11, 2, 3, 0.001, 3).write(folder);
        String page = page(finished, other);
        assertTrue(page.contains("<h1>Comparison of 2 runs</h1>"));
        assertTrue(page.contains("<b>lenet-digits-81d0aa.</b> The dense network reaches"));
        assertEquals(2, data(page).size());
    }

    @Test
    void runsOfOneNameAreToldByTheirParents() throws IOException {
        RunFolder twin = new FakeRun("lenet-digits-3f9c2a", 11, 1, 1, 0, 1).write(folder.resolve("elsewhere"));
        assertEquals(List.of(shared.getFileName() + "/lenet-digits-3f9c2a", "elsewhere/lenet-digits-3f9c2a"),
                data(page(finished, twin)).valueStream().map(run -> run.get("name").asString()).toList());
    }

    @Test
    void namesAndSettingsCannotBreakOut() throws IOException {
        RunFolder run = new FakeRun("<img onerror=alert(1)> & \"{{data}}\"", 7, 1, 1, 0, 1).write(folder);
        new AtomicFile(run.spec()).write("name: '</script><script>alert(2)</script><!--'\n");
        String page = page(run);
        assertTrue(page.contains("<h1>&lt;img onerror=alert(1)&gt; &amp; &quot;{{data}}&quot;</h1>"));
        assertFalse(own(page).contains("<img"));
        assertFalse(own(page).contains("<script>alert"));
        assertFalse(own(page).contains("<!--"));
        assertEquals("</script><script>alert(2)</script><!--", data(page).get(0).at("/settings/settings/0/value").asString());
        assertEquals("<img onerror=alert(1)> & \"{{data}}\"", data(page).get(0).get("name").asString());
    }

    @Test
    void anUnfinishedRunSaysWhatItLacks() throws IOException {
        RunFolder run = new FakeRun("unfinished", 7, 2, 4, 0, 1).write(folder);
        var rows = Results.read(run.results()).rows().stream().filter(row -> row.branch() != Branch.RANDOM_MASK || row.level() != 2).toList();
        new Results(rows).write(run.results());
        JsonNode gaps = data(page(run)).get(0).get("gaps");
        assertEquals(26, gaps.get("expected").asInt());
        assertEquals(16, gaps.get("present").asInt());
        assertEquals(List.of("ticket, replicate 2: levels 2–4", "random-reinit, replicate 2: levels 2–4",
                "random-mask, replicate 1: level 2", "random-mask, replicate 2: levels 2–4"),
                gaps.get("missing").valueStream().map(JsonNode::asString).toList());
    }

    @Test
    void aRunThatHasOnlyBegunIsShown() throws IOException {
        RunFolder run = new FakeRun("begun", 7, 3, 4, 0, 4).write(folder);
        new Results(List.of()).write(run.results());
        String page = page(run);
        assertTrue(page.contains("There is no result of the dense network (level 0 of ticket) yet"));
        assertEquals(List.of("ticket, replicate 1: levels 0–4"),
                data(page).get(0).at("/gaps/missing").valueStream().map(JsonNode::asString).limit(1).toList());
    }

    @Test
    void missingFilesAreNamed() throws IOException {
        RunFolder run = new FakeRun("torn", 7, 1, 2, 0, 2).write(folder);
        Files.delete(run.level(1, 2, Branch.TICKET).end());
        Files.delete(run.level(1, 1, Branch.RANDOM_MASK).metrics());
        JsonNode shown = data(page(run)).get(0);
        assertEquals(List.of("replicate-1/level-02/end.safetensors", "replicate-1/level-01/random-mask/metrics.csv"),
                shown.get("missingFiles").valueStream().map(JsonNode::asString).toList());
        assertEquals(2, shown.get("magnitudes").size());
    }

    @Test
    void aDivergedRunIsShown() throws IOException {
        RunFolder run = new FakeRun("diverged", 7, 1, 1, 0, 1).write(folder);
        var rows = Results.read(run.results()).rows().stream().map(row -> new Results.Row(row.branch(), row.replicate(), row.level(),
                row.density(), row.weightsLeft(), 0, 0.1, 0.1, Double.NaN, 1, 100)).toList();
        new Results(rows).write(run.results());
        assertTrue(data(page(run)).get(0).at("/branches/0/levels/0/lossAtEnd/mean").isNull());
    }

    @Test
    void whatIsNoRunIsRefused() throws IOException {
        var none = assertThrows(StoreException.class, () -> Report.write(List.of(folder), folder.resolve("report.html")));
        assertEquals(folder + ": not a run folder, it has no spec.yaml; name a folder that a run made, such as runs/lenet-mnist-3f9c2a",
                none.getMessage());
        assertThrows(IllegalArgumentException.class, () -> Report.write(List.of(), folder.resolve("report.html")));

        RunFolder run = new FakeRun("damaged", 7, 1, 1, 0, 1).write(folder);
        Path mask = run.level(1, 1, Branch.TICKET).mask();
        byte[] bytes = Files.readAllBytes(mask);
        bytes[bytes.length - 1] ^= 1;
        Files.write(mask, bytes);
        var damaged = assertThrows(StoreException.class, () -> page(run));
        assertTrue(damaged.getMessage().startsWith(mask + ": the content has SHA-256 "), damaged.getMessage());
        assertFalse(Files.exists(folder.resolve("report.html")));

        new AtomicFile(run.spec()).write("name: [\n");
        assertTrue(assertThrows(StoreException.class, () -> page(run)).getMessage().startsWith(run.spec() + ": is no YAML"));
    }
}
