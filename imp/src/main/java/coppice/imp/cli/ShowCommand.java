package coppice.imp.cli;

import coppice.imp.store.Results;
import coppice.imp.store.RunFolder;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice show}. */
@Command(name = "show", description = "Prints the results of a run.", mixinStandardHelpOptions = true)
final class ShowCommand implements Callable<Integer> {

    @Parameters(paramLabel = "RUN", description = "A run's folder, such as runs/strokes-1a2b3c.")
    private Path run;

    @Option(names = "--csv", description = "Every replicate, as results.csv holds it.")
    private boolean csv;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        var out = command.commandLine().getOut();
        RunFolder folder = RunFolder.open(run);
        if (csv) {
            out.print(Results.read(folder.results()).text());
        } else {
            new ResultTable(folder).print(out);
        }
        out.flush();
        return 0;
    }
}
