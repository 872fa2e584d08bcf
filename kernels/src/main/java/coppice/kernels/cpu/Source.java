package coppice.kernels.cpu;

/**
 * Where a kernel finds images: in memory, or computed line by line from others as it goes. What only convolutions look at, such as the
 * result of batch norm and ReLU, then never goes through main memory.
 */
interface Source {

    /**
     * Some floats of a channel that stand, or would stand, side by side.
     *
     * @param at   bytes from the first float of the images to the first of these
     * @param room for as many floats, where they can be put
     * @return where they stand
     */
    long line(int channel, long at, int floats, long room);

    /** The images from a channel on. @param bytes from the first channel to that one */
    default Source from(int channel, long bytes) {
        return (c, at, floats, room) -> line(channel + c, bytes + at, floats, room);
    }

    /** Images in memory. */
    record Stored(long address) implements Source {

        @Override
        public long line(int channel, long at, int floats, long room) {
            return address + at;
        }

        @Override
        public Source from(int channel, long bytes) {
            return new Stored(address + bytes);
        }
    }
}
