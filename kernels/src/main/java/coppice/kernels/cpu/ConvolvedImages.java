package coppice.kernels.cpu;

import coppice.engine.Form;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * The images that a convolution makes, OUTPUT or INPUT, as soon as it is known what is done with them. Functions of their elements that are
 * asked for meanwhile join it, and sums of them are taken while they are made. A gradient of the weight that waits for the same
 * gradient of the output is made in one go with that of the input.
 */
final class ConvolvedImages extends Deferred {

    private final Convolutions convolutions;
    private final Memory memory;
    private final Face face;
    private final Form weight;
    private final Window window;
    private final Shape images;
    private final NativeBuffer w;
    private final NativeBuffer source;
    private final Sink sink;
    private boolean joined;

    /**
     * @param images   [C, H, W, N], of x
     * @param w        in rows
     * @param source   what is looked at: x, or g
     * @param sink     functions of the elements
     * @param operands w, the source, and what the sink reads
     */
    private ConvolvedImages(Convolutions convolutions, Memory memory, Face face, Form weight, Window window, Shape images, NativeBuffer w,
            NativeBuffer source, Sink sink, List<NativeBuffer> operands) {
        super(operands);
        this.convolutions = convolutions;
        this.memory = memory;
        this.face = face;
        this.weight = weight;
        this.window = window;
        this.images = images;
        this.w = w;
        this.source = source;
        this.sink = sink;
    }

    ConvolvedImages(Convolutions convolutions, Memory memory, Face face, Form weight, Window window, Shape images, NativeBuffer w,
            NativeBuffer source) {
        this(convolutions, memory, face, weight, window, images, w, source, Sink.NOTHING, List.of(w, source));
    }

    /** These, after a function of each element. @param more what it reads besides */
    ConvolvedImages then(Sink function, NativeBuffer... more) {
        joined = true;
        var operands = new ArrayList<>(operands());
        operands.addAll(List.of(more));
        return new ConvolvedImages(convolutions, memory, face, weight, window, images, w, source, sink.then(function), operands);
    }

    /** Whether a function of them was asked for before: for a second one it is better to make them than to make them twice more. */
    boolean isJoined() {
        return joined;
    }

    /** Whether a buffer is the weight, and it is less to copy it than to make the images. */
    boolean isOfWeight(NativeBuffer buffer) {
        return buffer == w && buffer != source;
    }

    /** These, with another buffer for the same weight. */
    ConvolvedImages withWeight(NativeBuffer other) {
        var operands = new ArrayList<>(operands());
        operands.replaceAll(operand -> operand == w ? other : operand);
        var same = new ConvolvedImages(convolutions, memory, face, weight, window, images, other, source, sink, operands);
        same.joined = joined;
        return same;
    }

    /** The floats that are handed on at once, but for the last of a channel. */
    int lineFloats() {
        return convolutions.handedOn(face, weight, window, images);
    }

    @Override
    void write(long to) {
        write(to, Sink.NOTHING);
    }

    /** @param last what is done with the values when they are final */
    void write(long to, Sink last) {
        Sink all = sink.then(last);
        if (face == Face.INPUT && writeWithWeight(to, all)) {
            return;
        }
        if (face == Face.INPUT) {
            convolutions.run(face, weight, window, 1, images, true, w.place(), new Source.Stored(to), source.source(), all);
        } else {
            convolutions.run(face, weight, window, 1, images, true, w.place(), source.source(), new Source.Stored(to), all);
        }
    }

    /** Writes the gradient of the input, and that of the weight which waits for the same gradient of the output; false if none does. */
    private boolean writeWithWeight(long to, Sink all) {
        NativeBuffer gradient = memory.dependent(source,
                other -> other instanceof ConvolvedWeight values && values.isOf(weight, window, images, source));
        return gradient != null && memory.settle(gradient, (values, dw) ->
                convolutions.inputAndWeight(weight, window, images, w.place(), ((ConvolvedWeight) values).images(), source.source(), to, all, dw));
    }
}
