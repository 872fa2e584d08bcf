package coppice.bench;

import coppice.engine.Backend;
import coppice.engine.Form;
import coppice.engine.Shape;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The three faces of the products of LeNet-300-100 at batch 60, dense and under random masks. */
public class MatMul extends ProductBenchmark {

    private static final int BATCH = 60;

    /** [M, K] of the weight. */
    @Param({"300x784", "100x300", "10x100"})
    private String weight;

    @Param({"1.0", "0.2", "0.1", "0.05", "0.02"})
    private double density;

    @Setup(Level.Trial)
    public void setUp() {
        Backend backend = open();
        String[] sizes = weight.split("x");
        Shape shape = Shape.of(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]));
        Form form = Operands.weight(shape, density);
        int inputs = shape.size(1) * BATCH;
        int outputs = shape.size(0) * BATCH;
        Operands.Product product = (on, face, its) -> on.matmul(face, form, BATCH, its.w(), its.x(), its.g());
        Operands.verify(backend, form.stored().size(), inputs, outputs, product);
        time(product, Operands.drawn(backend, form.stored().size(), inputs, outputs));
    }
}
