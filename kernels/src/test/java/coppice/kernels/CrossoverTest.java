package coppice.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class CrossoverTest {

    @Test
    void liesWhereTheLineThroughTwoTimesMeetsTheDenseTime() {
        assertEquals(0.1 + (0.97 * 100 - 20) / 200, Crossover.crossing(100, 20, 100), 1e-9);
        assertEquals(0, Crossover.crossing(10, 60, 100), "never");
        assertEquals(1, Crossover.crossing(100, 20, 30), "always, by the line");
        assertEquals(1, Crossover.crossing(100, 30, 30), "always, at a constant time");
        assertEquals(0, Crossover.crossing(30, 30, 30), "no gain at a constant time");
    }
}
