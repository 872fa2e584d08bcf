package coppice.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * One step's record: the operations in the order in which they ran, walked backwards for gradients. The tape owns every tensor
 * made on it, and {@link #close()} hands all their memory back to the backend.
 *
 * <p>Gradients are returned values. Their own computation is recorded only by {@link #differentiableGradients}, whose results can
 * be differentiated again, to any order. Contributions to a gradient are added in the order of the walk, which is fixed.
 *
 * <p>A tape is used by one thread. For inference, {@link #hold} puts an input on the tape without tracking it: operations then
 * compute, remember nothing, and their memory still goes back at close.
 */
public final class Tape implements AutoCloseable {

    /** One recorded operation; a watched tensor has no operation and no inputs. */
    private record Node(Op op, Tensor[] inputs, Tensor output) {}

    private final List<Node> nodes = new ArrayList<>();
    private final List<Buffer> owned = new ArrayList<>();
    private Backend backend;
    private boolean recording = true;
    /** Those of the walk under way, if it is not recorded; they are in charge of what it makes. */
    private Adjoints passing;
    private boolean closed;

    /** The same values as a tensor that gradients can be taken for. */
    public Tensor watch(Tensor parameter) {
        Tensor watched = place(parameter, nodes.size());
        nodes.add(new Node(null, new Tensor[0], watched));
        return watched;
    }

    /** The same values on this tape, without gradients: operations on them hand their memory back with the tape. */
    public Tensor hold(Tensor constant) {
        return place(constant, Tensor.UNTRACKED);
    }

    private Tensor place(Tensor tensor, int index) {
        requireOpen();
        if (tensor.tape() != null) {
            throw new TapeException("tape: the tensor " + tensor.form() + " is on a tape already");
        }
        return tensor.view(tensor.form(), this, index);
    }

    /** Runs an operation and remembers it if a gradient can flow through it. */
    static Tensor apply(Op op, Tensor... inputs) {
        Tape tape = tapeOf(op, inputs);
        Backend backend = inputs[0].backend();
        for (Tensor input : inputs) {
            if (input.backend() != backend) {
                throw new TapeException(op + ": operands must be on one backend, got " + backend + " and " + input.backend());
            }
        }
        boolean tracked = tape != null && tape.recording && isAnyTracked(inputs);
        Form form = op.form(inputs);
        int index = tracked ? tape.nodes.size() : Tensor.UNTRACKED;
        Tensor output;
        if (op.isView()) {
            output = inputs[0].view(form, tape, index);
        } else {
            output = Tensor.allocate(backend, form, tape, index);
            op.forward(backend, inputs, output);
        }
        if (tracked) {
            // An operand from elsewhere is held, so that what backward makes of it alone goes back with this tape too.
            Tensor[] held = inputs.clone();
            for (int i = 0; i < held.length; i++) {
                held[i] = held[i].tape() == null ? tape.hold(held[i]) : held[i];
            }
            tape.nodes.add(new Node(op, held, output));
        }
        // A tensor without an owner could otherwise be collected, and its memory reused, while the operation reads it.
        for (Tensor input : inputs) {
            java.lang.ref.Reference.reachabilityFence(input);
        }
        return output;
    }

    private static boolean isAnyTracked(Tensor[] inputs) {
        for (Tensor input : inputs) {
            if (input.isTracked()) {
                return true;
            }
        }
        return false;
    }

    private static Tape tapeOf(Op op, Tensor[] inputs) {
        Tape tape = null;
        for (Tensor input : inputs) {
            if (input.tape() != null) {
                if (tape != null && tape != input.tape()) {
                    throw new TapeException(op + ": operands live on two different tapes");
                }
                tape = input.tape();
            }
        }
        if (tape != null) {
            tape.requireOpen();
        }
        return tape;
    }

    void own(Backend backend, Buffer buffer) {
        if (this.backend != null && this.backend != backend) {
            backend.release(buffer);
            throw new TapeException("tape: its tensors must be on one backend, got " + this.backend + " and " + backend);
        }
        this.backend = backend;
        if (passing != null) {
            passing.own(buffer);
        } else {
            owned.add(buffer);
        }
    }

    /**
     * The gradients of a scalar.
     *
     * @param loss a tensor of one element on this tape
     * @param wrt  tensors on this tape: watched ones, or results of operations
     * @return for each of {@code wrt} a tensor of its form, zero where the loss does not depend on it
     */
    public List<Tensor> gradients(Tensor loss, List<Tensor> wrt) {
        boolean[] needed = needed(loss, wrt);
        recording = false;
        passing = new Adjoints(loss.backend(), loss.index() + 1);
        try {
            return walk(loss, wrt, needed, passing);
        } finally {
            owned.addAll(passing.made());
            passing = null;
            recording = true;
        }
    }

    /** As {@link #gradients}, but recorded, so that the results can be differentiated again. */
    public List<Tensor> differentiableGradients(Tensor loss, List<Tensor> wrt) {
        return walk(loss, wrt, needed(loss, wrt), new Adjoints(loss.backend(), loss.index() + 1));
    }

    /** Backwards from the loss: each operation hands the gradient for its result on to its operands. */
    private List<Tensor> walk(Tensor loss, List<Tensor> wrt, boolean[] needed, Adjoints adjoints) {
        boolean[] asked = new boolean[loss.index() + 1];
        wrt.stream().filter(tensor -> tensor.index() <= loss.index()).forEach(tensor -> asked[tensor.index()] = true);
        adjoints.add(loss.index(), constant(loss.backend(), loss.form(), 1));
        for (int i = loss.index(); i >= 0; i--) {
            Node node = nodes.get(i);
            boolean[] wanted = wanted(node, needed);
            if (adjoints.get(i) == null || wanted == null) {
                continue;
            }
            Tensor[] terms = node.op.backwards(wanted, node.inputs, node.output, adjoints.get(i));
            for (int k = 0; k < terms.length; k++) {
                if (terms[k] != null) {
                    adjoints.add(node.inputs[k].index(), terms[k]);
                }
            }
            if (!asked[i]) {
                adjoints.drop(i);
            }
            adjoints.sweep();
        }
        return wrt.stream()
                .map(tensor -> tensor.index() <= loss.index() && adjoints.get(tensor.index()) != null
                        ? adjoints.get(tensor.index())
                        : constant(tensor.backend(), tensor.form(), 0))
                .toList();
    }

    /** Which nodes up to the loss lead to one of {@code wrt}, after checking that all are where gradients can be taken. */
    private boolean[] needed(Tensor loss, List<Tensor> wrt) {
        requireOpen();
        requireTracked("the loss", loss);
        if (loss.shape().size() != 1) {
            throw new ShapeException("gradients: the loss must be a scalar, got " + loss.form());
        }
        wrt.forEach(tensor -> requireTracked("each tensor to differentiate for", tensor));
        return leadingTo(wrt, loss.index());
    }

    /** For which operands of a node a gradient is needed; null if for none. */
    private static boolean[] wanted(Node node, boolean[] needed) {
        boolean[] wanted = null;
        for (int k = 0; k < node.inputs.length; k++) {
            int source = node.inputs[k].index();
            if (source != Tensor.UNTRACKED && needed[source]) {
                wanted = wanted == null ? new boolean[node.inputs.length] : wanted;
                wanted[k] = true;
            }
        }
        return wanted;
    }

    /** Which nodes up to {@code last} depend on one of {@code wrt}; gradients of the others are never computed. */
    private boolean[] leadingTo(List<Tensor> wrt, int last) {
        boolean[] needed = new boolean[last + 1];
        for (Tensor tensor : wrt) {
            if (tensor.index() <= last) {
                needed[tensor.index()] = true;
            }
        }
        for (int i = 0; i <= last; i++) {
            for (Tensor input : nodes.get(i).inputs) {
                needed[i] |= input.isTracked() && needed[input.index()];
            }
        }
        return needed;
    }

    /** A dense tensor on this tape, untracked: a batch of data. @param values row-major, at least as many as the shape has elements */
    public Tensor input(Backend backend, Shape shape, float[] values) {
        requireOpen();
        Tensor tensor = Tensor.allocate(backend, Form.dense(shape), this, Tensor.UNTRACKED);
        backend.write(tensor.buffer(), values, shape.size());
        return tensor;
    }

    /** A tensor on this tape, untracked, with one value everywhere. */
    public Tensor constant(Backend backend, Form form, float value) {
        requireOpen();
        Tensor tensor = Tensor.allocate(backend, form, this, Tensor.UNTRACKED);
        backend.fill(tensor.buffer(), value);
        return tensor;
    }

    private void requireTracked(String role, Tensor tensor) {
        if (tensor.tape() != this || !tensor.isTracked()) {
            throw new TapeException("gradients: " + role + " must be watched on this tape or computed from what is, got "
                    + tensor.form());
        }
    }

    boolean isClosed() {
        return closed;
    }

    void requireOpen() {
        if (closed) {
            throw new TapeException("tape: closed already; its tensors are gone");
        }
    }

    /** Hands the memory of every tensor made on this tape back to the backend. */
    @Override
    public void close() {
        closed = true;
        for (Buffer buffer : owned) {
            backend.release(buffer);
        }
        owned.clear();
        nodes.clear();
    }

    /** One line for each recorded operation: its place, what it is, the places of its inputs, its form. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        for (Node node : nodes) {
            text.append('%').append(node.output.index()).append(" = ").append(node.op == null ? "watch" : node.op);
            for (Tensor input : node.inputs) {
                text.append(' ').append(input.isTracked() ? "%" + input.index() : input.form().toString());
            }
            text.append("  ").append(node.output.form()).append('\n');
        }
        return text.toString();
    }
}
