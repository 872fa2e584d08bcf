package coppice.imp.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class NearestTest {

    private static final List<String> KEYS = List.of("model", "training.batch", "training.momentum", "pruning.rate");

    @Test
    void findsWhatWasMeant() {
        assertEquals("; did you mean \"model\"?", Nearest.hint("mdoel", KEYS));
        assertEquals("; did you mean \"training.batch\"?", Nearest.hint("training.btach", KEYS));
        assertEquals("; did you mean \"training.momentum\"?", Nearest.hint("momentum", KEYS));
        assertEquals("; did you mean \"pruning.rate\"?", Nearest.hint("prunning.rate", KEYS));
    }

    @Test
    void keepsQuietWhereNothingIsNear() {
        assertEquals("", Nearest.hint("dropout", KEYS));
        assertEquals("", Nearest.hint("x", KEYS));
    }
}
