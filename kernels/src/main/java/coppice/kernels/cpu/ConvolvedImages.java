package coppice.kernels.cpu;

import coppice.engine.Form;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * The images that a convolution makes, OUTPUT or INPUT. A gradient of the weight that waits for the same gradient of the output is made in one
 * go with that of the input.
 */
final class ConvolvedImages extends MadeImages {

    private final Convolutions convolutions;
    private final Memory memory;
    private final Face face;
    private final Form weight;
    private final Window window;
    private final Shape images;
    private final NativeBuffer w;
    private final NativeBuffer source;

    /**
     * @param images   [C, H, W, N], of x
     * @param w        in rows
     * @param source   what is looked at: x, or g
     * @param sink     functions of the elements
     * @param operands w, the source, and what the sink reads
     */
    private ConvolvedImages(Convolutions convolutions, Memory memory, Face face, Form weight, Window window, Shape images, NativeBuffer w,
            NativeBuffer source, Sink sink, List<NativeBuffer> operands) {
        super(sink, operands);
        this.convolutions = convolutions;
        this.memory = memory;
        this.face = face;
        this.weight = weight;
        this.window = window;
        this.images = images;
        this.w = w;
        this.source = source;
    }

    ConvolvedImages(Convolutions convolutions, Memory memory, Face face, Form weight, Window window, Shape images, NativeBuffer w,
            NativeBuffer source) {
        this(convolutions, memory, face, weight, window, images, w, source, Sink.NOTHING, List.of(w, source));
    }

    @Override
    ConvolvedImages with(Sink sink, List<NativeBuffer> operands) {
        return with(w, sink, operands);
    }

    private ConvolvedImages with(NativeBuffer w, Sink sink, List<NativeBuffer> operands) {
        return new ConvolvedImages(convolutions, memory, face, weight, window, images, w, source, sink, operands);
    }

    /** Whether a buffer is the weight, and it is less to copy it than to make the images. */
    boolean isOfWeight(NativeBuffer buffer) {
        return buffer == w && buffer != source;
    }

    /** These, with another buffer for the same weight. */
    ConvolvedImages withWeight(NativeBuffer other) {
        var operands = new ArrayList<>(operands());
        operands.replaceAll(operand -> operand == w ? other : operand);
        ConvolvedImages same = with(other, sink(), operands);
        same.joinedAs(this);
        return same;
    }

    @Override
    int lineFloats() {
        return convolutions.handedOn(face, weight, window, images);
    }

    @Override
    void make(long to, Sink sink) {
        if (face == Face.OUTPUT) {
            convolutions.run(face, weight, window, 1, images, true, w.place(), source.source(), new Source.Stored(to), sink);
        } else if (!makeWithWeight(to, sink)) {
            convolutions.run(face, weight, window, 1, images, true, w.place(), new Source.Stored(to), source.source(), sink);
        }
    }

    /** Makes the gradient of the input, and that of the weight which waits for the same gradient of the output; false if none does. */
    private boolean makeWithWeight(long to, Sink sink) {
        NativeBuffer gradient = memory.dependent(source,
                other -> other instanceof ConvolvedWeight values && values.isOf(weight, window, images, source));
        return gradient != null && memory.settle(gradient, (values, dw) ->
                convolutions.inputAndWeight(weight, window, images, w.place(), ((ConvolvedWeight) values).images(), source.source(), to, sink, dw));
    }
}
