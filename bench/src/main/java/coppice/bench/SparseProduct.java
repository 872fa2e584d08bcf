package coppice.bench;

import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Products with survivors of a random mask, against the density: a wide linear layer, then those of LeNet-300-100 and the widest of Conv-2. */
public class SparseProduct extends ProductBenchmark {

    @Param({"1024x1024x128", "300x784x60", "100x300x60", "10x100x60", "256x16384x60"})
    private String shape;

    @Param({"1.0", "0.5", "0.2", "0.1", "0.05", "0.02", "0.01"})
    private double density;

    @Setup(Level.Trial)
    public void setUp() {
        MatrixShape sizes = MatrixShape.of(shape);
        timeMatrices(sizes, Operands.weight(sizes.weight(), density));
    }
}
