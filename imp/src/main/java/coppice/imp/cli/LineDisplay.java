package coppice.imp.cli;

import coppice.imp.Outcome;
import coppice.imp.Run;
import coppice.imp.Stage;
import coppice.imp.store.LearningCurve;
import java.io.PrintWriter;
import java.util.Locale;

/** Plain lines: one for each finished training, and one now and then during a long one. */
final class LineDisplay extends Display {

    private static final long SILENCE_NANOS = 30_000_000_000L;

    private final PrintWriter out;
    private final int trainings;
    private Stage stage;
    private int finished;
    private long steps;
    private long last = System.nanoTime();

    LineDisplay(PrintWriter out, Run run) {
        this.out = out;
        this.trainings = run.spec().trainings();
        say("run: " + run.folder().path() + ", " + trainings + " trainings");
    }

    @Override
    public void started(Stage stage, double density, long from, long to) {
        this.stage = stage;
        this.steps = to;
    }

    @Override
    public void measured(LearningCurve.Row row) {
        if (System.nanoTime() - last > SILENCE_NANOS) {
            say(String.format(Locale.ROOT, "%-40s step %d of %d, validation accuracy %.2f %%", stage, row.iteration(), steps,
                    100 * row.validationAccuracy()));
        }
    }

    @Override
    public void finished(Stage stage, Outcome outcome, boolean again) {
        finished++;
        say(String.format("[%d/%d] ", finished, trainings) + line(stage, outcome, again));
    }

    @Override
    public void note(String sentence) {
        say("note: " + sentence);
    }

    private void say(String line) {
        out.println(line);
        out.flush();
        last = System.nanoTime();
    }

    @Override
    public void close() {
        out.flush();
    }
}
