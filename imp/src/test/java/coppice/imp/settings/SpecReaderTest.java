package coppice.imp.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.imp.store.Branch;
import coppice.nn.Initialiser;
import coppice.nn.Loss;
import coppice.nn.Optimiser;
import coppice.nn.Schedule;
import coppice.nn.Span;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class SpecReaderTest {

    @TempDir
    private Path folder;

    private static List<String> presets() {
        return Preset.names();
    }

    @ParameterizedTest
    @MethodSource("presets")
    void everyPresetCanBeReadAndSaysWhatItIs(String name) {
        assertEquals(name, SpecReader.read(name, List.of()).name());
        assertTrue(Preset.named(name).about().length() > 20, Preset.named(name).about());
    }

    /** The classes here are from a folder, so the pages can be listed; from a jar they cannot. */
    @Test
    void everyPageIsAPreset() throws Exception {
        var strokes = Path.of(Preset.class.getResource("presets/strokes.yaml").toURI());
        try (Stream<Path> pages = Files.list(strokes.getParent())) {
            assertEquals(new TreeSet<>(Preset.names()),
                    pages.map(page -> page.getFileName().toString().replace(".yaml", "")).collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @ParameterizedTest
    @MethodSource("presets")
    void whatIsWrittenReadsAsTheSame(String name) throws IOException {
        Spec spec = SpecReader.read(name, List.of("training.schedule=milestones", "training.milestones=[80ep, 2ep500it]", "data.root=/some/where",
                "pruning.layer-rates.fc1.weight=0", "controls=[]", "training.epsilon=1e-7", "seed=-3"));
        Path file = Files.writeString(folder.resolve("spec.yaml"), SpecReader.write(spec));
        assertEquals(spec, SpecReader.readBack(file));
        assertEquals(SpecReader.write(spec), SpecReader.write(SpecReader.readBack(file)));
    }

    @Test
    void readsTheSettingsOfThePaper() {
        Spec spec = SpecReader.read("lenet-mnist", List.of());
        assertEquals(new Spec.Data("mnist", null, null, null, null, 5000, Spec.Scale.UNIT, Spec.Augment.NONE), spec.data());
        assertEquals("lenet-300-100", spec.model());
        assertEquals(Initialiser.GLOROT_NORMAL, spec.init());
        assertEquals(new Optimiser.Adam(0.9, 0.999, 1e-8, 0), spec.training().toOptimiser());
        assertEquals(new Schedule(1.2e-3, new Span(0, 0), new Schedule.Shape.Constant()), spec.training().toSchedule());
        assertEquals(new Span(0, 50_000), spec.training().length());
        assertEquals(60, spec.training().batch());
        assertEquals(Loss.CROSS_ENTROPY, spec.training().loss());
        assertEquals(Map.of("fc3.weight", 0.1), spec.pruning().layerRates());
        assertEquals(Spec.Scope.LAYERWISE, spec.pruning().scope());
        assertEquals(List.of(Branch.RANDOM_REINIT, Branch.RANDOM_MASK), spec.controls());
        assertEquals(3 * (1 + 17 * 3), spec.trainings());
    }

    @Test
    void theCommandLineGoesOverThePreset() {
        Spec spec = SpecReader.read("strokes", List.of("training.batch=32", "seed=7", "controls=[random-mask]", "training.learning-rate=5.0E-4",
                "training.length=2ep5it", "pruning.layer-rates.fc1.weight=0.4", "training.batch=33"));
        assertEquals(33, spec.training().batch());
        assertEquals(7, spec.seed());
        assertEquals(List.of(Branch.RANDOM_MASK), spec.controls());
        assertEquals(5e-4, spec.training().learningRate());
        assertEquals(new Span(2, 5), spec.training().length());
        assertEquals(Map.of("fc3.weight", 0.175, "fc1.weight", 0.4), spec.pruning().layerRates());
    }

    /** One rate is added to those there are; the key given whole replaces them. */
    @Test
    void layerRatesCanBeAddedToAndReplaced() {
        assertEquals(Map.of(), SpecReader.read("strokes", List.of("pruning.layer-rates={}")).pruning().layerRates());
        assertEquals(Map.of("fc2.weight", 0.5),
                SpecReader.read("strokes", List.of("pruning.layer-rates={fc2.weight: 0.5}")).pruning().layerRates());
        assertEquals(Map.of("fc2.weight", 0.5, "fc1.weight", 0.0),
                SpecReader.read("strokes", List.of("pruning.layer-rates={fc2.weight: 0.5}", "pruning.layer-rates.fc1.weight=0")).pruning().layerRates());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '§', textBlock = """
            batch=4                          | there is no key "batch"; did you mean "training.batch"?
            trainig.batch=4                  | there is no key "trainig.batch"; did you mean "training.batch"?
            training.learningrate=4          | there is no key "training.learningrate"; did you mean "training.learning-rate"?
            pruning.layer-rate.fc1.weight=0  | there is no key "pruning.layer-rate.fc1.weight"; did you mean "pruning.layer-rates"?
            lr=0.1                           | there is no key "lr"; "coppice presets --defaults" prints every key
            training=4                       | training: holds the keys length, batch, evaluate-every, loss, label-smoothing, optimiser, learning-rate, weight-decay, momentum, nesterov, beta1, beta2, epsilon, schedule, warmup, milestones, factor, got 4
            training.batch                   | settings are written key=value, such as training.batch=60, got "training.batch"
            =4                               | settings are written key=value, such as training.batch=60, got "=4"
            training.batch=many              | training.batch: must be a whole number, got "many"
            training.batch=2.5               | training.batch: must be a whole number, got 2.5
            training.batch='60'              | training.batch: must be a whole number, got "60"
            training.batch=3000000000        | training.batch: must be a whole number of at most 2147483647, got 3000000000
            seed=99999999999999999999        | seed: must be a whole number of at most 9223372036854775807, got 99999999999999999999
            training.batch=                  | training.batch: needs a value, such as its default, 128, got null
            training.loss=null               | training.loss: needs a value, such as its default, "cross-entropy", got null
            training.length=null             | training.length: needs a value, such as its default, "10ep", got null
            controls=null                    | controls: needs a value, such as its default, [], got null
            controls=[null]                  | controls: needs a value, such as its default, [], got [null]
            name=null                        | name: needs a value, such as its default, "run", got null
            pruning.layer-rates=null         | pruning.layer-rates: needs a value, such as its default, {}, got null
            pruning.layer-rates=5            | pruning.layer-rates: must be names and values, such as {fc3.weight: 0.1}, got 5
            pruning.layer-rates.fc3.weight=x | pruning.layer-rates.fc3.weight: must be a number, got "x"
            pruning.layer-rates.fc3.weight=1 | pruning.layer-rates.fc3.weight: must be at least 0 and below 1, got 1.0
            training.batch=0                 | training.batch: must be at least 1, got 0
            training.batch=-3                | training.batch: must be at least 1, got -3
            data.train=0                     | data.train: must be at least 1, got 0
            data.test=-1                     | data.test: must be at least 1, got -1
            data.validation=0                | data.validation: must be at least 1, got 0
            pruning.levels=-1                | pruning.levels: must be at least 0, got -1
            replicates=0                     | replicates: must be at least 1, got 0
            pruning.rate=0                   | pruning.rate: must be above 0 and below 1, got 0.0
            pruning.rate=1                   | pruning.rate: must be above 0 and below 1, got 1.0
            pruning.rate=-0.2                | pruning.rate: must be above 0 and below 1, got -0.2
            pruning.rate=.nan                | pruning.rate: must be above 0 and below 1, got NaN
            pruning.rate=20%                 | pruning.rate: must be a number, got "20%"
            training.length=0it              | training.length: must be longer than 0, got 0it
            training.length=10               | training.length: must be epochs, iterations or both, such as 160ep, 500it or 2ep500it, got 10
            training.length=-5it             | training.length: must be epochs, iterations or both, such as 160ep, 500it or 2ep500it, got -5it
            training.evaluate-every=0ep      | training.evaluate-every: must be longer than 0, got 0it
            training.milestones=80ep         | training.milestones: must be a list, such as [a, b], got "80ep"
            training.loss=mse                | training.loss: must be one of cross-entropy, squared-error, got mse
            training.optimiser=SGD           | training.optimiser: must be one of sgd, adam, got SGD
            training.nesterov=yes            | training.nesterov: must be true or false, got "yes"
            training.learning-rate=0         | training.learning-rate: must be above 0 and finite, got 0.0
            training.learning-rate=.inf      | training.learning-rate: must be above 0 and finite, got Infinity
            training.epsilon=.inf            | training.epsilon: must be above 0 and finite, got Infinity
            training.momentum=1.5            | training.momentum: must be at least 0 and below 1, got 1.5
            training.beta2=1                 | training.beta2: must be at least 0 and below 1, got 1.0
            training.factor=0                | training.factor: must be above 0 and at most 1, got 0.0
            training.weight-decay=-1         | training.weight-decay: must be at least 0 and finite, got -1.0
            init=xavier                      | init: must be one of glorot-normal, glorot-uniform, kaiming-normal, kaiming-uniform, got xavier
            pruning.scope=local              | pruning.scope: must be one of layerwise, global, got local
            pruning.moments=keep             | pruning.moments: must be one of restart, restore, got keep
            data.scale=none                  | data.scale: must be one of unit, standard, imagenet, got none
            data.root=5                      | data.root: must be a path, got 5
            controls=random-mask             | controls: must be a list, such as [a, b], got "random-mask"
            controls=[random]                | controls: must be one of random-reinit, random-mask, got random
            controls=[ticket]                | controls: must be some of random-reinit and random-mask, each once, got [ticket]
            controls=[random-mask, random-mask] | controls: must be some of random-reinit and random-mask, each once, got [random-mask, random-mask]
            name=My Run                      | name: must be up to 64 lower-case letters, digits, hyphens, dots or underscores, got "My Run"
            """)
    void refusesABadOverride(String override, String message) {
        assertEquals("command line: " + message,
                assertThrows(SettingsException.class, () -> SpecReader.read("strokes", List.of(override))).getMessage());
    }

    @Test
    void refusesAYamlErrorInAnOverride() {
        assertTrue(refusal("strokes", "training.batch=[").startsWith("command line: training.batch: the value cannot be read as YAML: "));
    }

    @Test
    void namesTheSourceOfTheKeyAtFault() throws IOException {
        String file = write("own.yaml", "model: linear\ndata: {name: strokes}\ntraining: {batch: 0}\n");
        assertEquals(file + ": training.batch: must be at least 1, got 0", refusal(file));
        assertEquals("command line: training.batch: must be at least 1, got -1", refusal(file, "training.batch=-1"));
    }

    @Test
    void refusesAFileThatIsNoPageOfSettings() throws IOException {
        assertEquals(write("a.yaml", "") + ": must hold keys and values, got nothing", refusal(folder + "/a.yaml"));
        assertEquals(write("b.yaml", "- a") + ": must hold keys and values, got [\"a\"]", refusal(folder + "/b.yaml"));
        assertEquals(write("c.yaml", "linear") + ": must hold keys and values, got \"linear\"", refusal(folder + "/c.yaml"));
        assertEquals(write("long.yaml", "x".repeat(1000)) + ": must hold keys and values, got \"" + "x".repeat(99) + " …",
                refusal(folder + "/long.yaml"));
        assertTrue(refusal(write("deep.yaml", "a: " + "[".repeat(20_000))).matches(".*deep.yaml: cannot be read as YAML: .*nesting.*"));
        assertEquals(write("d.yaml", "model: linear\nmodel: x\n") + ", line 2: cannot be read as YAML: Duplicate Object property \"model\"",
                refusal(folder + "/d.yaml"));
        assertTrue(refusal(write("e.yaml", "model: linear\ndata: [\n")).matches(".*e.yaml, line \\d: cannot be read as YAML: .*"));
        assertTrue(refusal(write("f.yaml", "model: a\n---\nmodel: b\n")).matches(".*f.yaml, line 3: cannot be read as YAML: .*"));
        assertEquals(write("g.yaml", "model: linear\n") + ": the key \"data.name\" is missing, and has no default", refusal(folder + "/g.yaml"));
        assertEquals(write("h.yaml", "model: linear\ndata: {nam: x}\n") + ": there is no key \"data.nam\"; did you mean \"data.name\"?",
                refusal(folder + "/h.yaml"));
        Files.write(folder.resolve("i.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertEquals(folder + "/i.yaml: cannot be read: it is no UTF-8 text", refusal(folder + "/i.yaml"));
        assertEquals(folder + "/none.yaml: cannot be read: there is no such file", refusal(folder + "/none.yaml"));
    }

    @Test
    void refusesAPresetThatIsNotThere() {
        assertEquals("preset: there is no \"lenet-mnits\"; did you mean \"lenet-mnist\"?; there are " + String.join(", ", Preset.names())
                + ", or name a .yaml file", refusal("lenet-mnits"));
        assertEquals("preset: there is no \"lenet-mnits\"; did you mean \"lenet-mnist\"?; there are " + String.join(", ", Preset.names()),
                assertThrows(SettingsException.class, () -> Preset.named("lenet-mnits")).getMessage());
    }

    @Test
    void theScheduleOfMilestonesNeedsOne() {
        assertEquals("strokes: training.milestones: the schedule \"milestones\" needs at least one, such as [80ep, 120ep]",
                refusal("strokes", "training.schedule=milestones"));
    }

    @Test
    void readsAFileWhateverItIsCalled() throws IOException {
        String file = write("settings", "model: linear\ndata: {name: strokes}\n");
        assertEquals("linear", SpecReader.read(file, List.of()).model());
    }

    private String write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8).toString();
    }

    private static String refusal(String spec, String... overrides) {
        return assertThrows(SettingsException.class, () -> SpecReader.read(spec, List.of(overrides))).getMessage();
    }
}
