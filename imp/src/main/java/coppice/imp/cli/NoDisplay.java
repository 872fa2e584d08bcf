package coppice.imp.cli;

import coppice.imp.Outcome;
import coppice.imp.Stage;
import java.io.PrintWriter;

/** Says only what must not go unnoticed. */
final class NoDisplay extends Display {

    private final PrintWriter out;

    NoDisplay(PrintWriter out) {
        this.out = out;
    }

    @Override
    public void finished(Stage stage, Outcome outcome, boolean again) {}

    @Override
    public void note(String sentence) {
        out.println("note: " + sentence);
    }

    @Override
    public void close() {
        out.flush();
    }
}
