package coppice.imp;

/** Asks a run to stop at its next step, from another thread. */
public final class StopFlag {

    private volatile boolean raised;

    public void raise() {
        raised = true;
    }

    boolean isRaised() {
        return raised;
    }
}
