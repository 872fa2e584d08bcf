package coppice.kernels.cpu;

/**
 * What is done with images as they are made, line by line, while they stand in the cache: sums of them, functions of each element. Main
 * memory is then passed through once instead of once for each.
 */
interface Sink {

    Sink NOTHING = (channel, at, floats, values) -> {};

    /**
     * Some floats of a channel were made, side by side. Different lines may come from different threads.
     *
     * @param at     bytes from the first float of the images to the first of these
     * @param values the address at which they stand; they may be changed
     */
    void line(int channel, long at, int floats, long values);

    /** This, and then another. */
    default Sink then(Sink next) {
        return this == NOTHING ? next : (channel, at, floats, values) -> {
            line(channel, at, floats, values);
            next.line(channel, at, floats, values);
        };
    }
}
