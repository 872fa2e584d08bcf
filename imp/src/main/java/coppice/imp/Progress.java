package coppice.imp;

import coppice.imp.store.LearningCurve;
import coppice.imp.store.RunFolder;

/** Is told how a run gets on, by several threads where trainings go on side by side. */
public interface Progress {

    /** The run was accepted and begins, or goes on. @param trainings how many it has in all */
    default void opened(RunFolder folder, int trainings) {}

    /** A training starts or goes on; the dense one goes on at the rewind point, too. @param from steps taken already @param to steps at its end */
    void started(Stage stage, double density, long from, long to);

    /** @param iteration steps taken */
    void stepped(Stage stage, long iteration);

    void measured(Stage stage, LearningCurve.Row row);

    /** A training is complete; {@code again} if it was so before this run of the program. */
    void finished(Stage stage, Outcome outcome, boolean again);

    /** Something the user should know. */
    void note(String sentence);

    /** Says nothing. */
    Progress SILENT = new Progress() {
        @Override
        public void started(Stage stage, double density, long from, long to) {}

        @Override
        public void stepped(Stage stage, long iteration) {}

        @Override
        public void measured(Stage stage, LearningCurve.Row row) {}

        @Override
        public void finished(Stage stage, Outcome outcome, boolean again) {}

        @Override
        public void note(String sentence) {}
    };
}
