package coppice.nn;

import coppice.engine.Backend;
import coppice.engine.BackendProvider;
import java.util.stream.Stream;

/** Where a numeric test finds every backend that can be used here. */
final class Backends {

    private Backends() {}

    /** Opened anew for each test class; the parameterised class closes what it was given. */
    static Stream<Backend> present() {
        return BackendProvider.all().stream().filter(BackendProvider::isAvailable).map(provider -> provider.open(2));
    }
}
