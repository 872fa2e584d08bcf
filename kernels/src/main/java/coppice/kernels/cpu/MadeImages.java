package coppice.kernels.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * Images in blocks that a kernel makes line by line, as soon as it is known what is done with them: functions of their elements that are
 * asked for meanwhile join it, and sums of them are taken while they are made.
 */
abstract class MadeImages extends Deferred {

    private final Sink sink;
    private boolean joined;

    /** @param sink functions of the elements. @param operands what they are made from, and what the sink reads */
    MadeImages(Sink sink, List<NativeBuffer> operands) {
        super(operands);
        this.sink = sink;
    }

    /** The same images, after other functions of each element. */
    abstract MadeImages with(Sink sink, List<NativeBuffer> operands);

    /** The floats that are handed on at once, but for the last of a channel. */
    abstract int lineFloats();

    /** Makes the images, and hands each line to a sink. */
    abstract void make(long to, Sink sink);

    /** These, after a function of each element. @param more what it reads besides */
    final MadeImages then(Sink function, NativeBuffer... more) {
        joined = true;
        var operands = new ArrayList<>(operands());
        operands.addAll(List.of(more));
        return with(sink.then(function), operands);
    }

    /** Whether a function of them was asked for before: for a second one it is better to make them than to make them twice more. */
    final boolean isJoined() {
        return joined;
    }

    /** These are to be what others were: as much was asked for of them. */
    final void joinedAs(MadeImages others) {
        joined = others.joined;
    }

    /** Functions of the elements. */
    final Sink sink() {
        return sink;
    }

    @Override
    final void write(long to) {
        write(to, Sink.NOTHING);
    }

    /** @param last what is done with the values when they are final */
    final void write(long to, Sink last) {
        make(to, sink.then(last));
    }
}
