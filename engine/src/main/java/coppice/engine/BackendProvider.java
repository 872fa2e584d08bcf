package coppice.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** How a backend is found: by {@link ServiceLoader}, so that the engine knows no kernel class. */
public interface BackendProvider {

    /** The backend's name, as settings give it. */
    String name();

    /** Which backend to prefer where several can be used: the highest. */
    int preference();

    /** One sentence: what was found on this machine, or why the backend cannot be used here. */
    String description();

    /** Whether the backend can be used here. */
    boolean isAvailable();

    /** Opens the backend. @param threads how many threads its kernels may use, at least 1 */
    Backend open(int threads);

    /** Opens the backend, such that it uses the fastest kernel that was, or is now, measured for each product with survivors. */
    default Backend open(int threads, Crossovers crossovers) {
        return open(threads);
    }

    /**
     * The same with products of some precision.
     *
     * @param crossovers null for those that the backend has without measuring
     * @throws BackendException if it has none of that precision
     */
    default Backend open(int threads, Crossovers crossovers, Precision precision) {
        if (precision != Precision.FP32) {
            throw new BackendException("precision: " + name() + " has fp32 only, got " + precision.label());
        }
        return open(threads, crossovers);
    }

    /** Whether there is something to choose: several kernels for a product with survivors. */
    default boolean hasChoices() {
        return false;
    }

    /** All providers on the class path and the reference, the preferred first. */
    static List<BackendProvider> all() {
        List<BackendProvider> providers = new ArrayList<>(List.of(new ReferenceProvider()));
        ServiceLoader.load(BackendProvider.class).forEach(providers::add);
        providers.sort(Comparator.comparingInt(BackendProvider::preference).reversed());
        return providers;
    }

    /** The preferred provider that can be used here. */
    static BackendProvider best() {
        return all().stream().filter(BackendProvider::isAvailable).findFirst().orElseThrow();
    }

    /**
     * The provider of a name.
     *
     * @throws BackendException if there is none, or if it cannot be used here; the message says why
     */
    static BackendProvider named(String name) {
        List<BackendProvider> all = all();
        BackendProvider found = all.stream().filter(provider -> provider.name().equals(name)).findFirst()
                .orElseThrow(() -> new BackendException("backend: there is no \"" + name + "\", only "
                        + all.stream().map(BackendProvider::name).collect(Collectors.joining(", "))));
        if (!found.isAvailable()) {
            throw new BackendException("backend: " + name + " cannot be used here: " + found.description());
        }
        return found;
    }
}
