package coppice.imp.cli;

import coppice.imp.Outcome;
import coppice.imp.Run;
import coppice.imp.Stage;
import coppice.imp.store.LearningCurve;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar over the whole run, with what is being trained, the last accuracy, the speed and the time left; finished trainings above it. */
final class BarDisplay extends Display {

    private static final int REFRESH_MILLIS = 250;

    private final PrintWriter out;
    private final int trainings;
    private ProgressBar bar;
    private String training = "";
    private int finished;
    private long stepsPerTraining;

    BarDisplay(PrintWriter out, Run run) {
        this.out = out;
        this.trainings = run.spec().trainings();
        out.println("run: " + run.folder().path() + ", " + trainings + " trainings");
        out.flush();
    }

    @Override
    public void started(Stage stage, double density, long from, long to) {
        stepsPerTraining = to;
        training = String.format(Locale.ROOT, "%d.%02d %s %.1f %%", stage.replicate(), stage.level(), stage.branch().label(), 100 * density);
        if (bar == null) {
            bar = new ProgressBarBuilder()
                    .setTaskName("coppice")
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUnit(" steps", 1)
                    .setUpdateIntervalMillis(REFRESH_MILLIS)
                    .setSpeedUnit(ChronoUnit.SECONDS)
                    .showSpeed()
                    .startsFrom(finished * to + from, Duration.ZERO)
                    .setInitialMax(trainings * to)
                    .build();
        }
        bar.setExtraMessage(" " + training);
    }

    @Override
    public void stepped(long iteration) {
        bar.stepTo(finished * stepsPerTraining + iteration);
    }

    @Override
    public void measured(LearningCurve.Row row) {
        bar.setExtraMessage(String.format(Locale.ROOT, " %s, validation %.2f %%", training, 100 * row.validationAccuracy()));
    }

    @Override
    public void finished(Stage stage, Outcome outcome, boolean again) {
        finished++;
        above(line(stage, outcome, again));
    }

    @Override
    public void note(String sentence) {
        above("note: " + sentence);
    }

    /** Prints a line where the bar stands; the bar is drawn again below it. */
    private void above(String line) {
        if (bar != null) {
            bar.pause();
            out.print("\r\u001b[K");
        }
        out.println(line);
        out.flush();
        if (bar != null) {
            bar.resume();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
        out.flush();
    }
}
