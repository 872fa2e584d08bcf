package coppice.kernels.cpu;

import static coppice.kernels.cpu.Vectors.ALL;
import static coppice.kernels.cpu.Vectors.BYTES;
import static coppice.kernels.cpu.Vectors.INT;

import coppice.engine.Elementwise.Binary;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Window;
import coppice.kernels.cpu.Sweep.Images;
import java.util.Arrays;
import java.util.List;

/**
 * The faces of a convolution with a masked weight, over its survivors only, on the panels of a {@link Sweep}, or on the images themselves where these
 * are in memory and a panel would only give them a border. One walk serves for all: for each band of the images the panel is filled with what is
 * looked at; then each channel of the result is made with its survivors, or, where these are many, each tile of all channels, block after block of what
 * is looked at; and for the gradient of the weight, each survivor's is the sum over the channel's pixels of what it looks at. INPUT and WEIGHT look at
 * the same g, and are made in one walk where both are wanted: with dx[c, q] = Σ w · g[o, q − t] each such look has the gradient dw = Σ over q of
 * x[c, q] · g[o, q − t].
 */
final class SparseConvolution {

    /** Multiplications of vectors below which a second thread does not pay: about 2 µs. */
    private static final long GRAIN = 4096;

    /** Chunks of bands, each with its sums for the weight, at most: enough for as many threads. */
    private static final int CHUNKS = 16;

    /** Chunks, and slices of the channels, that there should be. */
    private static final int ITEMS = 8;

    /** Floats for the sums of all chunks. */
    private static final int MOST_SUMS = 1 << 22;

    /**
     * Survivors for each channel that is looked at up to which gradients of the weight are made faster in place. 64 → 64 on 16×16 on two threads: 0.34
     * ms at 1 % instead of 0.39, but 0.61 at 2 % instead of 0.55, and on one thread 2.5 at 5 % instead of 2.2. For images it is many more, {@link
     * Survivors}.
     */
    private static final int FEW = 8;

    private static final long GROUP_BYTES = (long) Sweep.GROUP * BYTES;

    private final Workers workers;
    private final Memory memory;

    SparseConvolution(Workers workers, Memory memory) {
        this.workers = workers;
        this.memory = memory;
    }

    /** @param w the survivors of a mask of [O, C, kh, kw]. @param x [C, H, W, N]. @param g [O, H', W', N]. @param sink for x or g, if made */
    void run(Face face, Mask mask, Window window, Images images, Images output, long w, Source x, Source g, Sink sink) {
        boolean inPlace = (face == Face.INPUT ? g : x) instanceof Source.Stored && (face != Face.WEIGHT || areFew(mask, images));
        var order = new Survivors.Order(face == Face.INPUT ? Face.INPUT : Face.OUTPUT, window, images, output, inPlace);
        Survivors survivors = mask.derived(order);
        switch (face) {
            case OUTPUT -> walk(new Walk(survivors, x, w, Convolutions.stored(g), sink, null, 0));
            case INPUT -> walk(new Walk(survivors, g, w, Convolutions.stored(x), sink, null, 0));
            case WEIGHT -> walk(new Walk(survivors, x, 0, 0, sink, g, w));
        }
    }

    /** The faces INPUT and WEIGHT. @param dx where that of the input is written. @param sink for it. @param dw likewise */
    void inputAndWeight(Mask mask, Window window, Images images, Images output, long w, Source x, Source g, long dx, Sink sink, long dw) {
        boolean inPlace = g instanceof Source.Stored && areFew(mask, output);
        Survivors survivors = mask.derived(new Survivors.Order(Face.INPUT, window, images, output, inPlace));
        walk(new Walk(survivors, g, w, dx, sink, x, dw));
    }

    /** Whether survivors are so few that the weight's gradients are made faster in place than what they look at is copied. @param looked at */
    static boolean areFew(Mask mask, Images looked) {
        return mask.count() <= (long) FEW * looked.shape().size(0);
    }

    /**
     * What a walk makes.
     *
     * @param looked what is looked at
     * @param w      the values of the mask; 0 if no images are made
     * @param result the images that are made; 0 for none
     * @param sink   for them
     * @param pixels by which what is looked at is multiplied for the gradients of the weight; null if these are not wanted
     * @param dw     these gradients
     */
    private record Walk(Survivors survivors, Source looked, long w, long result, Sink sink, Source pixels, long dw) {

        boolean makesImages() {
            return result != 0;
        }

        boolean makesWeights() {
            return pixels != null;
        }
    }

    /**
     * Bands are shared among the threads in chunks and, where these are few, channels of the result in slices, by the shape alone: each
     * chunk has its sums for the weight, which are added up in order, so that any number of threads makes the same bits. A thread fills
     * a panel for itself only.
     */
    private void walk(Walk walk) {
        Survivors survivors = walk.survivors;
        Sweep sweep = survivors.sweeps().getFirst();
        int bands = sweep.bands();
        int chunks = walk.makesWeights() ? (int) Math.clamp(MOST_SUMS / survivors.count(), 1, Math.min(bands, CHUNKS)) : bands;
        int slices = Math.min(sweep.results(), Math.ceilDiv(ITEMS, chunks));
        int[] totals = survivors.totals();
        long cost = Balance.cost(totals, sweep.results());
        int parts = Math.min(chunks * slices, workers.parts(cost * sweep.groups() * Sweep.GROUP * bands, GRAIN));
        int sumFloats = walk.makesWeights() ? Math.multiplyExact(chunks, survivors.count()) : 0;
        int roomFloats = Room.floats(walk);
        NativeBuffer looks = memory.allocate(survivors.count());
        NativeBuffer weights = memory.allocate(walk.makesImages() ? survivors.count() : 0);
        NativeBuffer sums = memory.allocate(sumFloats);
        NativeBuffer scratch = memory.allocate(Math.multiplyExact(parts, roomFloats));
        try {
            long looksAt = looks.address();
            long weightsAt = weights.address();
            long sumsAt = sums.address();
            long scratchAt = scratch.address();
            workers.run(() -> {
                survivors.writeLooks(looksAt);
                if (walk.makesImages()) {
                    survivors.read(walk.w, weightsAt);
                }
            });
            var rooms = new Room[parts];
            Arrays.setAll(rooms, part -> new Room(walk, looksAt, weightsAt, scratchAt + 4L * part * roomFloats));
            workers.run(parts, (part, all) -> {
                int first = Workers.start(chunks * slices, 1, part, all);
                int end = Workers.start(chunks * slices, 1, part + 1, all);
                for (int chunk = first / slices; chunk * slices < end; chunk++) {
                    int from = Balance.row(totals, cost * Math.max(first - chunk * slices, 0) / slices);
                    int to = Balance.row(totals, cost * Math.min(end - chunk * slices, slices) / slices);
                    int firstBand = Workers.start(bands, 1, chunk, chunks);
                    for (int band = firstBand; band < Workers.start(bands, 1, chunk + 1, chunks); band++) {
                        rooms[part].band(band, from, to, band > firstBand, sumsAt + 4L * chunk * survivors.count());
                    }
                }
            });
            if (walk.makesWeights()) {
                workers.run(() -> {
                    for (int chunk = 1; chunk < chunks; chunk++) {
                        BinaryLoops.run(Binary.ADD, survivors.count(), sumsAt, 4, sumsAt + 4L * chunk * survivors.count(), 4, sumsAt);
                    }
                    survivors.write(sumsAt, walk.dw);
                });
            }
        } finally {
            memory.release(scratch);
            memory.release(sums);
            memory.release(weights);
            memory.release(looks);
        }
    }

    /** The memory that a thread needs for its bands, and what it does with one. */
    private static final class Room {

        private static final int TILE_FLOATS = SparseConvolutionTile.GROUPS * Sweep.GROUP * Vectors.LENGTH;

        private final Walk walk;
        private final Source[] looked;
        private final List<Sweep> sweeps;
        /** Those that are walked through now, one of each sweep. */
        private final Sweep.Band[] bands;
        /** An int for each survivor: bytes from a pixel's place to what it looks at, in place with {@link Edges}. */
        private final long looks;
        /** A float for each survivor. */
        private final long weights;
        private final long tile;
        private final long pixels;
        private final long line;
        private final long groups;
        private final long partials;
        /** As many vectors as a line has pixels, where images are looked at in place. */
        private final long zeros;
        /** Where a band's looks begin: a panel, or the images themselves. */
        private long panel;

        static int floats(Walk walk) {
            List<Sweep> sweeps = walk.survivors.sweeps();
            Sweep sweep = sweeps.getFirst();
            int own = TILE_FLOATS + pixelFloats(sweep) + sweep.lineFloats() + sweeps.size() * 2 * groupFloats(sweep);
            return Math.addExact(Math.addExact(own, partialFloats(walk)), Math.addExact(zeroFloats(sweep), sweep.panelFloats()));
        }

        /** For an int of each group, and of the last again to fill a tile. */
        private static int groupFloats(Sweep sweep) {
            return (sweep.groups() + SparseConvolutionTile.GROUPS) / Vectors.LENGTH * Vectors.LENGTH + Vectors.LENGTH;
        }

        private static int pixelFloats(Sweep sweep) {
            return sweep.groups() * Sweep.GROUP * Vectors.LENGTH;
        }

        /** For the sums of a tile of each channel of the result, where there are several blocks. */
        private static int partialFloats(Walk walk) {
            boolean wanted = walk.makesImages() && walk.survivors.blocks() > 1;
            return wanted ? Math.multiplyExact(walk.survivors.sweeps().getFirst().results(), TILE_FLOATS) : 0;
        }

        private static int zeroFloats(Sweep sweep) {
            return sweep.isInPlace() ? sweep.lineFloats() : 0;
        }

        Room(Walk walk, long looks, long weights, long memory) {
            this.walk = walk;
            this.sweeps = walk.survivors.sweeps();
            this.looked = sweeps.getFirst().slabs(walk.looked);
            this.bands = new Sweep.Band[sweeps.size()];
            this.looks = looks;
            this.weights = weights;
            this.tile = memory;
            this.pixels = tile + 4L * TILE_FLOATS;
            this.line = pixels + 4L * pixelFloats(sweeps.getFirst());
            this.groups = line + 4L * sweeps.getFirst().lineFloats();
            this.partials = groups + 4L * sweeps.size() * 2 * groupFloats(sweeps.getFirst());
            this.zeros = partials + 4L * partialFloats(walk);
            this.panel = zeros + 4L * zeroFloats(sweeps.getFirst());
        }

        /** Where the groups of a sweep's band stand in the panel, ints of bytes; in place with {@link Edges}. */
        private long places(int sweep) {
            return groups + 4L * sweep * 2 * groupFloats(sweeps.getFirst());
        }

        /** Where they stand in the result, ints of floats from the first. */
        private long results(int sweep) {
            return places(sweep) + 4L * groupFloats(sweeps.getFirst());
        }

        /** Some channels of the result in one band. @param add whether sums for the weight are added to what is there */
        void band(int index, int from, int to, boolean add, long sums) {
            for (int i = 0; i < bands.length; i++) {
                bands[i] = sweeps.get(i).band(index);
                if (walk.makesImages()) {
                    bands[i].writeGroups(SparseConvolutionTile.GROUPS, places(i), results(i));
                }
            }
            int slabs = walk.survivors.slabs();
            boolean byBlocks = walk.survivors.blocks() > 1;
            for (int slab = 0; slab < slabs; slab++) {
                prepare(slab);
                if (walk.makesImages() && byBlocks) {
                    for (int i = 0; i < bands.length; i++) {
                        imagesByBlocks(i, bands[i], slab, from, to);
                    }
                }
                for (int channel = from; channel < to; channel++) {
                    if (walk.makesImages()) {
                        if (!byBlocks) {
                            for (int i = 0; i < bands.length; i++) {
                                images(i, bands[i], slab, channel);
                            }
                        }
                        if (slab == slabs - 1) {
                            bands[0].handOn(channel, walk.result, walk.sink);
                        }
                    }
                    if (walk.makesWeights()) {
                        for (int i = 0; i < bands.length; i++) {
                            weights(i, bands[i], slab, channel, add, sums);
                        }
                    }
                }
            }
        }

        /** Makes ready what the bands look at. */
        private void prepare(int slab) {
            if (sweeps.getFirst().isInPlace()) {
                panel = bands[0].origin(Convolutions.stored(looked[slab]));
                Vectors.clear(zeros, zeroFloats(sweeps.getFirst()));
            } else {
                bands[0].fillSlab(slab, looked[slab], panel, line);
            }
        }

        /** A channel of the result, tile after tile. */
        private void images(int i, Sweep.Band band, int slab, int channel) {
            int first = walk.survivors.starts(slab, i)[channel];
            int end = walk.survivors.starts(slab, i)[channel + 1];
            int tiles = band.groups() / SparseConvolutionTile.GROUPS;
            long to = walk.result + channel * sweeps.get(i).planeBytes() + band.result(0);
            if (sweeps.get(i).isInPlace()) {
                boolean narrow = band.lineGroups() * Sweep.GROUP == InPlaceTile.PIXELS;
                InPlaceTile.tiles(tiles, end - first, walk.survivors.centre(channel) - first, walk.survivors.right(channel) - first, narrow,
                        looks + 4L * first, weights + 4L * first, panel, places(i), to, zeros);
            } else if (slab == 0 && Vectors.LENGTH == 16 && band.isWholeTiles()) {
                SparseConvolutionTile.tiles(tiles, end - first, looks + 4L * first, weights + 4L * first, panel, places(i), to);
            } else {
                images(i, band, slab, channel, 0, band.groups(), first, end, 0);
            }
        }

        /**
         * Some channels of the result, a tile after the other: what a tile looks at in a block of channels stays in the first-level cache while all
         * of them are made of it. Each block but the last leaves its sums, to which the next one adds.
         */
        private void imagesByBlocks(int i, Sweep.Band band, int slab, int from, int to) {
            int[] starts = walk.survivors.starts(slab, i);
            int blocks = walk.survivors.blocks();
            for (int group = 0; group < band.groups(); group += SparseConvolutionTile.GROUPS) {
                long at = places(i) + 4L * group;
                long p0 = panel + ALL.get(INT, at);
                long p1 = panel + ALL.get(INT, at + 4);
                long p2 = panel + ALL.get(INT, at + 8);
                long p3 = panel + ALL.get(INT, at + 12);
                for (int block = 0; block < blocks - 1; block++) {
                    for (int channel = from; channel < to; channel++) {
                        int first = starts[channel * blocks + block];
                        int end = starts[channel * blocks + block + 1];
                        long partial = partial(channel);
                        SparseConvolutionTile.output(end - first, looks + 4L * first, weights + 4L * first, p0, p1, p2, p3,
                                block == 0 ? 0 : partial, partial, partial + GROUP_BYTES, partial + 2 * GROUP_BYTES,
                                partial + 3 * GROUP_BYTES, BYTES);
                    }
                }
                for (int channel = from; channel < to; channel++) {
                    images(i, band, slab, channel, group, Math.min(group + SparseConvolutionTile.GROUPS, band.groups()),
                            starts[channel * blocks + blocks - 1], starts[(channel + 1) * blocks], partial(channel));
                }
            }
        }

        /** Some groups of a channel of the result. @param partial sums of earlier blocks, 0 for none */
        private void images(int i, Sweep.Band band, int slab, int channel, int firstGroup, int endGroup, int first, int end, long partial) {
            Sweep sweep = sweeps.get(i);
            int survivors = end - first;
            long looks = this.looks + 4L * first;
            long weights = this.weights + 4L * first;
            long plane = walk.result + channel * sweep.planeBytes();
            long pixelBytes = sweep.pixelBytes();
            int groups = band.groups();
            if (groups == 0) {
                return;
            }
            int direct = slab == 0 && groups * Sweep.GROUP == band.pixels() ? band.directPixels() / Sweep.GROUP : 0;
            long to = plane + band.result(0);
            long at = places(i) + 4L * firstGroup;
            long result = results(i) + 4L * firstGroup;
            for (int group = firstGroup; group < endGroup; group += SparseConvolutionTile.GROUPS, at += 4L * SparseConvolutionTile.GROUPS,
                    result += 4L * SparseConvolutionTile.GROUPS) {
                long p0 = panel + ALL.get(INT, at);
                long p1 = panel + ALL.get(INT, at + 4);
                long p2 = panel + ALL.get(INT, at + 8);
                long p3 = panel + ALL.get(INT, at + 12);
                if (group + SparseConvolutionTile.GROUPS <= direct) {
                    SparseConvolutionTile.output(survivors, looks, weights, p0, p1, p2, p3, partial, to + 4L * ALL.get(INT, result),
                            to + 4L * ALL.get(INT, result + 4), to + 4L * ALL.get(INT, result + 8), to + 4L * ALL.get(INT, result + 12), pixelBytes);
                } else {
                    SparseConvolutionTile.output(survivors, looks, weights, p0, p1, p2, p3, partial, tile, tile + GROUP_BYTES,
                            tile + 2 * GROUP_BYTES, tile + 3 * GROUP_BYTES, BYTES);
                    for (int made = group; made < Math.min(endGroup, group + SparseConvolutionTile.GROUPS); made++) {
                        band.store(made, tile + (made - group) * GROUP_BYTES, slab > 0, plane);
                    }
                }
            }
        }

        /** Where a channel of the result has the sums of earlier blocks, a vector for each pixel of a tile. */
        private long partial(int channel) {
            return partials + 4L * channel * TILE_FLOATS;
        }

        private void weights(int i, Sweep.Band band, int slab, int channel, boolean add, long sums) {
            int blocks = walk.survivors.blocks();
            int first = walk.survivors.starts(slab, i)[channel * blocks];
            int end = walk.survivors.starts(slab, i)[(channel + 1) * blocks];
            if (first == end) {
                return;
            }
            long values = pixels(sweeps.get(i), band, channel);
            for (int j = first; j < end; j += SparseConvolutionTile.SURVIVORS) {
                int look0 = look(j);
                int look1 = look(Math.min(j + 1, end - 1));
                int look2 = look(Math.min(j + 2, end - 1));
                int look3 = look(Math.min(j + 3, end - 1));
                if (sweeps.get(i).isInPlace()) {
                    InPlaceTile.weight(band.lines(), band.lineBytes(), band.top(), band.bottom(), values, panel, look0, look1, look2, look3, zeros,
                            tile);
                } else {
                    SparseConvolutionTile.weight(band.lines(), band.lineGroups(), band.lineSkip(), values, panel + look0, panel + look1, panel + look2,
                            panel + look3, tile);
                }
                LaneSums.store(Math.min(SparseConvolutionTile.SURVIVORS, end - j), tile, add, sums + 4L * j);
            }
        }

        /** Where a survivor looks from a pixel's place, in bytes; in place with {@link Edges}. */
        private int look(int survivor) {
            return ALL.get(INT, looks + 4L * survivor);
        }

        /** Where the pixels of a band stand, of one channel, side by side. */
        private long pixels(Sweep sweep, Sweep.Band band, int channel) {
            long plane = channel * sweep.planeBytes();
            if (band.isContiguous()) {
                return walk.pixels.line(channel, plane + band.result(0), band.pixels() * Vectors.LENGTH, pixels);
            }
            band.collect(0, band.groups(), walk.pixels, channel, plane, pixels, BYTES, line);
            return pixels;
        }
    }
}
