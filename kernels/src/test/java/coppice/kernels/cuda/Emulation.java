package coppice.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Makes a library of the kernels for the CPU, with g++: of src/test/cuda, and the .cu files as they are or with a fault put into one. */
final class Emulation {

    /** Modules beside this one test with the emulation, too. */
    private static final Path KERNELS = Path.of("../kernels");
    private static final Path SOURCES = KERNELS.resolve("src/main/java/coppice/kernels/cuda");
    private static final Path SCHEDULER = KERNELS.resolve("src/test/cuda");
    private static final Path BUILD = Path.of("target/cuda-emulation");

    /** The kernels as they are, once for all tests. */
    private static final class AsTheyAre {
        static final Path LIBRARY = build("kernels", UnaryOperator.identity());
    }

    private Emulation() {}

    /** Whether there is a compiler. */
    static boolean isAvailable() {
        return Files.isDirectory(SOURCES) && isOnPath("g++");
    }

    static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    /** The library of the kernels as they are. */
    static Path library() {
        return AsTheyAre.LIBRARY;
    }

    /** A driver that runs the kernels as they are, for a process that finds its folder before others. */
    static Path driver() {
        return build("driver/libcuda.so.1", List.of(SCHEDULER.resolve("driver.cpp")), UnaryOperator.identity());
    }

    /** A cuBLAS of CUDA 12 or 13, which works in streams of the driver. @param folder where to put it, below the others */
    static Path cublas(Path driver, int number, String folder) {
        return library("cublas", driver, number, folder);
    }

    /** A cuSPARSE, which CUDA 12 and 13 have under the same number. */
    static Path cusparse(Path driver, String folder) {
        return library("cusparse", driver, 12, folder);
    }

    private static Path library(String base, Path driver, int number, String folder) {
        String name = "lib" + base + ".so." + number;
        Path library = BUILD.resolve(folder).resolve(name).toAbsolutePath();
        Path versions = library.resolveSibling("versions");
        try {
            Files.createDirectories(library.getParent());
            Files.writeString(versions, name + " { global: " + base + "*; local: *; };\n");
            require(start("-shared", "-x", "c++", SCHEDULER.resolve(base + ".cpp").toString(), "-x", "none", driver.toString(),
                    "-Wl,-soname," + name, "-Wl,--version-script," + versions, "-o", library.toString()));
            return library;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** A library of kernels that were changed. @param change of the text of each file */
    static Path build(String name, UnaryOperator<String> change) {
        return build(name + "/libcoppice.so", List.of(), change);
    }

    private static Path build(String name, List<Path> added, UnaryOperator<String> change) {
        Path library = BUILD.resolve(name).toAbsolutePath();
        Path folder = library.getParent();
        try {
            Files.createDirectories(folder);
            var compilations = new ArrayList<Process>();
            var objects = new ArrayList<String>();
            for (Path source : sources(added)) {
                Path copy = folder.resolve(source.getFileName());
                Files.writeString(copy, change.apply(Files.readString(source)));
                if (!copy.toString().endsWith(".cuh")) {
                    objects.add(copy + ".o");
                }
            }
            for (String object : objects) {
                compilations.add(start("-c", "-x", "c++", object.substring(0, object.length() - 2), "-I" + folder, "-o", object));
            }
            for (Process compilation : compilations) {
                require(compilation);
            }
            var link = new ArrayList<>(List.of("-shared", "-Wl,-soname," + library.getFileName(), "-o", library.toString()));
            link.addAll(objects);
            require(start(link.toArray(String[]::new)));
            return library;
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    /** The kernels, the scheduler and these. */
    private static List<Path> sources(List<Path> added) throws IOException {
        try (Stream<Path> kernels = Files.list(SOURCES)) {
            var sources = new ArrayList<>(kernels.filter(file -> file.toString().matches(".*\\.cuh?")).sorted().toList());
            sources.add(SCHEDULER.resolve("emulation.cpp"));
            sources.addAll(added);
            return sources;
        }
    }

    private static Process start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of("g++", "-std=c++17", "-O2", "-fPIC", "-DCOPPICE_EMULATION", "-I" + SCHEDULER));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).inheritIO().start();
    }

    private static void require(Process process) {
        try {
            if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroy();
                throw new IllegalStateException("g++ could not compile the kernels: " + process.info().commandLine().orElse("g++"));
            }
        } catch (InterruptedException error) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(error);
        }
    }
}
