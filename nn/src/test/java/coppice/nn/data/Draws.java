package coppice.nn.data;

import coppice.engine.Seed;
import coppice.engine.Shape;

/** Datasets of random bytes for tests. */
record Draws(Seed seed) {

    Dataset dataset(Shape example, int classes, int count) {
        byte[] pixels = new byte[example.size() * count];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) seed.in("pixels").bits(i);
        }
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) seed.in("labels").below(i, classes);
        }
        return new Dataset("draws", example, classes, pixels, labels);
    }
}
