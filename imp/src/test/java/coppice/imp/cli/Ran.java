package coppice.imp.cli;

import coppice.imp.TinyRun;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A command that ran in this process: its exit code and what it printed. */
record Ran(int code, String out, String err) {

    static Ran coppice(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Coppice.run(new PrintWriter(out), new PrintWriter(err), arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    /** {@code coppice run strokes} with the settings of a tiny run and others over them, or options. */
    static Ran tiny(Path runs, String... more) {
        List<String> arguments = new ArrayList<>(List.of("run", "strokes", "--runs", runs.toString(), "--quiet"));
        arguments.addAll(TinyRun.SETTINGS);
        arguments.addAll(List.of(more));
        return coppice(arguments.toArray(String[]::new));
    }
}
