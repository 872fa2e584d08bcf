package coppice.imp.cli;

import coppice.nn.data.Catalogue;
import coppice.nn.data.Fetch;
import coppice.nn.data.FolderCheck;
import coppice.nn.data.UserCache;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code coppice data}. */
@Command(name = "data", description = "Lists, fetches and checks data sets.", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "(list | fetch NAME | check DIR)")
final class DataCommand implements Runnable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Spec
    private CommandSpec command;

    @Override
    public void run() {
        command.commandLine().usage(command.commandLine().getOut());
    }

    @Command(name = "list", description = "The data sets that can be fetched, and those that are drawn and need no files.", mixinStandardHelpOptions = true)
    int list() {
        var out = command.commandLine().getOut();
        out.println(String.format("%-14s %s", "strokes", "digits drawn by the program itself, any number; nothing to fetch"));
        out.println(String.format("%-14s %s", "strokes-rgb", "the same in colour, 32×32"));
        for (Catalogue.Entry entry : Catalogue.PUBLISHED.entries()) {
            out.println(String.format(Locale.ROOT, "%-14s %s, %.1f MB, %s", entry.name(), entry.about(), entry.bytes() / 1e6, entry.address()));
        }
        out.flush();
        return 0;
    }

    @Command(name = "fetch", description = "Downloads a data set once into the user's cache, verified; goes on where it was cut off.", mixinStandardHelpOptions = true)
    int fetch(@Parameters(paramLabel = "NAME") String name) {
        var out = command.commandLine().getOut();
        var err = command.commandLine().getErr();
        Catalogue.Entry entry = Catalogue.PUBLISHED.named(name);
        Path folder = new Fetch(UserCache.usual(), PATIENCE).fetch(entry, (file, done) -> {
            err.print(String.format(Locale.ROOT, "\r%-28s %5.1f of %.1f MB", file.name(), done / 1e6, file.bytes() / 1e6));
            err.print(done == file.bytes() ? "\n" : "");
            err.flush();
        });
        out.println(name + ": " + folder);
        out.flush();
        return 0;
    }

    @Command(name = "check", description = "Reads a folder of data and says what is in it and whether it is sound.", mixinStandardHelpOptions = true)
    int check(@Parameters(paramLabel = "DIR") Path folder) {
        var out = command.commandLine().getOut();
        FolderCheck check = FolderCheck.of(folder, Catalogue.PUBLISHED);
        out.println(check);
        out.flush();
        return check.sound() ? 0 : Coppice.REFUSED;
    }
}
