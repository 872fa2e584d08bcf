package coppice.imp.cli;

import coppice.imp.Outcome;
import coppice.imp.Progress;
import coppice.imp.Stage;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.Results;
import java.io.Console;
import java.io.PrintWriter;
import java.util.Locale;

/** Shows how a run gets on: a bar on a terminal, plain lines elsewhere. */
abstract class Display implements Progress, AutoCloseable {

    /** The display that fits where the program runs. */
    static Display of(PrintWriter out) {
        Console console = System.console();
        return console != null && console.isTerminal() ? new BarDisplay(out) : new LineDisplay(out);
    }

    /** One line for a finished training. */
    static String line(Stage stage, Outcome outcome, boolean again) {
        Results.Row row = outcome.row();
        return String.format(Locale.ROOT, "%-40s %6.2f %% left  early stop %6d: %6.2f %%  end: %6.2f %%  %7.1f s%s", stage,
                100 * row.density(), row.earlyStopIteration(), 100 * row.accuracyAtEarlyStop(), 100 * row.accuracyAtEnd(),
                row.trainSeconds(), again ? "  (done before)" : "");
    }

    @Override
    public void started(Stage stage, double density, long from, long to) {}

    @Override
    public void stepped(Stage stage, long iteration) {}

    @Override
    public void measured(Stage stage, LearningCurve.Row row) {}

    @Override
    public abstract void close();
}
