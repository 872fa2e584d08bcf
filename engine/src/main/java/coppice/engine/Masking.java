package coppice.engine;

/** The passages between masked tensors, dense tensors and plain vectors of survivors. */
public sealed interface Masking extends Op {

    /** A masked tensor with zeros where nothing survives. Adjoint of {@link Gather}. */
    record Scatter() implements Masking {

        @Override
        public Form form(Tensor... x) {
            if (!x[0].isMasked()) {
                throw new ShapeException("scatter: needs a masked tensor, got " + x[0].form());
            }
            return Form.dense(x[0].shape());
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.scatter(x[0].mask(), x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return masked(g, x[0].mask());
        }
    }

    /** The surviving values of a dense tensor. Adjoint of {@link Scatter}. */
    record Gather(Mask mask) implements Masking {

        @Override
        public Form form(Tensor... x) {
            if (x[0].isMasked() || !x[0].shape().equals(mask.shape())) {
                throw new ShapeException("gather: needs a dense tensor of the mask's shape, got " + x[0].form() + " and " + mask);
            }
            return Form.masked(mask);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            backend.gather(mask, x[0].buffer(), y.buffer());
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return dense(g);
        }
    }

    /** The survivors as a dense vector [count]; a view. */
    record Survivors() implements Masking {

        @Override
        public Form form(Tensor... x) {
            return Form.dense(x[0].form().stored());
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            throw new AssertionError("survivors is a view");
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return Tape.apply(new Under(x[0].mask()), g);
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /** A dense vector [count] as the survivors of a mask; a view. */
    record Under(Mask mask) implements Masking {

        @Override
        public Form form(Tensor... x) {
            if (!x[0].form().equals(Form.dense(Shape.of(mask.count())))) {
                throw new ShapeException("under: needs a dense vector of " + mask.count() + " survivors, got " + x[0].form());
            }
            return Form.masked(mask);
        }

        @Override
        public void forward(Backend backend, Tensor[] x, Tensor y) {
            throw new AssertionError("under is a view");
        }

        @Override
        public Tensor backward(int input, Tensor[] x, Tensor y, Tensor g) {
            return survivors(g);
        }

        @Override
        public boolean isView() {
            return true;
        }
    }

    /** The dense view of a masked tensor, zero where nothing survives; a dense tensor is returned as it is. */
    static Tensor dense(Tensor x) {
        return x.isMasked() ? Tape.apply(new Scatter(), x) : x;
    }

    /** The values of a dense tensor that survive a mask. */
    static Tensor masked(Tensor x, Mask mask) {
        return Tape.apply(new Gather(mask), x);
    }

    /** The stored values of a masked tensor as a dense vector [count]; a dense tensor is returned as it is. */
    static Tensor survivors(Tensor x) {
        return x.isMasked() ? Tape.apply(new Survivors(), x) : x;
    }
}
