package coppice.kernels.cuda;

/** Launches that a device has been made ready to run together, one after the other: that takes it less time than to be told of each. */
interface Graph extends AutoCloseable {

    /** Gives one of them other arguments, for the runs to come. @param launch {@linkplain Launch#isLike like} that one */
    void change(int index, Launch launch);

    /** Runs them all, after what was asked of the device before. */
    void run();

    /** Forgets them; a run that is under way ends as it would have. */
    @Override
    void close();
}
