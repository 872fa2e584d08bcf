package coppice.imp.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import coppice.imp.store.Branch;
import coppice.imp.store.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VerdictTest {

    private final List<Results.Row> rows = new ArrayList<>();

    /** Replicates of a level that keeps half the weights of the one before. */
    private VerdictTest level(Branch branch, int level, long earlyStop, double... accuracies) {
        for (int i = 0; i < accuracies.length; i++) {
            rows.add(new Results.Row(branch, i + 1, level, Math.pow(0.5, level), 1000 >> level, earlyStop, 0.5, accuracies[i], 0.1, 1, 1));
        }
        return this;
    }

    private Verdict verdict() {
        return Verdict.of(BranchSummary.of(new Results(rows)));
    }

    /** The sentences with plain spaces. */
    private String words() {
        return String.join(" ", verdict().sentences()).replace('\u202f', ' ');
    }

    @Test
    void ticketsThatMatchAndBeat() {
        level(Branch.TICKET, 0, 7000, 0.98, 0.981).level(Branch.TICKET, 1, 5000, 0.983, 0.985)
                .level(Branch.TICKET, 2, 6000, 0.975, 0.976).level(Branch.TICKET, 3, 8000, 0.9785, 0.9785)
                .level(Branch.RANDOM_REINIT, 1, 7000, 0.97, 0.984).level(Branch.RANDOM_REINIT, 2, 7000, 0.97, 0.971)
                .level(Branch.RANDOM_REINIT, 3, 7000, 0.96, 0.965)
                .level(Branch.RANDOM_MASK, 1, 7000, 0.97, 0.97).level(Branch.RANDOM_MASK, 2, 7000, 0.96, 0.97);
        assertEquals("The dense network reaches 98.05 % (mean of 2 replicates, 98.00–98.10 %). "
                + "Tickets match it, with a mean accuracy at the end at most 0.2 points below the dense mean, down to 12.5 % of weights "
                + "(97.85 %; the ranges over replicates do not overlap), but not at 25.0 %. "
                + "They beat its mean at 50.0 %; best is 98.40 % at 50.0 % of weights, 0.35 points above it, with every replicate above every dense one. "
                + "Early stop comes soonest at 50.0 % of weights: after 5,000 iterations, against 7,000 for the dense network (29 % earlier). "
                + "The sparsest level where the ticket is clearly above both controls (random-reinit and random-mask), its worst replicate "
                + "better than their best, has 25.0 % of weights; its mean leads by 0.50 points there. It is clearly above at 1 of 2 levels.", words());
        assertEquals(Optional.of(0.125), verdict().sparsestMatch());
    }

    @Test
    void ticketsThatDoNot() {
        level(Branch.TICKET, 0, 7000, 0.98, 0.98).level(Branch.TICKET, 1, 9000, 0.97, 0.97).level(Branch.RANDOM_MASK, 1, 7000, 0.975);
        assertEquals("The dense network reaches 98.00 % (mean of 2 replicates, 98.00–98.00 %). "
                + "No ticket matches it: every pruned level has a mean accuracy at the end more than 0.2 points below the dense mean. "
                + "No level has a better mean than the dense network. "
                + "At no level is the ticket clearly above the control random-mask, its worst replicate better than their best.", words());
        assertEquals(Optional.empty(), verdict().sparsestMatch());
    }

    @Test
    void exactlyTwoTenthsOfAPointBelowIsAMatch() {
        level(Branch.TICKET, 0, 1, 0.9811, 0.9811).level(Branch.TICKET, 1, 1, 0.9791, 0.9791);
        assertEquals(Optional.of(0.5), verdict().sparsestMatch());
    }

    @Test
    void oneReplicateHasNoRange() {
        level(Branch.TICKET, 0, 1, 0.98).level(Branch.TICKET, 1, 1, 0.985);
        assertEquals("The dense network reaches 98.00 % in its one replicate, so nothing can be said about the spread. "
                + "Tickets match it, with a mean accuracy at the end at most 0.2 points below the dense mean, down to 50.0 % of weights (98.50 %). "
                + "They beat its mean at 50.0 %; best is 98.50 % at 50.0 % of weights, 0.50 points above it. "
                + "There are no controls to compare tickets with.", words());
    }

    @Test
    void aRunWithoutPrunedLevelsHasNoVerdict() {
        level(Branch.TICKET, 0, 1, 0.98, 0.99);
        assertEquals("The dense network reaches 98.50 % (mean of 2 replicates, 98.00–99.00 %). No pruned level has a result yet.", words());
    }
}
