package coppice.imp.cli;

import coppice.imp.Outcome;
import coppice.imp.Stage;

/** Says nothing. */
final class NoDisplay extends Display {

    @Override
    public void finished(Stage stage, Outcome outcome, boolean again) {}

    @Override
    public void note(String sentence) {}

    @Override
    public void close() {}
}
