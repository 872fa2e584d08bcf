package coppice.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import coppice.engine.Backend;
import coppice.engine.BackendException;
import coppice.engine.BackendProvider;
import coppice.engine.Buffer;
import coppice.engine.Elementwise.Unary;
import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Precision;
import coppice.engine.Product.Face;
import coppice.engine.Reference;
import coppice.engine.Seed;
import coppice.engine.Shape;
import coppice.engine.Window;
import coppice.engine.contract.Contract;
import coppice.kernels.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * All of the host's code up to the driver, JCuda included, in a process that finds an emulated driver (src/test/cuda/driver.cpp) where others
 * have that of their GPU.
 */
class DriverTest {

    private static Path driver;
    private static Path cublas;
    private static Path cusparse;

    @BeforeAll
    static void buildDriver() {
        assumeTrue(Emulation.isAvailable(), "skipped: there is no g++ to compile the kernels with");
        assumeTrue(Natives.exist("JCudaDriver"), "skipped: JCuda has no libraries for this machine");
        driver = Emulation.driver();
        cublas = Emulation.cublas(driver, 12, "cublas-12");
        cusparse = Emulation.cusparse(driver, "cusparse-12");
    }

    private static String requirePasses(String version, String graphs, String... command) throws Exception {
        return requirePasses(environment("EMULATED_DRIVER_VERSION", version), List.of("-Dcoppice.cuda.graphs=" + graphs, found(driver)), command);
    }

    private static String requirePasses(Map<String, String> environment, List<String> flags, String... command) throws Exception {
        var child = ChildJvm.run(environment, flag -> true, flags, command);
        assertEquals(0, child.exitCode(), child.output());
        return child.output();
    }

    @Test
    void keepsTheContract() throws Exception {
        requirePasses("12060", "on", Contract.class.getName(), "cuda", "1");
    }

    /** The driver says in the end how many graphs it ran and changed. */
    @Test
    void graphsGiveTheSameBits() throws Exception {
        String with = requirePasses("12060", "on", Steps.class.getName());
        String without = requirePasses("12060", "off", Steps.class.getName());
        String older = requirePasses("11080", "on", Steps.class.getName());
        assertTrue(with.matches("(?s).*ran [1-9][0-9]* graphs, changed [1-9][0-9]* nodes.*"), with);
        assertTrue(with.contains("; kernels of our own in CUDA graphs, no cuBLAS: libcublas.so.12 or .13 was not found, cuSPARSE is not used"), with);
        assertTrue(without.contains("; kernels of our own, launched one by one, "), without);
        assertTrue(older.contains("; kernels of our own, launched one by one, "), older);
        assertTrue(without.contains("ran 0 graphs"), without);
        assertTrue(older.contains("ran 0 graphs"), older);
        assertEquals(bits(with), bits(without));
    }

    private static String bits(String output) {
        return output.lines().filter(line -> line.startsWith("bits")).findFirst().orElseThrow();
    }

    private static Map<String, String> environment(String... added) {
        var all = new HashMap<>(Map.of("LD_LIBRARY_PATH", driver.getParent().toString()));
        for (int i = 0; i < added.length; i += 2) {
            all.put(added[i], added[i + 1]);
        }
        return all;
    }

    /** Where cuBLAS is looked for: in the folder of this library. */
    private static String found(Path library) {
        return "-Dcoppice.cuda.libraries=" + library.getParent();
    }

    private static int made(String output) {
        Matcher account = Pattern.compile("cuBLAS made ([0-9]+) products, ([0-9]+) with TF32").matcher(output);
        assertTrue(account.find(), output);
        return Integer.parseInt(account.group(1));
    }

    /** The libraries say in the end what they did. JCuda's is for CUDA 12, changed for 13. */
    @ParameterizedTest
    @ValueSource(ints = {12, 13})
    void productsByCublasKeepTheContract(int number) throws Exception {
        Path library = number == 12 ? cublas : Emulation.cublas(driver, number, "cublas-" + number);
        List<String> flags = List.of("-Dcoppice.cuda.cublas=all", found(library));
        String contract = requirePasses(environment(), flags, Contract.class.getName(), "cuda", "1");
        assertTrue(made(contract) > 0, contract);
        String steps = requirePasses(environment(), flags, Steps.class.getName());
        assertTrue(steps.contains(", all dense products of matrices by cuBLAS 4.5.6, " + library + ", "), steps);
        assertTrue(made(steps) > 0, steps);
    }

    @Test
    void cublasIsFoundAmongPythonsPackages() throws Exception {
        Path library = Emulation.cublas(driver, 13, "python/lib/python3.12/site-packages/nvidia/cu13/lib");
        String root = library.toString().replaceFirst("/lib/python3.12/.*", "");
        String steps = requirePasses(environment("VIRTUAL_ENV", root), List.of("-Dcoppice.cuda.cublas=all"), Steps.class.getName());
        assertTrue(steps.contains(" by cuBLAS 4.5.6, ") && made(steps) > 0, steps);
    }

    /** Kernels of our own are still there. */
    @Test
    void cublasThatDoesNotStartIsLeft() throws Exception {
        String steps = requirePasses(environment("EMULATED_CUBLAS_IS_TOO_NEW", "yes"), List.of("-Dcoppice.cuda.cublas=all", found(cublas)),
                Steps.class.getName());
        assertTrue(steps.contains(", no cuBLAS: " + cublas + " cannot be used: cuda: cublasCreate: CUBLAS_STATUS_NOT_INITIALIZED, "), steps);
        assertEquals(0, made(steps));
    }

    @Test
    void cublasMakesLargeProductsOnlyAndMayBeOff() throws Exception {
        String on = requirePasses(environment(), List.of(found(cublas)), Steps.class.getName());
        assertTrue(on.contains(", large dense products of matrices by cuBLAS 4.5.6, " + cublas + ", "), on);
        assertEquals(0, made(on));
        String off = requirePasses(environment(), List.of(found(cublas), "-Dcoppice.cuda.cublas=off"), Steps.class.getName());
        assertTrue(off.contains(", cuBLAS is off, "), off);
        assertEquals(bits(off), bits(on));
        assertEquals(1, made(requirePasses(environment(), List.of(found(cublas)), Large.class.getName())));
    }

    /** Two products, of which the second is as large as those that cuBLAS makes. */
    static final class Large {

        public static void main(String[] arguments) {
            try (Backend cuda = BackendProvider.named("cuda").open(1)) {
                for (int n : new int[] {255, 256}) {
                    cuda.matmul(Face.OUTPUT, Form.dense(Shape.of(512, 512)), n, cuda.allocate(512 * 512), cuda.allocate(512 * n),
                            cuda.allocate(512 * n));
                }
            }
        }
    }

    @Test
    void cublasMakesConvolutionsOfPixelsAndIsReplayed() throws Exception {
        assertEquals(4, made(requirePasses(environment(), List.of(found(cublas), "-Dcoppice.cuda.cublas=all"), Pixels.class.getName())));
    }

    /** A convolution of single pixels four times, three of them by a replay; and one of every other pixel, which is no product of matrices. */
    static final class Pixels {

        public static void main(String[] arguments) {
            Shape weight = Shape.of(3, 2, 1, 1);
            Shape images = Shape.of(2, 3, 3, 4);
            try (Backend cuda = BackendProvider.named("cuda").open(1); Backend reference = new Reference()) {
                float[] expected = null;
                for (Backend backend : List.of(reference, cuda)) {
                    Buffer w = Steps.drawn(backend, "w", weight.size());
                    Buffer x = Steps.drawn(backend, "x", images.size());
                    Buffer y = backend.allocate(3 * images.rowSize());
                    float[] values = new float[y.length()];
                    Runnable work = () -> backend.convolve(Face.OUTPUT, Form.dense(weight), Window.square(1, 1, 0), 1, images, w, x, y);
                    Backend.Recording recording = backend.record(work);
                    for (int i = 0; i < 3; i++) {
                        backend.fill(y, 0);
                        assertEquals(backend == cuda, recording.replay());
                        if (backend == reference) {
                            work.run();
                        }
                    }
                    backend.read(y, values, values.length);
                    if (expected == null) {
                        expected = values;
                    }
                    for (int i = 0; i < values.length; i++) {
                        assertEquals(expected[i], values[i], 1e-6);
                    }
                    backend.convolve(Face.OUTPUT, Form.dense(weight), Window.square(1, 2, 0), 1, images, w, x, y);
                }
            }
        }
    }

    /** The library says in the end what it did. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void productsOfSurvivorsByCusparseKeepTheContract(int algorithm) throws Exception {
        List<String> flags = List.of("-Dcoppice.cuda.cusparse=" + algorithm, found(cusparse));
        requireSurvivors("[1-9][0-9]*", "[1-9][0-9]*", requirePasses(environment(), flags, Contract.class.getName(), "cuda", "2"));
        String steps = requirePasses(environment(), flags, Steps.class.getName());
        assertTrue(steps.contains(", products of survivors by cuSPARSE 4.5.6, algorithm " + algorithm + ", " + cusparse), steps);
        requireSurvivors("[1-9][0-9]*", "[1-9][0-9]*", steps);
    }

    /** More products than it keeps preparations of, each made twice. */
    @Test
    void cusparseForgetsProducts() throws Exception {
        String output = requirePasses(environment(), List.of("-Dcoppice.cuda.cusparse=2", found(cusparse)), ManyMasks.class.getName());
        requireSurvivors("140", "0", output);
    }

    private static void requireSurvivors(String products, String gradients, String output) {
        String account = "(?s).*cuSPARSE made " + products + " products of compressed rows and " + gradients + " gradients of them, 0 are kept.*";
        assertTrue(output.matches(account), output);
    }

    /** A product under each of 70 masks. */
    static final class ManyMasks {

        public static void main(String[] arguments) {
            Shape weight = Shape.of(3, 200);
            try (Backend cuda = BackendProvider.named("cuda").open(1); Backend reference = new Reference()) {
                for (int i = 0; i < 70; i++) {
                    int first = i;
                    Form form = Form.masked(Mask.where(weight, position -> position % 100 == first));
                    var results = new ArrayList<float[]>();
                    for (Backend backend : List.of(reference, cuda)) {
                        Buffer w = Steps.drawn(backend, "w", form.stored().size());
                        Buffer x = Steps.drawn(backend, "x", 200 * 5);
                        Buffer g = backend.allocate(3 * 5);
                        float[] values = new float[3 * 5];
                        backend.matmul(Face.OUTPUT, form, 5, w, x, g);
                        backend.fill(g, 0);
                        backend.matmul(Face.OUTPUT, form, 5, w, x, g);
                        backend.read(g, values, values.length);
                        results.add(values);
                        List.of(w, x, g).forEach(backend::release);
                    }
                    assertArrayEquals(results.get(0), results.get(1), 1e-6f);
                }
            }
        }
    }

    @Test
    void cusparseIsNotThere() throws Exception {
        String steps = requirePasses(environment(), List.of("-Dcoppice.cuda.cusparse=2", found(driver)), Steps.class.getName());
        assertTrue(steps.contains(", no cuSPARSE: libcusparse.so.12, or the libnvJitLink that it needs, was not found"), steps);
    }

    @Test
    void tf32WhereItIsAskedFor() throws Exception {
        List<String> flags = List.of("-Dcoppice.cuda.cublas=all", found(cublas));
        String output = requirePasses(environment("EMULATED_CAPABILITY", "80"), flags, Rounding.class.getName());
        assertTrue(output.contains("cuBLAS made 2 products, 1 with TF32"), output);
        requirePasses(environment("EMULATED_CAPABILITY", "80"), List.of(found(driver)), WithoutTf32.class.getName(),
                "precision: tf32 needs cuBLAS: libcublas.so.12 or .13 was not found");
        requirePasses(environment(), flags, WithoutTf32.class.getName(),
                "precision: tf32 needs a compute capability of 8.0: an emulation on the CPU, compute capability 7.5, 1.1 GB, driver for CUDA 12.6");
    }

    /** The product of 1 and a number of 13 bits, which TF32 does not have. */
    static final class Rounding {

        public static void main(String[] arguments) {
            for (Precision precision : Precision.values()) {
                try (Backend cuda = BackendProvider.named("cuda").open(1, null, precision)) {
                    Buffer w = cuda.allocate(1);
                    Buffer x = cuda.allocate(1);
                    Buffer y = cuda.allocate(1);
                    cuda.write(w, new float[] {1 + 0x1p-12f}, 1);
                    cuda.write(x, new float[] {1}, 1);
                    cuda.matmul(Face.OUTPUT, Form.dense(Shape.of(1, 1)), 1, w, x, y);
                    float[] product = new float[1];
                    cuda.read(y, product, 1);
                    assertEquals(precision == Precision.FP32 ? 1 + 0x1p-12f : 1, product[0]);
                }
            }
        }
    }

    static final class WithoutTf32 {

        public static void main(String[] arguments) {
            BackendProvider cuda = BackendProvider.named("cuda");
            assertEquals(arguments[0], assertThrows(BackendException.class, () -> cuda.open(1, null, Precision.TF32)).getMessage());
            cuda.open(1, null, Precision.FP32).close();
        }
    }

    @Test
    void errorsAreToldAndLeaveItUsable() throws Exception {
        requirePasses("12060", "on", Errors.class.getName());
    }

    @Test
    void copiesBesideKernels() throws Exception {
        requirePasses("12060", "on", Beside.class.getName());
    }

    /** Steps that are described alike, with other numbers each time. */
    static final class Steps {

        private static final Seed SEED = Seed.of(50);
        private static final int STEPS = 6;
        private static final int BATCH = 20;
        private static final Shape WEIGHT = Shape.of(30, 50);
        private static final Mask MASK = Mask.where(WEIGHT, position -> SEED.uniform(position) < 0.1);

        public static void main(String[] arguments) {
            BackendProvider provider = BackendProvider.named("cuda");
            assertTrue(provider.description().startsWith("an emulation on the CPU, compute capability 7.5, 1.1 GB, driver for CUDA 1"));
            System.out.println(provider.description());
            int bits = 0;
            for (Form form : List.of(Form.dense(WEIGHT), Form.masked(MASK))) {
                try (Backend reference = new Reference(); Backend cuda = provider.open(1)) {
                    assertTrue(Arrays.equals(results(cuda, form), results(cuda, form)), "the same bits");
                    float[] expected = results(reference, form);
                    float[] got = results(cuda, form);
                    bits = 31 * bits + Arrays.hashCode(got);
                    for (int i = 0; i < expected.length; i++) {
                        assertEquals(expected[i], got[i], 1e-4);
                    }
                }
            }
            System.out.println("bits " + bits);
        }

        private static float[] results(Backend backend, Form form) {
            int weights = form.stored().size();
            Buffer w = drawn(backend, "w", weights);
            Buffer velocity = backend.allocate(weights);
            Buffer rate = backend.allocate(1);
            backend.fill(velocity, 0);
            var read = new ArrayList<float[]>();
            for (int step = 0; step < STEPS; step++) {
                Buffer x = drawn(backend, "x" + step, WEIGHT.size(1) * BATCH);
                Buffer y = backend.allocate(WEIGHT.size(0) * BATCH);
                Buffer gradient = backend.allocate(weights);
                backend.matmul(Face.OUTPUT, form, BATCH, w, x, y);
                backend.map(Unary.TANH, y.length(), y, y);
                backend.affine(1f / (1 + step), 0, y.length(), y, y);                       // another number each time
                backend.matmul(Face.WEIGHT, form, BATCH, gradient, x, y);
                backend.write(rate, new float[] {0.1f / (1 + step)}, 1);
                backend.sgd(new Backend.Sgd(rate, 0.9f, false, 1e-3f), weights, w, gradient, velocity);
                Buffer sum = backend.allocate(1);
                backend.sum(Shape.of(y.length()), y, Shape.SCALAR, sum);
                float[] value = new float[1];
                backend.read(sum, value, 1);
                read.add(value);
                List.of(x, y, gradient, sum).forEach(backend::release);
            }
            float[] last = new float[weights];
            backend.read(w, last, weights);
            float[] all = Arrays.copyOf(last, weights + STEPS);
            for (int step = 0; step < STEPS; step++) {
                all[weights + step] = read.get(step)[0];
            }
            backend.release(w);
            backend.release(velocity);
            backend.release(rate);
            return all;
        }

        private static Buffer drawn(Backend backend, String name, int count) {
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) SEED.in(name).uniform(i) - 0.5f;
            }
            Buffer buffer = backend.allocate(count);
            backend.write(buffer, values, count);
            return buffer;
        }
    }

    /** What is written beside kernels comes after those that were asked for before, and before those that are asked for later. */
    static final class Beside {

        /** More than the staging areas have, so that some must be on the device before others can be on their way. */
        private static final int COUNT = 5_000_001;

        public static void main(String[] arguments) {
            try (Backend backend = BackendProvider.named("cuda").open(1)) {
                Buffer x = backend.allocate(COUNT);
                Buffer before = backend.allocate(COUNT);
                Buffer meanwhile = backend.allocate(COUNT);
                Buffer after = backend.allocate(COUNT);
                backend.fill(x, 1);
                backend.affine(2, 0, COUNT, x, before);
                float[] threes = new float[COUNT];
                Arrays.fill(threes, 3);
                Runnable beside = backend.beside(() -> {
                    backend.write(x, threes, COUNT);
                    return false;
                });
                backend.affine(10, 0, COUNT, before, meanwhile);
                beside.run();
                backend.affine(2, 0, COUNT, x, after);
                expect(backend, before, 2);
                expect(backend, meanwhile, 20);
                expect(backend, after, 6);
            }
        }

        private static void expect(Backend backend, Buffer buffer, float expected) {
            float[] values = new float[COUNT];
            backend.read(buffer, values, COUNT);
            for (float value : values) {
                assertEquals(expected, value);
            }
        }
    }

    /** More memory than there is, and more than a staging area has. */
    static final class Errors {

        public static void main(String[] arguments) {
            try (Backend backend = BackendProvider.named("cuda").open(1)) {
                float[] values = new float[5_000_001];
                for (int i = 0; i < values.length; i++) {
                    values[i] = i % 1001;
                }
                Buffer x = backend.allocate(values.length);
                backend.write(x, values, values.length);
                BackendException error = null;
                try {
                    backend.allocate(300_000_000);
                } catch (BackendException refused) {
                    error = refused;
                }
                assertEquals("cuda: there is no room for 1200.1 MB on the device: 20.1 MB are in use and 1053.7 MB free", error.getMessage());
                float[] copy = new float[values.length];
                backend.affine(2, 0, values.length, x, x);
                backend.read(x, copy, copy.length);
                for (int i = 0; i < values.length; i++) {
                    assertEquals(2 * values[i], copy[i]);
                }
            }
        }
    }
}
