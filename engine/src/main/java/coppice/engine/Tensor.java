package coppice.engine;

import java.lang.ref.Cleaner;
import java.util.Arrays;

/**
 * Values of a shape on a backend: dense, or masked with one value for each surviving position and nothing for the others.
 *
 * <p>A tensor made by {@link #of}, or by an operation none of whose operands is on a {@link Tape}, lives until it is closed or
 * unreachable. A tensor on a tape lives until the tape is closed. Operations are static methods of their family, beside their
 * derivative: {@link Elementwise}, {@link Product}, {@link Convolution}, {@link Pooling}, {@link BatchNorm}, {@link Reduction}, {@link Layout},
 * {@link Masking}, {@link Classification}.
 */
public final class Tensor implements AutoCloseable {

    /** The index of a tensor that no gradient flows to. */
    static final int UNTRACKED = -1;

    private static final Cleaner CLEANER = Cleaner.create();

    private final Backend backend;
    private final Form form;
    private final Buffer buffer;
    private final Tape tape;
    private final int index;
    /** Keeps the owner of a shared buffer reachable. */
    private final Tensor base;
    private final Cleaner.Cleanable release;

    private Tensor(Backend backend, Form form, Buffer buffer, Tape tape, int index, Tensor base) {
        this.backend = backend;
        this.form = form;
        this.buffer = buffer;
        this.tape = tape;
        this.index = index;
        this.base = base;
        this.release = tape == null && base == null ? CLEANER.register(this, () -> backend.release(buffer)) : null;
    }

    /** A dense tensor. @param values row-major, as many as the shape has elements */
    public static Tensor of(Backend backend, Shape shape, float... values) {
        return of(backend, Form.dense(shape), values);
    }

    /** A masked tensor. @param values one for each surviving position, in ascending order of position */
    public static Tensor masked(Backend backend, Mask mask, float... values) {
        return of(backend, Form.masked(mask), values);
    }

    /** A tensor of a form. @param values the stored values, row-major */
    public static Tensor of(Backend backend, Form form, float... values) {
        Tensor tensor = allocate(backend, form, null, UNTRACKED);
        tensor.write(values);
        return tensor;
    }

    /** A tensor of zeros. */
    public static Tensor zeros(Backend backend, Form form) {
        Tensor tensor = allocate(backend, form, null, UNTRACKED);
        backend.fill(tensor.buffer, 0);
        return tensor;
    }

    /** A tensor whose values are yet to be written; owned by the tape where there is one. */
    static Tensor allocate(Backend backend, Form form, Tape tape, int index) {
        Buffer buffer = backend.allocate(form.stored().size());
        if (tape != null) {
            tape.own(backend, buffer);
        }
        return new Tensor(backend, form, buffer, tape, index, null);
    }

    /** The same values under another form and place on a tape. */
    Tensor view(Form form, Tape tape, int index) {
        return new Tensor(backend, form, buffer, tape, index, this);
    }

    public Backend backend() {
        return backend;
    }

    public Form form() {
        return form;
    }

    public Shape shape() {
        return form.shape();
    }

    /** The mask, or null for a dense tensor. */
    public Mask mask() {
        return form.mask();
    }

    public boolean isMasked() {
        return form.isMasked();
    }

    /** The number of stored values: the shape's size, or the mask's count. */
    public int count() {
        return buffer.length();
    }

    /** @throws TapeException if this tensor lived on a tape that is closed: its memory is gone */
    public Buffer buffer() {
        if (tape != null) {
            tape.requireOpen();
        }
        return buffer;
    }

    /** The tape that this tensor lives on, or null. */
    public Tape tape() {
        return tape;
    }

    int index() {
        return index;
    }

    boolean isTracked() {
        return index != UNTRACKED;
    }

    /** A copy of the stored values. */
    public float[] values() {
        float[] values = new float[count()];
        backend.read(buffer(), values, count());
        java.lang.ref.Reference.reachabilityFence(this);        // or the buffer could be reused while it is read
        return values;
    }

    /** The single value of a tensor of one element. */
    public float item() {
        if (count() != 1) {
            throw new ShapeException("item: needs a tensor of one stored value, got " + form);
        }
        return values()[0];
    }

    /** Overwrites the stored values. */
    public void write(float... values) {
        if (values.length != count()) {
            throw new ShapeException("write: " + form + " stores " + count() + " values, got " + values.length);
        }
        backend.write(buffer(), values, count());
        java.lang.ref.Reference.reachabilityFence(this);
    }

    /** Gives the memory back now rather than when unreachable; nothing for a tensor on a tape or a view. */
    @Override
    public void close() {
        if (release != null) {
            release.clean();
        }
    }

    @Override
    public String toString() {
        if (tape != null && tape.isClosed()) {
            return form + " of a closed tape";
        }
        float[] values = values();
        String start = Arrays.toString(Arrays.copyOf(values, Math.min(values.length, 8)));
        return form + " " + (values.length > 8 ? start.replace("]", ", …]") : start);
    }
}
