package coppice.kernels.cuda;

import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jcuda.libraryPropertyType;

/**
 * A library of NVIDIA's that was looked for, once for the process.
 *
 * @param library  null if there is an obstacle
 * @param version  that it says it is
 * @param obstacle why it cannot be used; null if it can
 */
record LibrarySearch(NvidiaLibrary library, String version, String obstacle) {

    /**
     * Loads it, and JCuda's library over it.
     *
     * @param base     {@code libcublas}
     * @param files    what is looked for, in words
     * @param jcuda    JCuda's library
     * @param owner    the class of JCuda that loads that, not initialised yet
     * @param retarget changes the bytes of JCuda's library for the one that was found
     * @param start    starts it on the GPU, since it may be too new for the driver, and gives its version
     */
    static LibrarySearch of(String base, String files, String jcuda, Class<?> owner, BiConsumer<NvidiaLibrary, byte[]> retarget,
            Supplier<String> start) {
        if (!Natives.exist(jcuda)) {
            return new LibrarySearch(null, null, "JCuda has no library for it");
        }
        NvidiaLibrary library = NvidiaLibrary.load(base);
        if (library == null) {
            return new LibrarySearch(null, null, files + " was not found");
        }
        try {
            Natives.load(jcuda, owner, bytes -> retarget.accept(library, bytes));
            return new LibrarySearch(library, start.get(), null);
        } catch (LinkageError | RuntimeException error) {
            return new LibrarySearch(null, null, library.path() + " cannot be used: " + error.getMessage());
        }
    }

    /** What a library says it is, in three numbers. */
    static String version(Property property) {
        IntStream parts = IntStream.of(libraryPropertyType.MAJOR_VERSION, libraryPropertyType.MINOR_VERSION, libraryPropertyType.PATCH_LEVEL);
        return parts.mapToObj(part -> {
            int[] value = new int[1];
            property.get(part, value);
            return Integer.toString(value[0]);
        }).collect(Collectors.joining("."));
    }

    /** Asks a library for a part of its version. */
    interface Property {
        void get(int part, int[] value);
    }
}
