package coppice.imp.cli;

import coppice.imp.Outcome;
import coppice.imp.Stage;
import coppice.imp.store.LearningCurve;
import coppice.imp.store.RunFolder;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar over the whole run, with what is being trained, the last accuracy, the speed and the time left; finished trainings above it. */
final class BarDisplay extends Display {

    private static final int REFRESH_MILLIS = 250;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private int trainings;
    /** The trainings under way, in the order in which they started, and the steps taken in each. */
    private final Map<Stage, Long> underWay = new LinkedHashMap<>();
    private final Map<Stage, String> descriptions = new LinkedHashMap<>();
    private ProgressBar bar;
    private int finished;
    private long stepsPerTraining;

    BarDisplay(PrintWriter out) {
        this.out = out;
    }

    @Override
    public synchronized void opened(RunFolder folder, int trainings) {
        this.trainings = trainings;
        above("run: " + folder.path() + ", " + trainings + " trainings");
    }

    @Override
    public synchronized void started(Stage stage, double density, long from, long to) {
        stepsPerTraining = to;
        underWay.put(stage, from);
        descriptions.put(stage, String.format(Locale.ROOT, " %d.%02d %s %.1f %%", stage.replicate(), stage.level(), stage.branch().label(),
                100 * density));
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName("coppice")
                    .setConsumer(new Line())
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUnit(" steps", 1)
                    .setUpdateIntervalMillis(REFRESH_MILLIS)
                    .setSpeedUnit(ChronoUnit.SECONDS)
                    .showSpeed()
                    .startsFrom(finished * to + from, Duration.ZERO)
                    .setInitialMax(trainings * to)
                    .build();
        }
    }

    @Override
    public synchronized void stepped(Stage stage, long iteration) {
        underWay.put(stage, iteration);
        bar.stepTo(finished * stepsPerTraining + stepsUnderWay());
    }

    private long stepsUnderWay() {
        long steps = 0;
        for (long taken : underWay.values()) {
            steps += taken;
        }
        return steps;
    }

    @Override
    public synchronized void measured(Stage stage, LearningCurve.Row row) {
        bar.setExtraMessage(String.format(Locale.ROOT, "%s, validation %.2f %%", descriptions.get(stage), 100 * row.validationAccuracy()));
    }

    @Override
    public synchronized void finished(Stage stage, Outcome outcome, boolean again) {
        finished++;
        underWay.remove(stage);
        descriptions.remove(stage);
        above(line(stage, outcome, again));
    }

    @Override
    public synchronized void note(String sentence) {
        above("note: " + sentence);
    }

    /** Prints a line where the bar stands; the bar is drawn again below it, at its next refresh. */
    private void above(String line) {
        out.println(bar == null ? line : CLEAR_LINE + line);
        out.flush();
    }

    /** Draws the bar in place of the line it stands on, and never while a line is printed above it. */
    private final class Line extends ConsoleProgressBarConsumer {

        Line() {
            super(System.err);
        }

        @Override
        public void accept(String rendered) {
            synchronized (BarDisplay.this) {
                out.print(CLEAR_LINE + rendered);
                out.flush();
            }
        }

        @Override
        public void close() {
            synchronized (BarDisplay.this) {
                out.println();
                out.flush();
            }
        }
    }

    /** Not synchronized: the bar waits for the thread that draws it. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
        out.flush();
    }
}
