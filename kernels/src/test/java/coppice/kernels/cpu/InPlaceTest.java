package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sparse convolutions of images where they stand make the same bits as those through a panel of one block, which other tests compare with {@code
 * Reference}. Gradients of the weight are made in place at the lower densities only.
 */
class InPlaceTest {

    private static final int CHANNELS = 5;
    private static final int OUTPUTS = 7;
    private static final int BATCH = 32;

    @BeforeEach
    void vectorsAreThoseOfTheShapes() {
        Assumptions.assumeTrue(Vectors.LENGTH == 16, "skipped: images are looked at in place in vectors of 16 lanes, here are " + Vectors.LENGTH);
    }

    private static Window window(int height, int width) {
        return new Window(new Window.Axis(height, 1, height / 2, 1), new Window.Axis(width, 1, width / 2, 1));
    }

    private static Stream<Arguments> cases() {
        return Stream.of(window(3, 3), window(1, 1), window(1, 3), window(3, 1)).flatMap(window ->
                Stream.of(Shape.of(CHANNELS, 8, 8, BATCH), Shape.of(CHANNELS, 2, 8, BATCH), Shape.of(CHANNELS, 5, 16, BATCH),
                        Shape.of(CHANNELS, 1, 16, BATCH), Shape.of(CHANNELS, 3, 48, BATCH), Shape.of(CHANNELS, 90, 32, BATCH)).flatMap(images ->
                        Stream.of(0.03, 0.1, 1.0).map(density -> Arguments.of(window, images, density))));
    }

    private static Mask mask(Window window, double density) {
        Seed seed = Seed.of(11);
        Shape weight = Shape.of(OUTPUTS, CHANNELS, window.y().size(), window.x().size());
        return Mask.where(weight, position -> position == 0 || position / weight.rowSize() != 2 && seed.uniform(position) < density);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void makesTheSameBitsAsThroughAPanel(Window window, Shape images, double density) {
        Mask mask = mask(window, density);
        Images in = Images.of(images, true);
        Images out = Images.of(window.output("test", images, OUTPUTS), true);
        for (Face face : List.of(Face.OUTPUT, Face.INPUT)) {
            Survivors inPlace = mask.derived(new Survivors.Order(face, window, in, out, true));
            assertTrue(inPlace.sweeps().getFirst().isInPlace(), face + " looks at images in place");
            assertEquals(1, mask.derived(new Survivors.Order(face, window, in, out, false)).blocks(), "of its panel");
        }
        assertEquals(density < 1 || window.x().size() * window.y().size() == 1, SparseConvolution.areFew(mask, in), "gradients of the weight in place");
        try (var workers = new Workers(2); var memory = new Memory(workers)) {
            var kernel = new SparseConvolution(workers, memory);
            long w = filled(memory, mask.count(), 1);
            long x = filled(memory, images.size(), 2);
            long g = filled(memory, out.shape().size(), 3);
            for (Face face : Face.values()) {
                int length = switch (face) {
                    case OUTPUT -> out.shape().size();
                    case INPUT -> images.size();
                    case WEIGHT -> mask.count();
                };
                long expected = filled(memory, length, 4);
                long made = filled(memory, length, 5);
                run(kernel, face, mask, window, in, out, w, computed(x), computed(g), expected);
                run(kernel, face, mask, window, in, out, w, new Source.Stored(x), new Source.Stored(g), made);
                assertSame(face.toString(), expected, made, length);
            }
            long[] expected = {filled(memory, images.size(), 4), filled(memory, mask.count(), 5)};
            long[] made = {filled(memory, images.size(), 6), filled(memory, mask.count(), 7)};
            kernel.inputAndWeight(mask, window, in, out, w, new Source.Stored(x), computed(g), expected[0], Sink.NOTHING, expected[1]);
            kernel.inputAndWeight(mask, window, in, out, w, new Source.Stored(x), new Source.Stored(g), made[0], Sink.NOTHING, made[1]);
            assertSame("INPUT in one with WEIGHT", expected[0], made[0], images.size());
            assertSame("WEIGHT in one with INPUT", expected[1], made[1], mask.count());
        }
    }

    private static void run(SparseConvolution kernel, Face face, Mask mask, Window window, Images in, Images out, long w, Source x, Source g,
            long made) {
        Source result = new Source.Stored(made);
        kernel.run(face, mask, window, in, out, face == Face.WEIGHT ? made : w, face == Face.INPUT ? result : x, face == Face.OUTPUT ? result : g,
                Sink.NOTHING);
    }

    /** Images in memory, which a convolution is not told of. */
    private static Source computed(long address) {
        return (channel, at, floats, room) -> address + at;
    }

    private static long filled(Memory memory, int count, int number) {
        Seed seed = Seed.of(number);
        long address = memory.allocate(count).address();
        for (int i = 0; i < count; i++) {
            Vectors.set(address + 4L * i, (float) seed.uniform(i) - 0.5f);
        }
        return address;
    }

    private static void assertSame(String what, long expected, long made, int length) {
        for (int i = 0; i < length; i++) {
            int at = i;
            assertEquals(Float.floatToRawIntBits(Vectors.get(expected + 4L * i)), Float.floatToRawIntBits(Vectors.get(made + 4L * i)),
                    () -> what + " at " + at + ": " + Vectors.get(expected + 4L * at) + ", in place " + Vectors.get(made + 4L * at));
        }
    }
}
