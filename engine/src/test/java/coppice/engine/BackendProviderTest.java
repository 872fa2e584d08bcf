package coppice.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class BackendProviderTest {

    @Test
    void theReferenceIsAlwaysThereAndTheLastChoice() {
        BackendProvider last = BackendProvider.all().getLast();
        assertEquals("reference", last.name());
        assertTrue(last.isAvailable());
        assertInstanceOf(Reference.class, BackendProvider.named("reference").open(1));
    }

    @Test
    void theBestIsTheMostPreferredThatCanBeUsed() {
        BackendProvider best = BackendProvider.best();
        assertTrue(BackendProvider.all().stream().filter(BackendProvider::isAvailable).allMatch(p -> p.preference() <= best.preference()));
    }

    @Test
    void everyBackendCallsItselfAsItsProviderDoes() {
        for (BackendProvider provider : BackendProvider.all().stream().filter(BackendProvider::isAvailable).toList()) {
            try (Backend backend = provider.open(1)) {
                assertEquals(provider.name(), backend.name());
                assertEquals(provider.name(), backend.toString());
            }
        }
    }

    @Test
    void anUnknownNameIsRefused() {
        List<BackendProvider> all = BackendProvider.all();
        assertEquals("backend: there is no \"tpu\", only " + all.stream().map(BackendProvider::name).collect(Collectors.joining(", ")),
                assertThrows(BackendException.class, () -> BackendProvider.named("tpu")).getMessage());
    }

    @Test
    void oneThatCannotBeUsedHereSaysWhy() {
        for (BackendProvider provider : BackendProvider.all().stream().filter(p -> !p.isAvailable()).toList()) {
            assertEquals("backend: " + provider.name() + " cannot be used here: " + provider.description(),
                    assertThrows(BackendException.class, () -> BackendProvider.named(provider.name())).getMessage());
        }
    }
}
