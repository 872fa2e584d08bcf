package coppice.imp.cli;

import coppice.engine.BackendException;
import coppice.imp.DivergedException;
import coppice.imp.settings.SettingsException;
import coppice.imp.store.StoreException;
import coppice.nn.data.DataException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The program: {@code imp/coppice}. */
@Command(
        name = "coppice",
        description = "Trains sparse networks, and finds winning tickets by iterative magnitude pruning.",
        subcommands = {
            RunCommand.class, PresetsCommand.class, ShowCommand.class, ReportCommand.class, DataCommand.class, InfoCommand.class,
            HelpCommand.class
        },
        versionProvider = Version.class,
        mixinStandardHelpOptions = true,
        footer = {"", "Start with: coppice run strokes"})
public final class Coppice {

    /** Exit code of a run that went wrong on the way. */
    static final int FAILED = 1;
    /** Exit code of a command that was refused or could not read or write: a setting, an argument, a file, a full disk. */
    static final int REFUSED = 2;
    /** Exit code after Ctrl-C, as shells expect it. */
    static final int INTERRUPTED = 130;

    private Coppice() {}

    public static void main(String[] arguments) {
        System.exit(run(line(), arguments));
    }

    /** Runs one command, which prints to these writers. @return the exit code */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return run(line().setOut(out).setErr(err), arguments);
    }

    private static int run(CommandLine line, String... arguments) {
        return arguments.length == 0 ? line.execute("--help") : line.execute(arguments);
    }

    private static CommandLine line() {
        CommandLine line = new CommandLine(new Coppice());
        line.setExecutionExceptionHandler((exception, command, parsed) -> {
            int code = switch (exception) {
                case SettingsException e -> REFUSED;
                case DataException e -> REFUSED;
                case StoreException e -> REFUSED;
                case BackendException e -> REFUSED;
                case DivergedException e -> FAILED;
                default -> throw exception;
            };
            command.getErr().println("coppice: " + exception.getMessage());
            command.getErr().flush();
            return code;
        });
        return line;
    }
}
