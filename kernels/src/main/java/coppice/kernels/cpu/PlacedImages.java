package coppice.kernels.cpu;

import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.List;

/** The gradient of a maximum over windows: 0 but where an image was the largest, so that it would be a pity to write it more than once. */
final class PlacedImages extends MadeImages {

    private final PoolingKernels pooling;
    private final Window window;
    private final Shape images;
    private final NativeBuffer x;
    private final NativeBuffer g;

    private PlacedImages(PoolingKernels pooling, Window window, Shape images, NativeBuffer x, NativeBuffer g, Sink sink,
            List<NativeBuffer> operands) {
        super(sink, operands);
        this.pooling = pooling;
        this.window = window;
        this.images = images;
        this.x = x;
        this.g = g;
    }

    /** @param images [C, H, W, N], of x, which stand in blocks */
    PlacedImages(PoolingKernels pooling, Window window, Shape images, NativeBuffer x, NativeBuffer g) {
        this(pooling, window, images, x, g, Sink.NOTHING, List.of(x, g));
    }

    @Override
    MadeImages with(Sink sink, List<NativeBuffer> operands) {
        return new PlacedImages(pooling, window, images, x, g, sink, operands);
    }

    @Override
    int lineFloats() {
        return images.size(1) * images.size(2) * Blocks.lanes(images.size(3));
    }

    @Override
    void make(long to, Sink sink) {
        int channels = images.size(0);
        long line = 4L * lineFloats();
        pooling.place(window, Blocks.asChannels(images), x.place(), g.place(), to,
                (channel, at, floats, values) -> sink.line((int) (at / line % channels), at, floats, values));
    }
}
