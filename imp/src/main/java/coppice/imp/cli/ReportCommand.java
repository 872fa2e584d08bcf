package coppice.imp.cli;

import coppice.imp.report.Report;
import coppice.imp.store.RunFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice report}. */
@Command(name = "report", description = "Writes the report of a run again, or one that compares several.", mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "RUN", description = "Folders of runs.")
    private List<Path> runs;

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write (default: report.html in the run's folder; of several runs, in the current folder).")
    private Path out;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() {
        Path html = out != null ? out : runs.size() == 1 ? new RunFolder(runs.getFirst()).report() : Path.of("report.html");
        Report.write(runs, html);
        command.commandLine().getOut().println("report: " + html);
        command.commandLine().getOut().flush();
        return 0;
    }
}
