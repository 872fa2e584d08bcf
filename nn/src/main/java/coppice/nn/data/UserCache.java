package coppice.nn.data;

import java.nio.file.Path;
import java.util.Map;

/**
 * The folder in which one user's downloads are kept, one folder per data set.
 *
 * @param root for example {@code ~/.cache/coppice/data}
 */
public record UserCache(Path root) {

    /**
     * The usual place of the operating system: {@code $XDG_CACHE_HOME/coppice/data} or {@code ~/.cache/coppice/data};
     * {@code ~/Library/Caches/coppice/data} on macOS; {@code %LOCALAPPDATA%\coppice\cache\data} on Windows.
     */
    public static UserCache usual() {
        return usual(System.getProperty("os.name"), Path.of(System.getProperty("user.home")), System.getenv());
    }

    static UserCache usual(String system, Path home, Map<String, String> environment) {
        if (system.startsWith("Mac")) {
            return new UserCache(home.resolve("Library/Caches/coppice/data"));
        }
        if (system.startsWith("Windows")) {
            String local = environment.get("LOCALAPPDATA");
            Path base = local == null || local.isBlank() ? home.resolve("AppData/Local") : Path.of(local);
            return new UserCache(base.resolve("coppice/cache/data"));
        }
        String cache = environment.get("XDG_CACHE_HOME");
        // A relative path is to be ignored: XDG Base Directory Specification 0.8.
        boolean given = cache != null && Path.of(cache).isAbsolute();
        return new UserCache((given ? Path.of(cache) : home.resolve(".cache")).resolve("coppice/data"));
    }

    public Path folder(Catalogue.Entry entry) {
        return root.resolve(entry.name());
    }
}
