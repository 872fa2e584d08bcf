package coppice.nn;

import static coppice.engine.Elementwise.add;
import static coppice.engine.Elementwise.addRelu;
import static coppice.engine.Layout.reshape;
import static coppice.engine.Product.matmul;

import coppice.engine.Shape;
import coppice.engine.ShapeException;
import coppice.engine.Tensor;
import java.util.List;
import java.util.function.ToLongFunction;

/** y = W·x + b, of [in, N] to [out, N]. */
public record Linear(String name, int in, int out) implements Rectifiable {

    @Override
    public Shape output(Shape input) {
        if (!input.equals(Shape.of(in))) {
            throw new ShapeException("linear " + name + ": takes examples of [" + in + "], got " + input);
        }
        return Shape.of(out);
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                new Parameter(weight(), Shape.of(out, in), Parameter.Role.WEIGHT),
                new Parameter(bias(), Shape.of(out), Parameter.Role.BIAS));
    }

    @Override
    public Tensor forward(Pass pass, Tensor x) {
        return add(product(pass, x), bias(pass));
    }

    @Override
    public Tensor forwardRectified(Pass pass, Tensor x) {
        return addRelu(product(pass, x), bias(pass));
    }

    private Tensor product(Pass pass, Tensor x) {
        return matmul(pass.weight(weight()), x);                        // [out,in] · [in,N] → [out,N]
    }

    private Tensor bias(Pass pass) {
        return reshape(pass.weight(bias()), Shape.of(out, 1));          // over the batch
    }

    @Override
    public long multiplyAdds(Shape input, ToLongFunction<String> survivors) {
        return survivors.applyAsLong(weight());
    }

    private String weight() {
        return name + ".weight";
    }

    private String bias() {
        return name + ".bias";
    }
}
