package coppice.bench.peers;

import coppice.engine.Shape;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Arrays to libtorch's tensors and back. Weights look the same in both, [out, in] and [out, in, kh, kw]; the batch is the last axis of
 * ours, [C, H, W, N], and the first of theirs, [N, C, H, W].
 *
 * @param type the precision of the tensors: {@code Float} or {@code Double}
 */
record Bridge(torch.ScalarType type) {

    /** @param values row-major */
    Tensor weight(float[] values, Shape shape) {
        return torch.tensor(values).view(longs(shape)).to(type);
    }

    /** @param shape ours, the batch last */
    Tensor batch(float[] values, Shape shape) {
        int last = shape.rank() - 1;
        long[] lastFirst = LongStream.range(0, shape.rank()).map(axis -> axis == 0 ? last : axis - 1).toArray();
        return weight(values, shape).permute(lastFirst).contiguous();
    }

    Tensor labels(int[] labels) {
        return torch.tensor(IntStream.of(labels).asLongStream().toArray());
    }

    /** The values of a weight, row-major. */
    static double[] values(Tensor tensor) {
        Tensor doubles = tensor.detach().to(torch.ScalarType.Double).contiguous();
        double[] values = new double[(int) doubles.numel()];
        doubles.data_ptr_double().get(values);
        return values;
    }

    /** The values of a batch as our layout has them. */
    static double[] batchValues(Tensor tensor) {
        long rank = tensor.dim();
        return values(tensor.permute(LongStream.range(0, rank).map(axis -> (axis + 1) % rank).toArray()));
    }

    private static long[] longs(Shape shape) {
        return IntStream.of(shape.toArray()).asLongStream().toArray();
    }
}
