package coppice.kernels.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;

/**
 * Loads JCuda's native libraries from a private folder. JCuda itself extracts them under fixed names to a folder that everybody may write to,
 * and takes what is there already: a library of another version, or of somebody else. It looks where {@code java.io.tmpdir} points, so
 * that points to a fresh folder of this process while JCuda's class is initialised.
 */
final class Natives {

    private static final String VERSION = "12.6.0";
    private static final String PLATFORM = "linux-x86_64";
    private static final String TEMPORARY = "java.io.tmpdir";

    private Natives() {}

    /** Whether JCuda has libraries for this operating system and processor. */
    static boolean exist(String library) {
        return Natives.class.getResource(resource(library)) != null && System.getProperty("os.name").equals("Linux")
                && System.getProperty("os.arch").equals("amd64");
    }

    private static String resource(String library) {
        return "/lib/" + file(library);
    }

    private static String file(String library) {
        return "lib" + library + "-" + VERSION + "-" + PLATFORM + ".so";
    }

    /**
     * Initialises a class of JCuda, which loads its library.
     *
     * @throws LinkageError if that cannot be loaded, since there is no driver, for example
     */
    static void load(String library, Class<?> owner) {
        load(library, owner, bytes -> {});
    }

    /** The same for a library that is changed before. */
    static synchronized void load(String library, Class<?> owner, Consumer<byte[]> change) {
        String usual = System.getProperty(TEMPORARY);
        try {
            Path folder = Files.createTempDirectory("coppice-natives-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            folder.toFile().deleteOnExit();
            Path copy = folder.resolve(file(library));
            try (InputStream packed = Natives.class.getResourceAsStream(resource(library))) {
                byte[] bytes = packed.readAllBytes();
                change.accept(bytes);
                Files.write(copy, bytes);
            }
            copy.toFile().deleteOnExit();
            System.setProperty(TEMPORARY, folder.toString());
            Class.forName(owner.getName(), true, owner.getClassLoader());
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        } catch (ClassNotFoundException error) {
            throw new LinkageError(error.getMessage(), error);
        } finally {
            System.setProperty(TEMPORARY, usual);
        }
    }
}
