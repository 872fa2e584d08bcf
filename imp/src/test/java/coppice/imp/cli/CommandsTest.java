package coppice.imp.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.imp.TinyRun;
import coppice.imp.settings.Preset;
import coppice.nn.models.Models;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each command does what its help says. */
@TestInstance(Lifecycle.PER_CLASS)
final class CommandsTest {

    private static final String[] OVERRIDES = {"controls=[random-mask]", "replicates=2"};

    private Path runs;
    private TinyRun run;

    @BeforeAll
    void runOnce(@TempDir Path folder) {
        runs = folder;
        run = new TinyRun(runs, OVERRIDES);
        assertEquals(0, Ran.tiny(runs, OVERRIDES).code());
    }

    private static String succeed(String... arguments) {
        Ran ran = Ran.coppice(arguments);
        assertEquals(0, ran.code(), ran.err());
        return ran.out();
    }

    private static String refused(String... arguments) {
        Ran ran = Ran.coppice(arguments);
        assertEquals(2, ran.code(), ran.out());
        return ran.err();
    }

    @Test
    void runSaysHowItGetsOnAndShowsTheResults(@TempDir Path others) {
        String[] arguments = TinyRun.SETTINGS.toArray(String[]::new);
        String[] all = new String[arguments.length + 4];
        System.arraycopy(new String[] {"run", "strokes", "--runs", others.toString()}, 0, all, 0, 4);
        System.arraycopy(arguments, 0, all, 4, arguments.length);
        Ran ran = Ran.coppice(all);
        assertEquals(0, ran.code(), ran.err());
        var folder = new TinyRun(others).folder();
        assertTrue(ran.err().startsWith("run: " + folder.path() + ", 3 trainings\n[1/3] replicate 1, level 0, ticket"), ran.err());
        assertTrue(ran.out().contains("\n    2  ticket            64.01 %"), ran.out());
        assertTrue(ran.out().endsWith("report: " + folder.report() + System.lineSeparator()), ran.out());
        assertTrue(Files.exists(folder.report()));
        assertTrue(Ran.coppice(all).err().contains("(done before)"));
    }

    @Test
    void quietSaysNothing(@TempDir Path others) {
        assertEquals(new Ran(0, "", ""), Ran.tiny(others));
    }

    @Test
    void showPrintsMeansOverReplicates() {
        String table = succeed("show", run.folder().path().toString());
        assertEquals(1 + 5 + 1, table.lines().count(), table);
        assertTrue(table.startsWith("level  branch          weights left     early stop   accuracy there        accuracy at end    seconds"), table);
        assertTrue(table.contains("\n    1  random-mask       80.00 %"), table);
        assertTrue(table.contains("\n    2  ticket            64.01 %"), table);
        assertTrue(table.contains("farthest"), table);
    }

    @Test
    void showCsvPrintsEveryReplicate() throws IOException {
        assertEquals(Files.readString(run.folder().results()), succeed("show", "--csv", run.folder().path().toString()));
    }

    @Test
    void reportWritesThePageAgainOrElsewhere(@TempDir Path elsewhere) throws IOException {
        Files.deleteIfExists(run.folder().report());
        assertEquals("report: " + run.folder().report() + System.lineSeparator(), succeed("report", run.folder().path().toString()));
        assertTrue(Files.readString(run.folder().report()).contains(run.folder().name()));
        Path page = elsewhere.resolve("page.html");
        succeed("report", "--out", page.toString(), run.folder().path().toString());
        assertTrue(Files.size(page) > 10_000);
    }

    @Test
    void presetsListsAndPrintsThem() {
        String list = succeed("presets");
        assertEquals(Preset.names(), list.lines().map(line -> line.split(" ")[0]).toList());
        assertEquals(Preset.named("lenet-mnist").text(), succeed("presets", "lenet-mnist"));
        assertEquals(Preset.defaults(), succeed("presets", "--defaults"));
    }

    @Test
    void aPrintedPresetIsAFileToStartFrom(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("own.yaml"), succeed("presets", "strokes"));
        String[] all = new String[TinyRun.SETTINGS.size() + 5];
        System.arraycopy(new String[] {"run", file.toString(), "--quiet", "--runs", runs.toString()}, 0, all, 0, 5);
        System.arraycopy(TinyRun.SETTINGS.toArray(String[]::new), 0, all, 5, TinyRun.SETTINGS.size());
        assertEquals(new Ran(0, "", ""), Ran.coppice(all));
        assertTrue(Files.exists(new TinyRun(runs).folder().results()));
    }

    @Test
    void dataListNamesWhatThereIs() {
        String list = succeed("data", "list");
        assertEquals(List.of("strokes", "strokes-rgb", "mnist", "fashion-mnist", "cifar-10", "cifar-100"), list.lines().map(line -> line.split(" ")[0]).toList());
        assertTrue(list.contains("11.6 MB"), list);
    }

    @Test
    void dataCheckSaysWhatIsWrong(@TempDir Path folder) throws IOException {
        Files.write(folder.resolve("train-images-idx3-ubyte"), new byte[3]);
        Ran ran = Ran.coppice("data", "check", folder.toString());
        assertEquals(2, ran.code());
        assertTrue(ran.out().contains("problem: " + folder + ": has no file train-labels-idx1-ubyte"), ran.out());
        assertTrue(ran.out().strip().endsWith(folder + ": not sound"), ran.out());
    }

    @Test
    void dataWithoutACommandShowsItsHelp() {
        assertTrue(succeed("data").contains("fetch"));
    }

    @Test
    void infoShowsAModelLayerByLayer() {
        List<String> lines = succeed("info", "resnet-20").lines().toList();
        assertTrue(lines.contains("stage2/block1/shortcut             Conv2d             32 × 16 × 16                  512            131,072"), lines.toString());
        assertTrue(lines.getLast().matches("resnet-20 +all +3 × 32 × 32 +272,474 +40,813,184"), lines.getLast());
        String small = succeed("info", "lenet-300-100", "--example=1x8x8", "--classes=4");
        assertTrue(small.contains("fc1                                Linear             300                        19,500             19,200"), small);
    }

    @Test
    void infoShowsWhatSurvivesAMask() {
        String mask = run.level(2).mask().toString();
        String table = succeed("info", "linear", "--mask", mask);
        assertTrue(table.endsWith("5,018 of 7,840 prunable weights survive, 64.01 %; 64.01 % of the multiply-adds" + System.lineSeparator()), table);
        assertTrue(refused("info", "lenet-300-100", "--mask", mask).contains("masks fc1.weight of [10,784], not of [300,784]"));
    }

    @Test
    void infoNamesBackendsAndModels() {
        String info = succeed("info");
        assertTrue(info.contains("reference  plain loops on one thread"), info);
        assertTrue(info.contains("266,610 parameters"), info);
        for (String model : Models.names()) {
            assertTrue(info.contains("model     " + model), info);
        }
    }

    @Test
    void helpAndVersionAreThere() {
        for (String[] arguments : new String[][] {{}, {"--help"}, {"-h"}, {"help"}}) {
            String help = succeed(arguments);
            for (String command : new String[] {"run", "presets", "show", "report", "data", "info", "coppice run strokes"}) {
                assertTrue(help.contains(command), help);
            }
        }
        assertTrue(succeed("--version").startsWith("coppice "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "presets", "show", "report", "data", "info"})
    void everyCommandHasHelp(String command) {
        assertTrue(succeed(command, "--help").contains("Usage: coppice " + command));
        assertTrue(succeed("help", command).contains("Usage: coppice " + command));
    }

    @Test
    void theHelpOfRunSaysHowToGoOnAndWhatIsSaved() {
        String help = succeed("run", "--help");
        assertTrue(help.contains("--checkpoint-every=SECONDS") && help.contains("goes on where it stood"), help);
    }
}
