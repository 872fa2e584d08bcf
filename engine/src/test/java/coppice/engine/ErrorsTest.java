package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import coppice.engine.Masking.Scatter;
import coppice.engine.Masking.Under;
import coppice.engine.Reduction.Expand;
import coppice.engine.Reduction.Max;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every way in which operands can fail to fit an operation, and what is said. */
final class ErrorsTest {

    private static final Backend BACKEND = new Reference();
    private static final Mask MASK = Mask.of(Shape.of(2, 3), 1, 5);
    private static final Tensor MASKED = Tensor.masked(BACKEND, MASK, 7, 8);
    private static final Tensor OTHER_MASK = Tensor.masked(BACKEND, Mask.of(Shape.of(2, 3), 0), 9);
    private static final Tensor SCALAR = dense();
    private static final Tensor VECTOR = dense(3);
    private static final Tensor MATRIX = dense(2, 3);

    @TestFactory
    Stream<DynamicTest> elementwise() {
        return Stream.of(
                refuses("ADD: a masked operand needs one of the same mask, or a scalar, got [2, 3] masked to 2 and [2, 3]",
                        () -> Elementwise.add(MASKED, MATRIX)),
                refuses("MULTIPLY: a masked operand needs one of the same mask, or a scalar, got [2, 1] and [2, 3] masked to 2",
                        () -> Elementwise.multiply(dense(2, 1), MASKED)),
                refuses("SUBTRACT: a masked operand needs one of the same mask, or a scalar, got [2, 3] masked to 2 and [2, 3] masked to 1",
                        () -> Elementwise.subtract(MASKED, OTHER_MASK)),
                refuses("DIVIDE: shapes must be equal, scalar, or 1 along the axes that differ, got [2, 3] and [2, 4]",
                        () -> Elementwise.divide(MATRIX, dense(2, 4))),
                refuses("WHERE_POSITIVE: shapes must be equal, scalar, or 1 along the axes that differ, got [2, 3] and [3]",
                        () -> Elementwise.wherePositive(MATRIX, VECTOR)),
                refuses("EQUAL: shapes must be equal, scalar, or 1 along the axes that differ, got [1] and [2, 3]",
                        () -> Elementwise.equal(dense(1), MATRIX)));
    }

    @TestFactory
    Stream<DynamicTest> product() {
        return Stream.of(
                refuses("matmul: columns of w must equal rows of x, got w [300, 784] and x [783, 60]",
                        () -> Product.matmul(dense(300, 784), dense(783, 60))),
                refuses("matmul: columns of w must equal rows of x, got w [2, 3] masked to 2 and x [2, 3]",
                        () -> Product.matmul(MASKED, MATRIX)),
                refuses("matmul: needs two matrices, of which only a weight may be masked, got w [2, 3] and x [3]",
                        () -> Product.matmul(MATRIX, VECTOR)),
                refuses("matmul: needs two matrices, of which only a weight may be masked, got w [2, 3, 1] and x [3, 2]",
                        () -> Product.matmul(dense(2, 3, 1), dense(3, 2))),
                refuses("matmul: needs two matrices, of which only a weight may be masked, got w [5, 2] and x [2, 3] masked to 2",
                        () -> Product.matmul(dense(5, 2), MASKED)),
                refuses("matmulInput: rows of w must equal rows of g, got w [2, 3] masked to 2 and g [3, 4]",
                        () -> Product.matmulInput(MASKED, dense(3, 4))),
                refuses("matmulInput: needs two matrices, of which only a weight may be masked, got w [2, 5] and g [2, 3] masked to 2",
                        () -> Product.matmulInput(dense(2, 5), MASKED)),
                refuses("matmulWeight: columns of g must equal columns of x, got g [2, 4] and x [3, 5]",
                        () -> Product.matmulWeight(dense(2, 4), dense(3, 5), MATRIX.form())),
                refuses("matmulWeight: needs two matrices, of which only a weight may be masked, got g [2, 3] masked to 2 and x [4, 3]",
                        () -> Product.matmulWeight(MASKED, dense(4, 3), Form.dense(Shape.of(2, 4)))),
                refuses("matmulWeight: g·xᵀ must have the weight's shape [2, 3] masked to 2, got [3, 2]",
                        () -> Product.matmulWeight(dense(3, 4), dense(2, 4), Form.masked(MASK))));
    }

    @TestFactory
    Stream<DynamicTest> reduction() {
        return Stream.of(
                refuses("sum: between [2, 3] masked to 2 and [1, 3]: the smaller must be a scalar, since the larger is masked",
                        () -> Reduction.sum(MASKED, 0)),
                refuses("sum: between [2, 3] and [3]: the smaller must be a scalar or have a size of 1 along the axes that differ",
                        () -> Reduction.sumTo(MATRIX, Shape.of(3))),
                refuses("sum: between [2, 3] and [2, 2]: the smaller must be a scalar or have a size of 1 along the axes that differ",
                        () -> Reduction.sumTo(MATRIX, Shape.of(2, 2))),
                refuses("reduction: axis must be 0 … 1 for [2, 3], got 2", () -> Reduction.mean(MATRIX, 2)),
                refuses("reduction: axis must be 0 … 1 for [2, 3], got -1", () -> Reduction.max(MATRIX, -1)),
                refuses("expand: between [2, 3] and [2, 2]: the smaller must be a scalar or have a size of 1 along the axes that differ",
                        () -> Reduction.expand(dense(2, 2), Shape.of(2, 3))),
                refuses("expand: between [2, 3] masked to 2 and [2, 1]: the smaller must be a scalar, since the larger is masked",
                        () -> Tape.apply(new Expand(Form.masked(MASK)), dense(2, 1))),
                refuses("expand: needs a dense tensor, got [1, 3] masked to 1",
                        () -> Reduction.expand(Tensor.masked(BACKEND, Mask.of(Shape.of(1, 3), 2), 5), Shape.of(2, 3))),
                refuses("max: between [2, 3] masked to 2 and [2, 1]: the smaller must be a scalar, since the larger is masked",
                        () -> Reduction.max(MASKED, 1)),
                refuses("max: between [2, 3] and [3]: the smaller must be a scalar or have a size of 1 along the axes that differ",
                        () -> Tape.apply(new Max(Shape.of(3)), MATRIX)),
                refuses("max: of no elements, got [0, 3]", () -> Reduction.max(dense(0, 3))),
                refuses("max: of no elements, got [2, 3] masked to 0",
                        () -> Reduction.max(Tensor.masked(BACKEND, Mask.of(Shape.of(2, 3))))));
    }

    @TestFactory
    Stream<DynamicTest> layout() {
        return Stream.of(
                refuses("reshape: must keep the number of elements, got [2, 3] to [7]", () -> Layout.reshape(MATRIX, Shape.of(7))),
                refuses("reshape: needs a dense tensor, got [2, 3] masked to 2; ask for dense(x) first",
                        () -> Layout.reshape(MASKED, Shape.of(6))),
                refuses("permute: axes must name each of 0 … 1 once for [2, 3], got [0, 0]", () -> Layout.permute(MATRIX, 0, 0)),
                refuses("permute: axes must name each of 0 … 1 once for [2, 3], got [0, 2]", () -> Layout.permute(MATRIX, 0, 2)),
                refuses("permute: axes must name each of 0 … 1 once for [2, 3], got [0]", () -> Layout.permute(MATRIX, 0)),
                refuses("permute: axes must name each of 0 … 0 once for [3], got [1, 0]", () -> Layout.transpose(VECTOR)),
                refuses("permute: needs a dense tensor, got [2, 3] masked to 2; ask for dense(x) first", () -> Layout.transpose(MASKED)),
                refuses("slice: range 1 … 4 must lie within axis 1 of [2, 3]", () -> Layout.slice(MATRIX, 1, 1, 4)),
                refuses("slice: range -1 … 1 must lie within axis 0 of [2, 3]", () -> Layout.slice(MATRIX, 0, -1, 1)),
                refuses("slice: range 2 … 1 must lie within axis 1 of [2, 3]", () -> Layout.slice(MATRIX, 1, 2, 1)),
                refuses("slice: axis must be 0 … 1 for [2, 3], got 2", () -> Layout.slice(MATRIX, 2, 0, 1)),
                refuses("slice: needs a dense tensor, got [2, 3] masked to 2; ask for dense(x) first", () -> Layout.slice(MASKED, 0, 0, 1)),
                refuses("pad: must not be negative, got -1 before and 0 after", () -> Layout.pad(MATRIX, 0, -1, 0)),
                refuses("pad: must not be negative, got 0 before and -2 after", () -> Layout.pad(MATRIX, 0, 0, -2)),
                refuses("pad: axis must be 0 … 0 for [3], got 1", () -> Layout.pad(VECTOR, 1, 0, 0)),
                refuses("pad: needs a dense tensor, got [2, 3] masked to 2; ask for dense(x) first", () -> Layout.pad(MASKED, 0, 1, 1)),
                refuses("concat: needs at least one tensor", () -> Layout.concat(0)),
                refuses("concat: shapes must agree except along axis 0, got [2, 3] and [2, 4]",
                        () -> Layout.concat(0, MATRIX, dense(2, 4))),
                refuses("concat: shapes must agree except along axis 0, got [2, 3] and [3]", () -> Layout.concat(0, MATRIX, VECTOR)),
                refuses("concat: axis must be 0 … 1 for [2, 3], got 2", () -> Layout.concat(2, MATRIX, MATRIX)),
                refuses("concat: needs a dense tensor, got [2, 3] masked to 2; ask for dense(x) first",
                        () -> Layout.concat(0, MATRIX, MASKED)));
    }

    @TestFactory
    Stream<DynamicTest> masking() {
        return Stream.of(
                refuses("scatter: needs a masked tensor, got [2, 3]", () -> Tape.apply(new Scatter(), MATRIX)),
                refuses("gather: needs a dense tensor of the mask's shape, got [3] and mask of 2 in [2, 3]",
                        () -> Masking.masked(VECTOR, MASK)),
                refuses("gather: needs a dense tensor of the mask's shape, got [2, 3] masked to 2 and mask of 2 in [2, 3]",
                        () -> Masking.masked(MASKED, MASK)),
                refuses("under: needs a dense vector of 2 survivors, got [3]", () -> Tape.apply(new Under(MASK), VECTOR)),
                refuses("under: needs a dense vector of 2 survivors, got [2, 3] masked to 2", () -> Tape.apply(new Under(MASK), MASKED)));
    }

    @TestFactory
    Stream<DynamicTest> classification() {
        return Stream.of(
                refuses("softmax: needs dense logits [classes, examples], got [3]", () -> Classification.softmax(VECTOR)),
                refuses("softmax: needs dense logits [classes, examples], got []", () -> Classification.softmax(SCALAR)),
                refuses("softmax: needs dense logits [classes, examples], got [0, 4]", () -> Classification.softmax(dense(0, 4))),
                refuses("logSoftmax: needs dense logits [classes, examples], got [2, 3] masked to 2",
                        () -> Classification.logSoftmax(MASKED)),
                refuses("softmaxCrossEntropy: needs dense logits [classes, examples], got [2, 3, 4]",
                        () -> Classification.softmaxCrossEntropy(dense(2, 3, 4), dense(2, 3, 4))),
                refuses("softmaxCrossEntropy: targets must be a distribution over the classes of each example, of the logits' shape "
                        + "[2, 3], got [3]", () -> Classification.softmaxCrossEntropy(MATRIX, VECTOR)),
                refuses("softmaxCrossEntropy: targets must be a distribution over the classes of each example, of the logits' shape "
                        + "[2, 3], got [2, 3] masked to 2", () -> Classification.softmaxCrossEntropy(MATRIX, MASKED)));
    }

    private static Tensor dense(int... sizes) {
        return Tensor.zeros(BACKEND, Form.dense(Shape.of(sizes)));
    }

    private static DynamicTest refuses(String message, Supplier<Tensor> operation) {
        return dynamicTest(message, () -> assertEquals(message, assertThrows(ShapeException.class, operation::get).getMessage()));
    }
}
