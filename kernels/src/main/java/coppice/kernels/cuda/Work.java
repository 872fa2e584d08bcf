package coppice.kernels.cuda;

/** Something that a {@link Device} does, in its place among others. */
sealed interface Work permits Launch, Multiplication {

    void on(Device device);
}
