package coppice.bench.peers;

import coppice.bench.Backends;
import coppice.bench.MatrixShape;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The three faces of a linear layer by libtorch, whose batch comes first: w [m, k], x [n, k], g [n, m]. */
public class TorchProduct extends PeerBenchmark {

    @Param({"300x784x60", "100x300x60", "10x100x60", "256x16384x60", "256x256x60", "10x256x60", "10x64x128", "10x512x128", "1024x1024x128",
        "1024x1024x1024"})
    private String shape;

    private Tensor w;
    private Tensor wTransposed;
    private Tensor x;
    private Tensor g;
    private Tensor gTransposed;
    private Tensor dw;
    private Tensor dx;

    @Setup(Level.Trial)
    public void setUp() {
        requireThreads(Runtime.getRuntime().availableProcessors());
        MatrixShape sizes = MatrixShape.of(shape);
        w = tensor("w", sizes.m(), sizes.k());
        x = tensor("x", sizes.n(), sizes.k());
        g = tensor("g", sizes.n(), sizes.m());
        dw = w.clone();
        dx = x.clone();
        wTransposed = w.t();
        gTransposed = g.t();
        output();
        double expected = 0;
        float[] weights = Backends.drawn("w", sizes.m() * sizes.k());
        float[] inputs = Backends.drawn("x", sizes.n() * sizes.k());
        for (int i = 0; i < sizes.k(); i++) {
            expected += weights[i] * inputs[i];
        }
        require(expected, Bridge.values(g)[0]);
    }

    private static Tensor tensor(String name, int rows, int columns) {
        return torch.tensor(Backends.drawn(name, rows * columns)).view(rows, columns);
    }

    @Benchmark
    public Tensor output() {
        return torch.mm_out(g, x, wTransposed);
    }

    @Benchmark
    public Tensor inputGradient() {
        return torch.mm_out(dx, g, w);
    }

    @Benchmark
    public Tensor weightGradient() {
        return torch.mm_out(dw, gTransposed, x);
    }

    @Benchmark
    public void allFaces() {
        output();
        inputGradient();
        weightGradient();
    }
}
