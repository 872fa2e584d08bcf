package coppice.imp.cli;

import coppice.imp.Outcome;
import coppice.imp.Stage;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.RunFolder;
import java.io.PrintWriter;
import java.util.Locale;

/** Plain lines: one for each finished training, and one now and then during a long one. */
final class LineDisplay extends Display {

    private static final long SILENCE_NANOS = 30_000_000_000L;
    private static final long LONG_SILENCE_NANOS = 3 * SILENCE_NANOS;

    private final PrintWriter out;
    private int trainings;
    private int finished;
    private long steps;
    private long last = System.nanoTime();

    LineDisplay(PrintWriter out) {
        this.out = out;
    }

    @Override
    public synchronized void opened(RunFolder folder, int trainings) {
        this.trainings = trainings;
        say("run: " + folder.path() + ", " + trainings + " trainings");
    }

    @Override
    public synchronized void started(Stage stage, double density, long from, long to) {
        steps = to;
    }

    /** Where measurements are rare, and on the way to the rewind point, where there are none. */
    @Override
    public synchronized void stepped(Stage stage, long iteration) {
        if (System.nanoTime() - last > LONG_SILENCE_NANOS) {
            say(String.format(Locale.ROOT, "%-40s step %d of %d", stage, iteration, steps));
        }
    }

    @Override
    public synchronized void measured(Stage stage, LearningCurve.Row row) {
        if (System.nanoTime() - last > SILENCE_NANOS) {
            say(String.format(Locale.ROOT, "%-40s step %d of %d, validation accuracy %.2f %%", stage, row.iteration(), steps,
                    100 * row.validationAccuracy()));
        }
    }

    @Override
    public synchronized void finished(Stage stage, Outcome outcome, boolean again) {
        finished++;
        say(String.format("[%d/%d] ", finished, trainings) + line(stage, outcome, again));
    }

    @Override
    public synchronized void note(String sentence) {
        say("note: " + sentence);
    }

    private void say(String line) {
        out.println(line);
        out.flush();
        last = System.nanoTime();
    }

    @Override
    public synchronized void close() {
        out.flush();
    }
}
