package coppice.kernels.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A library of NVIDIA's for CUDA 12 or 13, loaded for the rest of the process: JCuda's own, which needs it, is then given this one whatever the
 * paths of the system say.
 *
 * @param name with its number, {@code libcublas.so.12}
 * @param path where it was found; the name alone if the system found it
 */
record NvidiaLibrary(String name, String path) {

    /** The system property for a folder in which libraries are looked for before all others. */
    static final String FOLDER = "coppice.cuda.libraries";

    private static final List<String> NUMBERS = List.of("12", "13");
    private static final List<String> ENVIRONMENT = List.of("CUDA_HOME", "CUDA_PATH");

    /** Under these the packages of Python's pip lie, below {@code lib/python3.x/site-packages/nvidia}. */
    private static final List<String> PYTHON_ENVIRONMENT = List.of("VIRTUAL_ENV", "CONDA_PREFIX");

    /**
     * Loads a library from the first place where it can be: the folder that {@value #FOLDER} names, and no other if it names one; where the
     * system looks, CUDA's folder by {@code CUDA_HOME} or {@code CUDA_PATH}, {@code /usr/local/cuda*}, Conda's, packages of Python.
     *
     * @param base {@code libcublas}
     * @return null if it is nowhere
     */
    static NvidiaLibrary load(String base) {
        String asked = System.getProperty(FOLDER);
        List<String> places = asked == null ? places() : List.of(Path.of(asked).toAbsolutePath() + "/");
        for (String place : places) {
            for (String number : NUMBERS) {
                String name = base + ".so." + number;
                if (loads(place + name)) {
                    return new NvidiaLibrary(name, place + name);
                }
            }
        }
        return null;
    }

    /** What stands before a library's name: nothing, for the system to look, then folders. */
    private static List<String> places() {
        List<Path> folders = new ArrayList<>();
        ENVIRONMENT.forEach(variable -> folders.addAll(below(System.getenv(variable), "lib64")));
        folders.addAll(below("/usr/local", "cuda*", "lib64"));
        folders.addAll(below(System.getenv("CONDA_PREFIX"), "lib"));
        List<String> python = new ArrayList<>(PYTHON_ENVIRONMENT.stream().map(System::getenv).toList());
        python.addAll(List.of(System.getProperty("user.home") + "/.local", "/usr/local", "/usr"));
        python.forEach(root -> Stream.of("site-packages", "dist-packages")
                .forEach(packages -> folders.addAll(below(root, "lib", "python3*", packages, "nvidia", "*", "lib"))));
        return Stream.concat(Stream.of(""), folders.stream().map(folder -> folder + "/")).toList();
    }

    /** The folders of some pattern, in the order of their names. @param root absolute; of another, or of null, there are none */
    private static List<Path> below(String root, String... patterns) {
        if (root == null || !root.startsWith("/")) {
            return List.of();
        }
        List<Path> found = List.of(Path.of(root));
        for (String pattern : patterns) {
            found = found.stream().flatMap(folder -> matching(folder, pattern).stream()).filter(Files::isDirectory).toList();
        }
        return found;
    }

    private static List<Path> matching(Path folder, String pattern) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> matching = Files.newDirectoryStream(folder, pattern)) {
            matching.forEach(found::add);
        } catch (IOException | DirectoryIteratorException unreadable) {
            return List.of();                       // where nothing can be read there is no library to load
        }
        found.sort(null);
        return found;
    }

    /** @param library a path; a name alone is looked for by the system */
    private static boolean loads(String library) {
        try {
            SymbolLookup.libraryLookup(library, Arena.global());
            return true;
        } catch (IllegalArgumentException missingOrBroken) {
            return false;
        }
    }
}
