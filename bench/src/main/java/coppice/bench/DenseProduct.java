package coppice.bench;

import coppice.engine.Form;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Products with dense matrices: those of LeNet-300-100, Conv-2, ResNet-20 and VGG-16 in training, then larger ones. */
public class DenseProduct extends ProductBenchmark {

    @Param({"300x784x60", "100x300x60", "10x100x60", "256x16384x60", "256x256x60", "10x256x60", "10x64x128", "10x512x128", "1024x1024x128",
        "1024x1024x1024"})
    private String shape;

    @Setup(Level.Trial)
    public void setUp() {
        MatrixShape sizes = MatrixShape.of(shape);
        timeMatrices(sizes, Form.dense(sizes.weight()));
    }
}
