package coppice.imp.report;

import coppice.imp.store.Branch;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the results say about the tickets, in words. A level <em>matches</em> the dense network if its mean accuracy at the end is
 * at most {@value #TOLERANCE_IN_POINTS} points below the dense mean, the tolerance of Frankle et al. (2020, "Linear mode
 * connectivity and the lottery ticket hypothesis", section 4). A branch is <em>clearly above</em> another if its worst replicate
 * is better than the other's best.
 *
 * @param sparsestMatch the density of the sparsest matching level, absent if there is none
 */
record Verdict(List<String> sentences, List<Figure> figures, Optional<Double> sparsestMatch) {

    private static final double TOLERANCE_IN_POINTS = 0.2;

    /** A number worth a large print, its name and a remark. */
    record Figure(String name, String value, String remark) {
    }

    static Verdict of(List<BranchSummary> branches) {
        var ticket = branches.stream().filter(branch -> branch.branch().equals(Branch.TICKET.label())).findFirst();
        Optional<LevelSummary> dense = ticket.flatMap(branch -> branch.level(0));
        if (dense.isEmpty()) {
            return new Verdict(List.of("There is no result of the dense network (level 0 of ticket) yet, so there is nothing to judge tickets by."),
                    List.of(), Optional.empty());
        }
        List<LevelSummary> pruned = ticket.get().levels().stream().filter(level -> level.level() > 0).toList();
        var controls = branches.stream().filter(branch -> !branch.branch().equals(Branch.TICKET.label())).toList();
        return new Writing(dense.get(), pruned, controls).verdict();
    }

    private record Writing(LevelSummary dense, List<LevelSummary> pruned, List<BranchSummary> controls, List<String> sentences,
                           List<Figure> figures) {

        Writing(LevelSummary dense, List<LevelSummary> pruned, List<BranchSummary> controls) {
            this(dense, pruned, controls, new ArrayList<>(), new ArrayList<>());
        }

        Verdict verdict() {
            int replicates = dense.replicates().size();
            figures.add(new Figure("Dense network", percent(dense.accuracyAtEnd().mean()), "mean accuracy at the end, "
                    + replicates + (replicates == 1 ? " replicate" : " replicates")));
            sentences.add("The dense network reaches %s%s.".formatted(percent(dense.accuracyAtEnd().mean()),
                    replicates == 1 ? " in its one replicate, so nothing can be said about the spread" : " (mean of "
                            + replicates + " replicates, " + range(dense.accuracyAtEnd()) + ")"));
            if (pruned.isEmpty()) {
                sentences.add("No pruned level has a result yet.");
                return new Verdict(sentences, figures, Optional.empty());
            }
            Optional<Double> sparsestMatch = matching();
            best();
            soonest();
            againstControls();
            return new Verdict(sentences, figures, sparsestMatch);
        }

        private boolean matches(LevelSummary level) {
            return 100 * (dense.accuracyAtEnd().mean() - level.accuracyAtEnd().mean()) <= TOLERANCE_IN_POINTS + 1e-9;
        }

        private Optional<Double> matching() {
            List<LevelSummary> matching = pruned.stream().filter(this::matches).toList();
            if (matching.isEmpty()) {
                sentences.add("No ticket matches it: every pruned level has a mean accuracy at the end more than %s points below the dense mean."
                        .formatted(TOLERANCE_IN_POINTS));
                figures.add(new Figure("Sparsest match", "none", "no level within " + TOLERANCE_IN_POINTS + " points of the dense mean"));
                return Optional.empty();
            }
            LevelSummary sparsest = matching.getLast();
            List<LevelSummary> failing = pruned.stream().filter(level -> level.level() < sparsest.level() && !matches(level)).toList();
            sentences.add("Tickets match it, with a mean accuracy at the end at most %s points below the dense mean, down to %s of weights (%s%s)%s."
                    .formatted(TOLERANCE_IN_POINTS, percentLeft(sparsest), percent(sparsest.accuracyAtEnd().mean()),
                            rangesTell(sparsest) ? "; the ranges over replicates " + (sparsest.accuracyAtEnd().overlaps(dense.accuracyAtEnd())
                                    ? "overlap" : "do not overlap") : "",
                            failing.isEmpty() ? "" : ", but not at " + listed(failing)));
            figures.add(new Figure("Sparsest match", percentLeft(sparsest) + " left", String.format(Locale.ROOT, "%.1f", 1 / sparsest.density())
                    + " times fewer weights, " + percent(sparsest.accuracyAtEnd().mean())));
            return Optional.of(sparsest.density());
        }

        private void best() {
            List<LevelSummary> better = pruned.stream()
                    .filter(level -> level.accuracyAtEnd().mean() > dense.accuracyAtEnd().mean()).toList();
            if (better.isEmpty()) {
                sentences.add("No level has a better mean than the dense network.");
                return;
            }
            LevelSummary best = better.stream().reduce((a, b) -> b.accuracyAtEnd().mean() > a.accuracyAtEnd().mean() ? b : a).get();
            String gain = points(best.accuracyAtEnd().mean() - dense.accuracyAtEnd().mean());
            sentences.add("They beat its mean at %s; best is %s at %s of weights, %s above it%s.".formatted(listed(better),
                    percent(best.accuracyAtEnd().mean()), percentLeft(best), gain, !rangesTell(best) ? ""
                            : best.accuracyAtEnd().isAbove(dense.accuracyAtEnd()) ? ", with every replicate above every dense one"
                            : ", with overlapping ranges"));
            figures.add(new Figure("Best ticket", percent(best.accuracyAtEnd().mean()),
                    "at " + percentLeft(best) + " left, " + gain + " above dense"));
        }

        private void soonest() {
            LevelSummary soonest = pruned.stream()
                    .reduce((a, b) -> b.earlyStopIteration().mean() < a.earlyStopIteration().mean() ? b : a).get();
            double saved = 1 - soonest.earlyStopIteration().mean() / dense.earlyStopIteration().mean();
            if (saved > 0) {
                sentences.add("Early stop comes soonest at %s of weights: after %s iterations, against %s for the dense network (%s earlier)."
                        .formatted(percentLeft(soonest), count(soonest.earlyStopIteration().mean()), count(dense.earlyStopIteration().mean()),
                                String.format(Locale.ROOT, "%.0f\u202f%%", 100 * saved)));
            }
        }

        private void againstControls() {
            if (controls.isEmpty()) {
                sentences.add("There are no controls to compare tickets with.");
                return;
            }
            String names = controls.stream().map(BranchSummary::branch).collect(Collectors.joining(" and "));
            String both = controls.size() == 1 ? "the control " + names : "both controls (" + names + ")";
            List<LevelSummary> compared = pruned.stream()
                    .filter(level -> controls.stream().allMatch(control -> control.level(level.level()).isPresent())).toList();
            List<LevelSummary> clear = compared.stream().filter(level -> controls.stream()
                    .allMatch(control -> level.accuracyAtEnd().isAbove(control.level(level.level()).get().accuracyAtEnd()))).toList();
            if (clear.isEmpty()) {
                sentences.add("At no level is the ticket clearly above " + both + ", its worst replicate better than their best.");
                figures.add(new Figure("Clear of controls", "never", "worst ticket against best control"));
                return;
            }
            LevelSummary sparsest = clear.getLast();
            String meaning = rangesTell(sparsest) ? "its worst replicate better than their best, " : "with one replicate and so no spread to judge by, ";
            double lead = controls.stream().mapToDouble(control -> sparsest.accuracyAtEnd().mean()
                    - control.level(sparsest.level()).get().accuracyAtEnd().mean()).min().getAsDouble();
            sentences.add(("The sparsest level where the ticket is clearly above %s, " + meaning + "has %s of weights; "
                    + "its mean leads by %s there. It is clearly above at %d of %d levels.")
                    .formatted(both, percentLeft(sparsest), points(lead), clear.size(), compared.size()));
            figures.add(new Figure("Clear of controls", clear.size() + " of " + compared.size() + " levels",
                    "sparsest " + percentLeft(sparsest) + ", by " + points(lead)));
        }

        /** With a single replicate a range is a point. */
        private boolean rangesTell(LevelSummary level) {
            return level.replicates().size() > 1 && dense.replicates().size() > 1;
        }
    }

    /** The densities of some levels; three or more in a row as the first and the last of them. */
    private static String listed(List<LevelSummary> levels) {
        var names = new ArrayList<String>();
        for (int from = 0, to; from < levels.size(); from = to) {
            to = from + 1;
            while (to < levels.size() && levels.get(to).level() == levels.get(to - 1).level() + 1) {
                to++;
            }
            if (to - from >= 3) {
                names.add("every level from " + percentLeft(levels.get(from)) + " to " + percentLeft(levels.get(to - 1)));
            } else {
                levels.subList(from, to).forEach(level -> names.add(percentLeft(level)));
            }
        }
        return names.size() == 1 ? names.getFirst()
                : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
    }

    /** The density with three significant digits: 100 %, 51.3 %, 3.56 %, 0.123 %. */
    private static String percentLeft(LevelSummary level) {
        double percent = 100 * level.density();
        int decimals = percent >= 99.95 ? 0 : Math.max(0, 2 - (int) Math.floor(Math.log10(percent)));
        return String.format(Locale.ROOT, "%." + decimals + "f\u202f%%", percent);
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.2f\u202f%%", 100 * fraction);
    }

    private static String range(Range range) {
        return String.format(Locale.ROOT, "%.2f–%.2f\u202f%%", 100 * range.least(), 100 * range.greatest());
    }

    private static String points(double difference) {
        return String.format(Locale.ROOT, "%.2f points", 100 * difference);
    }

    private static String count(double iterations) {
        return String.format(Locale.ROOT, "%,.0f", iterations);
    }
}
