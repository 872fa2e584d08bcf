package coppice.engine.contract;

import coppice.engine.Backend;
import coppice.engine.Backend.Recording;
import coppice.engine.Backend.Sgd;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Binary;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Product.Face;
import coppice.engine.Shape;
import coppice.engine.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A program of a backend's kernels on images, weights and numbers for each channel, drawn at random. Its numbers are few and small enough that
 * floats hold every result and every sum on the way exactly, so that each backend sees the same bits, in whichever order, together with
 * whatever else and whenever it computes them: buffers are released, overwritten and looked at as it happens, and some of the work is
 * recorded and repeated.
 */
final class RandomProgram {

    private static final int[] BATCHES = {128, 128, 64, 64, 120, 60, 48, 32, 17, 16, 5, 1};

    private static final List<Binary> BINARIES =
            List.of(Binary.ADD, Binary.ADD_RELU, Binary.SUBTRACT, Binary.WHERE_POSITIVE, Binary.MULTIPLY, Binary.EQUAL);

    /** Values that a program computes with. @param bound of their magnitude. @param unit all are multiples of it, a power of two */
    record Cell(int number, Shape shape, double bound, double unit) {

        /** Whether floats hold sums and differences of a few of them. */
        boolean isExact() {
            return bound / unit < 1 << 22;
        }

        /** Whether there is room for products and longer sums of them. */
        boolean isSmall() {
            return bound / unit < 1 << 12;
        }

        @Override
        public String toString() {
            return "#" + number + " " + shape;
        }
    }

    /** A weight, and how it slides over images. @param values those that stand for it */
    private record Kernel(Cell values, Form form, Window window, int groups) {

        boolean fits(Shape images) {
            return form.shape().size(1) * groups == images.size(0) && window.y().outputs(images.size(1)) > 0
                    && window.x().outputs(images.size(2)) > 0;
        }

        Shape output(Shape images) {
            return window.output("program", images, form.shape().size(0));
        }

        boolean hasTapsOf(Window other) {
            return window.y().size() == other.y().size() && window.x().size() == other.x().size();
        }
    }

    private record Step(String text, Action action) {}

    private interface Action {
        void on(ProgramRun run);
    }

    /** Writes a result. */
    private interface Making {
        void on(ProgramRun run, Buffer result);
    }

    /** Draws values, and writes them to a buffer. */
    private interface Drawing {
        void on(ProgramRun run, Random random);
    }

    private final Random random;
    /** Multiplications of a step. */
    private final long mostWork;
    private final List<Step> steps = new ArrayList<>();
    /** Where what cannot be repeated is put: before these steps if they are recorded. */
    private final List<Step> preparations;
    /** What there is now, the oldest first. */
    private final Map<Integer, Cell> cells = new TreeMap<>();
    private final List<Kernel> kernels = new ArrayList<>();
    /** How the values are drawn that a program begins with, and its repeated work each time. */
    private final Map<Integer, Drawing> given = new TreeMap<>();
    /** Whether results were written over these. */
    private boolean changesGiven;
    private final int[] cellsMade;

    private RandomProgram(Random random, long mostWork, List<Step> preparations, int[] cellsMade) {
        this.random = random;
        this.mostWork = mostWork;
        this.preparations = preparations == null ? steps : preparations;
        this.cellsMade = cellsMade;
    }

    /**
     * @param length   of the program, in steps beside those that draw what others need
     * @param mostWork multiplications of a step, for the plain loops' sake
     */
    static RandomProgram of(long seed, int length, long mostWork) {
        var program = new RandomProgram(new Random(seed), mostWork, null, new int[1]);
        for (int i = 0; i < length; i++) {
            program.addStep();
        }
        List.copyOf(program.cells.values()).forEach(program::look);
        return program;
    }

    /** What the program looked at, one after the other. */
    List<float[]> run(Backend backend) {
        var run = new ProgramRun(backend);
        for (Step step : steps) {
            try {
                step.action.on(run);
            } catch (RuntimeException | AssertionError error) {
                throw new AssertionError("at: " + step.text + "\nof\n" + this, error);
            }
        }
        return run.end();
    }

    @Override
    public String toString() {
        return steps.stream().map(Step::text).collect(Collectors.joining("\n"));
    }

    private void addStep() {
        switch (below(20)) {
            case 0 -> releaseOne();
            case 1 -> releaseOne();
            case 2 -> look(any(cell -> true));
            case 3 -> change();
            case 4 -> descend();
            case 5 -> repeat();
            default -> addRepeatable();
        }
    }

    private void addRepeatable() {
        switch (below(14)) {
            case 0, 1, 2 -> convolve();
            case 3, 4, 5 -> convolveBack();
            case 6 -> multiply();
            case 7, 8 -> combine();
            case 9 -> map();
            case 10 -> pool();
            case 11, 12 -> normalise();
            default -> reduce();
        }
    }

    // What steps work on.

    private int below(int bound) {
        return random.nextInt(bound);
    }

    private int from(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    private boolean oneIn(int count) {
        return below(count) == 0;
    }

    /** Every second time one of the last, with which what is to be done may wait. Null if there is none. */
    private Cell any(Predicate<Cell> suits) {
        List<Cell> all = cells.values().stream().filter(suits).toList();
        int oldest = oneIn(2) ? Math.max(0, all.size() - 3) : 0;
        return all.isEmpty() ? null : all.get(oldest + below(all.size() - oldest));
    }

    /** Values of a shape that are there, or else drawn. */
    private Cell some(Shape shape) {
        Cell found = oneIn(4) ? null : any(cell -> cell.shape.equals(shape) && cell.isSmall());
        return found == null ? drawn(shape, from(1, 3)) : found;
    }

    private Cell images() {
        Cell found = oneIn(8) ? null : any(cell -> cell.shape.rank() == 4 && cell.shape.size() > 0 && cell.isSmall());
        if (found != null) {
            return found;
        }
        Shape shape;
        do {
            boolean hasManyChannels = oneIn(8);
            int most = hasManyChannels ? 5 : 9;
            shape = Shape.of(hasManyChannels ? from(16, 40) : from(1, 6), from(1, most), from(1, most), BATCHES[below(BATCHES.length)]);
        } while (shape.size() > mostWork / 20);
        return drawn(shape, from(1, 2));
    }

    private Cell cell(Shape shape, double bound, double unit) {
        return new Cell(cellsMade[0]++, shape, bound, unit);
    }

    private Cell drawn(Shape shape, int bound) {
        Cell cell = cell(shape, bound, 1);
        return given(cell, (run, drawn) -> run.draw(cell, drawn));
    }

    private Cell given(Cell cell, Drawing drawing) {
        cells.put(cell.number, cell);
        given.put(cell.number, drawing);
        long seed = random.nextLong();
        preparations.add(new Step(cell + " drawn", run -> drawing.on(run, new Random(seed))));
        return cell;
    }

    private void add(String text, Action action) {
        steps.add(new Step(text, action));
    }

    /**
     * Adds a step that makes a result, in a buffer of its own or in one whose values are lost by that; no step if floats would not hold it.
     *
     * @param operands none of which is overwritten
     */
    private void make(String how, Shape shape, double bound, double unit, List<Cell> operands, Making making) {
        Cell over = oneIn(4) ? any(cell -> cell.shape.equals(shape) && operands.stream().noneMatch(each -> each.number == cell.number)) : null;
        Cell result = over == null ? cell(shape, bound, unit) : new Cell(over.number, shape, bound, unit);
        if (result.isExact()) {
            cells.put(result.number, result);
            changesGiven |= given.containsKey(result.number);
            add(result + " = " + how, run -> making.on(run, run.to(result)));
        }
    }

    private Window.Axis axis() {
        int size = from(1, 3);
        return new Window.Axis(size, oneIn(3) ? from(2, 4) : 1, oneIn(3) ? below(3) : size / 2, oneIn(4) ? from(2, 3) : 1);
    }

    /** That fits; null if none was found. */
    private Window window(Shape images) {
        for (int i = 0; i < 5; i++) {
            Window.Axis y = axis();
            Window.Axis x = oneIn(3) ? axis() : y;
            if (y.outputs(images.size(1)) > 0 && x.outputs(images.size(2)) > 0) {
                return new Window(y, x);
            }
        }
        return null;
    }

    private Form form(Shape shape) {
        double density = List.of(0.05, 0.3, 0.7, 1.0, 1.0).get(below(5));
        if (density == 1 && !oneIn(3)) {
            return Form.dense(shape);
        }
        boolean[] survives = new boolean[shape.size()];
        for (int i = 0; i < survives.length; i++) {
            survives[i] = random.nextDouble() < density;
        }
        return Form.masked(Mask.where(shape, i -> survives[i]));
    }

    /** That was used before, with the same window or another, or is drawn; null if no window was found, or there would be too much work. */
    private Kernel kernel(Shape images) {
        List<Kernel> known = kernels.stream().filter(kernel -> cells.containsKey(kernel.values.number) && kernel.fits(images)).toList();
        Window window = window(images);
        Kernel kernel;
        if (!known.isEmpty() && !oneIn(3)) {
            kernel = known.get(below(known.size()));
        } else if (window == null) {
            return null;
        } else {
            Kernel alike = known.stream().filter(each -> each.hasTapsOf(window)).findFirst().orElse(null);
            kernel = alike == null ? drawnKernel(images.size(0), window) : new Kernel(alike.values, alike.form, window, alike.groups);
        }
        Shape output = kernel.output(images);
        return (long) kernel.form.shape().rowSize() * output.size() > mostWork ? null : kernel;
    }

    private Kernel drawnKernel(int channels, Window window) {
        int groups = channels % 2 == 0 && oneIn(6) ? 2 : 1;
        Form form = form(Shape.of(groups * from(1, oneIn(6) ? 40 : 6), channels / groups, window.y().size(), window.x().size()));
        var kernel = new Kernel(drawn(form.stored(), 1), form, window, groups);
        kernels.add(kernel);
        return kernel;
    }

    /** Its values as they are now. */
    private Cell values(Kernel kernel) {
        return cells.get(kernel.values.number);
    }

    // The steps.

    private void convolve() {
        Cell x = images();
        Kernel kernel = kernel(x.shape);
        if (kernel == null) {
            return;
        }
        Cell w = values(kernel);
        double terms = kernel.form.shape().rowSize();
        make(w + " ∗ " + x + ", " + kernel, kernel.output(x.shape), terms * x.bound * w.bound, x.unit * w.unit, List.of(x, w),
                (run, g) -> run.backend.convolve(Face.OUTPUT, kernel.form, kernel.window, kernel.groups, x.shape, run.at(w),
                        run.at(x), g));
    }

    /** The gradients of the weight and of the images, one of them, or none; and perhaps that of the result is not needed any more. */
    private void convolveBack() {
        Cell x = images();
        Kernel kernel = kernel(x.shape);
        if (kernel == null) {
            return;
        }
        Cell g = some(kernel.output(x.shape));
        if (g.number == x.number) {
            return;
        }
        Kernel other = oneIn(4) ? kernel(x.shape) : null;
        boolean hasOther = other != null && other.output(x.shape).equals(g.shape);
        if (oneIn(3)) {
            inputGradient(kernel, x, g);
            weightGradient(kernel, x, g);
        } else {
            weightGradient(kernel, x, g);
            inputGradient(hasOther ? other : kernel, x, g);
        }
        if (oneIn(3)) {
            release(g);
        }
    }

    private void weightGradient(Kernel kernel, Cell x, Cell g) {
        if (!oneIn(6)) {
            Cell w = values(kernel);
            make("gradient of " + w + " by " + x + " and " + g + ", " + kernel, kernel.form.stored(), g.shape.rowSize() * g.bound * x.bound,
                    g.unit * x.unit, List.of(x, w, g), (run, dw) -> run.backend.convolve(Face.WEIGHT, kernel.form, kernel.window, kernel.groups,
                            x.shape, dw, run.at(x), run.at(g)));
        }
    }

    private void inputGradient(Kernel kernel, Cell x, Cell g) {
        if (!oneIn(6)) {
            Cell w = values(kernel);
            double terms = (double) kernel.form.shape().size(0) / kernel.groups * kernel.window.size();
            make("gradient of " + x + " by " + w + " and " + g + ", " + kernel, x.shape, terms * g.bound * w.bound, g.unit * w.unit, List.of(x, w, g),
                    (run, dx) -> run.backend.convolve(Face.INPUT, kernel.form, kernel.window, kernel.groups, x.shape, run.at(w), dx, run.at(g)));
        }
    }

    /** A face of a product with images as the columns of a matrix. */
    private void multiply() {
        Cell x = images();
        int n = x.shape.size(3);
        int k = x.shape.size() / n;
        int m = from(1, 40);
        if ((long) m * k * n > mostWork) {
            return;
        }
        Form form = form(Shape.of(m, k));
        Shape output = Shape.of(m, 1, 1, n);
        Face face = Face.values()[below(3)];
        Cell w = drawn(form.stored(), 1);
        Cell g = some(output);
        switch (face) {
            case OUTPUT -> make(w + " · " + x + ", " + form, output, k * x.bound, x.unit, List.of(x, w),
                    (run, y) -> run.backend.matmul(face, form, n, run.at(w), run.at(x), y));
            case INPUT -> make(w + "ᵀ · " + g + ", " + form, x.shape, m * g.bound, g.unit, List.of(g, w),
                    (run, dx) -> run.backend.matmul(face, form, n, run.at(w), dx, run.at(g)));
            case WEIGHT -> make(g + " · " + x + "ᵀ, " + form, form.stored(), n * g.bound * x.bound, g.unit * x.unit, List.of(g, x),
                    (run, dw) -> run.backend.matmul(face, form, n, dw, run.at(x), run.at(g)));
        }
    }

    private void combine() {
        Cell full = oneIn(2) ? images() : some(Shape.of(from(1, 20)));
        Cell other = switch (below(4)) {
            case 0 -> drawn(Shape.SCALAR, 3);
            case 1 -> drawn(full.shape.rank() == 4 ? Shape.of(full.shape.size(0), 1, 1, 1) : full.shape, 3);
            default -> some(full.shape);
        };
        Cell a = oneIn(3) ? other : full;
        Cell b = a == full ? other : full;
        Binary f = BINARIES.get(below(BINARIES.size()));
        double bound = f == Binary.MULTIPLY ? a.bound * b.bound : a.bound + b.bound;
        double unit = f == Binary.MULTIPLY ? a.unit * b.unit : Math.min(1, Math.min(a.unit, b.unit));
        make(f + " " + a + ", " + b, full.shape, bound, unit, List.of(a, b),
                (run, y) -> run.backend.combine(f, full.shape, a.shape, run.at(a), b.shape, run.at(b), y));
    }

    private void map() {
        Cell x = images();
        int size = x.shape.size();
        int kept = below(size + 1);
        switch (below(4)) {
            case 0, 1 -> make("RELU " + x, x.shape, x.bound, x.unit, List.of(x),
                    (run, y) -> run.backend.map(Unary.RELU, size, run.at(x), y));
            case 2 -> make("1 − 2 · " + x, x.shape, 2 * x.bound + 1, Math.min(1, x.unit), List.of(x),
                    (run, y) -> run.backend.affine(-2, 1, size, run.at(x), y));
            default -> make("the " + kept + " largest of " + x, x.shape, 1, 1, List.of(x),
                    (run, y) -> run.backend.keepLargest(kept, size, run.at(x), y));
        }
    }

    private static boolean isOfPooling(Window.Axis axis) {
        return axis.padding() < axis.size() && axis.dilation() == 1;
    }

    private void pool() {
        Cell x = images();
        Window window = window(x.shape);
        if (window == null || !isOfPooling(window.y()) || !isOfPooling(window.x())) {
            return;
        }
        Shape pooled = window.output("program", x.shape, x.shape.size(0));
        Cell v = oneIn(2) ? x : some(x.shape);
        Cell g = some(pooled);
        switch (below(4)) {
            case 0 -> make(v + " at the largest of " + x + ", " + window, pooled, v.bound, v.unit, List.of(x, v),
                    (run, y) -> run.backend.pick(window, x.shape, run.at(x), run.at(v), y));
            case 1 -> make(g + " placed at the largest of " + x + ", " + window, x.shape, window.size() * g.bound, g.unit, List.of(x, g),
                    (run, dx) -> run.backend.place(window, x.shape, run.at(x), run.at(g), dx));
            case 2 -> make("sums of " + x + ", " + window, pooled, window.size() * x.bound, x.unit, List.of(x),
                    (run, y) -> run.backend.sumWindow(window, x.shape, run.at(x), y));
            default -> make(g + " spread, " + window, x.shape, window.size() * g.bound, g.unit, List.of(g),
                    (run, dx) -> run.backend.spread(window, x.shape, run.at(g), dx));
        }
    }

    /** A kernel of batch norm with ε = 1; that of the gradient only where it divides by a power of two. */
    private void normalise() {
        Cell x = images();
        int channels = x.shape.size(0);
        int n = x.shape.rowSize();
        Cell moments = cell(Shape.of(2, channels), 15, 1);
        given(moments, (run, drawn) -> run.drawMoments(moments, drawn));
        Cell scale = drawn(Shape.of(channels), 2);
        Cell shift = drawn(Shape.of(channels), 2);
        Cell g = some(x.shape);
        Cell sums = drawn(Shape.of(2, channels), 1);
        boolean rectified = oneIn(2);
        String name = "normalised " + x + " by " + moments + ", scale " + scale + ", shift " + shift + (rectified ? ", rectified" : "");
        List<Cell> operands = List.of(x, moments, scale, shift, g, sums);
        double bound = x.bound + 2;                                         // of x̂
        double unit = x.unit / 4;
        switch (below(3)) {
            case 0 -> make(name, x.shape, 2 * bound + 2, unit, operands, (run, y) -> run.backend.normalise(x.shape, 1, rectified,
                    run.at(x), run.at(moments), run.at(scale), run.at(shift), y));
            case 1 -> make("sums of " + g + " for " + name, sums.shape, n * g.bound * bound, g.unit * unit, operands,
                    (run, y) -> run.backend.normaliseSums(x.shape, 1, rectified, run.at(x), run.at(moments), run.at(scale),
                            run.at(shift), run.at(g), y));
            default -> {
                if (Integer.bitCount(n) == 1) {
                    make("gradient by " + g + " and " + sums + " for " + name, x.shape, 2 * (g.bound + 1 + bound), g.unit * unit / 4 / n, operands,
                            (run, dx) -> run.backend.normaliseInput(x.shape, 1, rectified, run.at(x), run.at(moments),
                                    run.at(scale), run.at(shift), run.at(g), run.at(sums), dx));
                }
            }
        }
    }

    private void reduce() {
        Cell x = images();
        Shape some = x.shape;
        for (int axis = 0; axis < 4; axis++) {
            some = oneIn(2) ? some.with(axis, 1) : some;
        }
        Shape reduced = oneIn(5) ? Shape.SCALAR : some;
        Cell of = some(reduced);
        switch (below(4)) {
            case 0, 1 -> make("sum of " + x, reduced, (double) x.shape.size() / reduced.size() * x.bound, x.unit, List.of(x),
                    (run, y) -> run.backend.sum(x.shape, run.at(x), reduced, y));
            case 2 -> make("max of " + x, reduced, x.bound, x.unit, List.of(x),
                    (run, y) -> run.backend.max(x.shape, run.at(x), reduced, y));
            default -> make(of + " repeated", x.shape, of.bound, of.unit, List.of(of),
                    (run, y) -> run.backend.expand(reduced, run.at(of), x.shape, y));
        }
    }

    private void releaseOne() {
        Cell cell = any(each -> true);
        if (cell != null) {
            release(cell);
        }
    }

    /** Unless it was given to work that is to be repeated. */
    private void release(Cell cell) {
        boolean isOwn = preparations == steps || !given.containsKey(cell.number);
        if (isOwn && cells.remove(cell.number) != null) {
            add("release " + cell, run -> run.release(cell));
        }
    }

    private void look(Cell cell) {
        if (cell != null) {
            add("look at " + cell, run -> run.look(cell));
        }
    }

    /** Other values in a buffer: drawn ones, always the same, or some of another's. */
    private void change() {
        Cell cell = any(each -> each.shape.size() > 0);
        Cell other = any(each -> each.shape.size() > 0);
        if (cell == null) {
            return;
        }
        Cell small = new Cell(cell.number, cell.shape, 2, 1);
        long seed = random.nextLong();
        int length = from(1, Math.min(cell.shape.size(), other.shape.size()));
        int at = below(cell.shape.size() - length + 1);
        var mixed = new Cell(cell.number, cell.shape, Math.max(cell.bound, other.bound), Math.min(cell.unit, other.unit));
        switch (below(3)) {
            case 0 -> {
                cells.put(small.number, small);
                add(small + " drawn anew", run -> run.draw(small, new Random(seed)));
            }
            case 1 -> {
                cells.put(small.number, small);
                add(small + " filled", run -> run.backend.fill(run.at(small), -2));
            }
            default -> {
                if (other.number != cell.number && mixed.isExact()) {
                    cells.put(mixed.number, mixed);
                    add(mixed + " from " + at + " on: " + length + " of " + other, run ->
                            run.backend.copyRows(1, length, run.at(other), 0, length, run.at(mixed), at, length));
                }
            }
        }
    }

    /** A step of gradient descent. */
    private void descend() {
        List<Kernel> known = kernels.stream().filter(kernel -> cells.containsKey(kernel.values.number)).toList();
        if (known.isEmpty()) {
            return;
        }
        Cell w = values(known.get(below(known.size())));
        Cell gradient = some(w.shape);
        var after = new Cell(w.number, w.shape, w.bound + gradient.bound / 2, Math.min(w.unit, gradient.unit / 2));
        if (gradient.number != w.number && after.isSmall()) {
            cells.put(after.number, after);
            add(after + " −= half of " + gradient, run -> {
                Buffer rate = run.backend.allocate(1);
                run.backend.write(rate, new float[] {0.5f}, 1);
                run.backend.sgd(new Sgd(rate, 0, false, 0), after.shape.size(), run.at(after), run.at(gradient), null);
                run.backend.release(rate);
            });
        }
    }

    /**
     * Some work that is recorded, and done again and again: with values drawn anew or as they were left, once while others have memory that it
     * had.
     */
    private void repeat() {
        var work = new RandomProgram(random, mostWork, steps, cellsMade);
        for (int i = 0; i < 8; i++) {
            work.addRepeatable();
        }
        List<Cell> own = work.cells.values().stream().filter(cell -> !work.given.containsKey(cell.number)).toList();
        if (own.isEmpty()) {
            return;
        }
        var results = new ArrayList<Cell>();
        for (Cell from : own.subList(0, Math.min(3, own.size()))) {
            Cell to = drawn(from.shape, 1);
            int size = from.shape.size();
            work.add(to + " = " + from, run -> run.backend.copyRows(1, size, run.at(from), 0, size, run.at(to), 0, size));
            cells.put(to.number, new Cell(to.number, to.shape, from.bound, from.unit));
            results.add(to);
        }
        own.forEach(work::release);
        boolean[] drawn = {true, work.changesGiven || oneIn(2), work.changesGiven || oneIn(2), work.changesGiven || oneIn(2)};
        var other = new Cell(-1, own.getFirst().shape, 3, 1);
        long seed = random.nextLong();
        add("recorded, with values drawn anew or not: " + Arrays.toString(drawn) + "\n  " + work.toString().replace("\n", "\n  ") + "\nend", run -> {
            var values = new Random(seed);
            Recording recording = () -> false;
            for (int i = 0; i < drawn.length; i++) {
                if (drawn[i]) {
                    work.given.values().forEach(each -> each.on(run, values));
                }
                if (i == 2) {
                    run.draw(other, values);
                }
                if (!recording.replay()) {
                    recording = run.backend.record(() -> work.steps.forEach(step -> step.action.on(run)));
                }
                results.forEach(run::look);
                if (i == 2) {
                    run.look(other);
                    run.release(other);
                }
            }
        });
        work.cells.values().forEach(cell -> add("release " + cell, run -> run.release(cell)));
    }
}
