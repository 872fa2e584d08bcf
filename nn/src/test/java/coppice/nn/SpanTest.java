package coppice.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SpanTest {

    @Test
    void readsEpochsIterationsAndBoth() {
        assertEquals(new Span(160, 0), Span.parse("160ep"));
        assertEquals(new Span(0, 500), Span.parse("500it"));
        assertEquals(new Span(2, 500), Span.parse("2ep500it"));
        assertEquals(new Span(0, 0), Span.parse("0it"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"160ep", "500it", "2ep500it", "0it"})
    void writesWhatItReads(String text) {
        assertEquals(text, Span.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "ep", "it", "-5it", "1.5ep", "500it2ep", "2ep 500it", "10EP", "1234567890123ep"})
    void refusesAnythingElse(String text) {
        assertEquals("must be epochs, iterations or both, such as 160ep, 500it or 2ep500it, got \"" + text + "\"",
                assertThrows(IllegalArgumentException.class, () -> Span.parse(text)).getMessage());
    }

    @Test
    void refusesLessThanNothing() {
        assertEquals("span: must not be negative, got 1ep-1it",
                assertThrows(IllegalArgumentException.class, () -> new Span(1, -1)).getMessage());
    }

    @Test
    void countsStepsByTheLengthOfAnEpoch() {
        assertEquals(2 * 916 + 500, new Span(2, 500).steps(916));
        assertEquals(500, new Span(0, 500).steps(1));
        assertThrows(ArithmeticException.class, () -> new Span(Long.MAX_VALUE, 0).steps(2));
    }
}
