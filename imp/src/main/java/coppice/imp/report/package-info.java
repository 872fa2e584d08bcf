/**
 * The report: one HTML file that shows what a run, or several, came to, and needs nothing but a browser.
 *
 * <p>Read {@link coppice.imp.report.Report} first. A {@code RunSummary} is all that the page knows of a run: per-level means and
 * ranges ({@code BranchSummary}, {@code LevelSummary}, {@code Range}), {@code Curves}, {@code LayerDensities},
 * {@code Magnitudes}, {@code Settings}, {@code Gaps} and the {@code Verdict}. {@code Page} joins it, as JSON, with the template,
 * style and scripts that lie among the resources of this package; the scripts draw and compute nothing.
 */
package coppice.imp.report;
