package coppice.imp.cli;

import coppice.imp.settings.Preset;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice presets}. */
@Command(name = "presets", description = "Lists the presets, a line each; with a name, prints its settings.", mixinStandardHelpOptions = true)
final class PresetsCommand implements Callable<Integer> {

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "Print this preset: the settings that differ from the defaults, to start a file of your own from.")
    private String name;

    @Option(names = "--defaults", description = "Print every setting with its default and meaning.")
    private boolean defaults;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        var out = command.commandLine().getOut();
        if (defaults) {
            out.print(Preset.defaults());
        } else if (name != null) {
            out.print(Preset.named(name).text());
        } else {
            int width = Preset.names().stream().mapToInt(String::length).max().orElseThrow();
            Preset.all().forEach(preset -> out.println(preset.name() + " ".repeat(width + 2 - preset.name().length()) + preset.about()));
        }
        out.flush();
        return 0;
    }
}
