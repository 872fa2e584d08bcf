package coppice.bench.peers;

import coppice.bench.Backends;
import coppice.bench.MatrixShape;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_full;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The three faces of dense products by OpenBLAS's sgemm, on matrices as ours stand: w [m, k], x [k, n], g [m, n]. */
public class OpenBlasProduct extends PeerBenchmark {

    private static final int ROWS = openblas_full.CblasRowMajor;
    private static final int AS_IS = openblas_full.CblasNoTrans;
    private static final int TRANSPOSED = openblas_full.CblasTrans;

    @Param({"300x784x60", "100x300x60", "10x100x60", "256x16384x60", "256x256x60", "10x256x60", "10x64x128", "10x512x128", "1024x1024x128",
        "1024x1024x1024"})
    private String shape;

    private int m;
    private int k;
    private int n;
    private FloatPointer w;
    private FloatPointer x;
    private FloatPointer g;
    private FloatPointer dw;
    private FloatPointer dx;

    @Setup(Level.Trial)
    public void setUp() {
        MatrixShape sizes = MatrixShape.of(shape);
        m = sizes.m();
        k = sizes.k();
        n = sizes.n();
        w = new FloatPointer(Backends.drawn("w", m * k));
        x = new FloatPointer(Backends.drawn("x", k * n));
        g = new FloatPointer(Backends.drawn("g", m * n));
        dw = new FloatPointer((long) m * k);
        dx = new FloatPointer((long) k * n);
        output();
        double expected = 0;
        for (int i = 0; i < k; i++) {
            expected += w.get((long) (m - 1) * k + i) * x.get((long) i * n);
        }
        require(expected, g.get((long) (m - 1) * n));
        requireThreads(openblas_full.openblas_get_num_threads());
        System.out.println("OpenBLAS uses its kernels for " + openblas_full.openblas_get_corename().getString());
    }

    @Benchmark
    public FloatPointer output() {
        openblas_full.cblas_sgemm(ROWS, AS_IS, AS_IS, m, n, k, 1, w, k, x, n, 0, g, n);
        return g;
    }

    @Benchmark
    public FloatPointer inputGradient() {
        openblas_full.cblas_sgemm(ROWS, TRANSPOSED, AS_IS, k, n, m, 1, w, k, g, n, 0, dx, n);
        return dx;
    }

    @Benchmark
    public FloatPointer weightGradient() {
        openblas_full.cblas_sgemm(ROWS, AS_IS, TRANSPOSED, m, k, n, 1, g, n, x, n, 0, dw, k);
        return dw;
    }

    @Benchmark
    public void allFaces() {
        output();
        inputGradient();
        weightGradient();
    }
}
