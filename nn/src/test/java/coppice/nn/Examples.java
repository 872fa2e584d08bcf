package coppice.nn;

import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.nn.data.Batches;
import coppice.nn.data.Dataset;
import coppice.nn.data.Normalisation;
import coppice.nn.data.Order;
import coppice.nn.data.View;
import java.util.List;

/** Small data sets of one channel for tests. */
record Examples(Dataset data) {

    /** Noise in which each class lights its own pixels, so that there is something to learn. */
    static Examples drawn(Seed seed, int height, int width, int classes, int count) {
        byte[] pixels = new byte[count * height * width];
        byte[] labels = new byte[count];
        for (int image = 0; image < count; image++) {
            labels[image] = (byte) seed.in("labels").below(image, classes);
            for (int i = 0; i < height * width; i++) {
                int at = image * height * width + i;
                pixels[at] = (byte) (seed.in("pixels").below(at, 100) + (i % classes == labels[image] ? 120 : 0));
            }
        }
        return new Examples(new Dataset("drawn", Shape.of(1, height, width), classes, pixels, labels));
    }

    /** The same images with only some of their pixels, in one row. */
    Examples pixels(List<Integer> kept) {
        byte[] pixels = new byte[data.size() * kept.size()];
        for (int image = 0; image < data.size(); image++) {
            for (int i = 0; i < kept.size(); i++) {
                pixels[image * kept.size() + i] = data.pixels()[image * data.example().size() + kept.get(i)];
            }
        }
        return new Examples(new Dataset("drawn", Shape.of(1, 1, kept.size()), data.classes(), pixels, data.labels()));
    }

    /** Pixels from 0 to 1. */
    Batches batches() {
        return new Batches(data, new Normalisation(new float[] {0}, new float[] {1}));
    }

    Order order(Seed seed, int batch) {
        return new Order(seed, View.all(data), batch);
    }
}
