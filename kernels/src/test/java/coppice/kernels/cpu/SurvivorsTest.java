package coppice.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That lines of the contract of backends, of these shapes, take the ways that they are there for: those depend on the sizes of panels. */
class SurvivorsTest {

    private static final Window WINDOW = Window.square(3, 1, 1);
    private static final int BATCH = 32;

    @BeforeEach
    void vectorsAreThoseOfTheShapes() {
        Assumptions.assumeTrue(Vectors.LENGTH == 16, "skipped: the shapes are for vectors of 16 lanes, here are " + Vectors.LENGTH);
    }

    private static Survivors survivors(Face face, int channels, int height, int width, int outputs, double density) {
        Seed seed = Seed.of(3);
        Mask mask = Mask.where(Shape.of(outputs, channels, 3, 3), position -> seed.uniform(position) < density);
        Shape images = Shape.of(channels, height, width, BATCH);
        return mask.derived(new Survivors.Order(face, WINDOW, Images.of(images, true), Images.of(WINDOW.output("test", images, outputs), true), false));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WEIGHT")
    void largeImagesAreCutIntoBands(Face face) {
        int channels = face == Face.INPUT ? 5 : 11;
        Survivors survivors = survivors(face, channels, 36, 40, 16 - channels, 0.3);
        assertTrue(survivors.sweeps().getFirst().bands() > BATCH / Vectors.LENGTH, "more than one for each vector of images");
        assertEquals(1, survivors.blocks());
        assertEquals(1, survivors.slabs());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WEIGHT")
    void manyChannelsAreCutIntoSlabs(Face face) {
        int channels = face == Face.INPUT ? 3 : 400;
        Survivors survivors = survivors(face, channels, 4, 16, 403 - channels, 0.03);
        assertTrue(survivors.slabs() > 1);
        assertEquals(1, survivors.blocks());
    }
}
