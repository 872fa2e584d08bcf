package coppice.bench;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A chart of the speed-up over the dense kernel against the sparsity: a line for each product, of all faces together where that was measured. */
record SpeedUps(List<Measurement> measurements) {

    private static final int MOST_LINES = 16;

    /** @return false if nothing was measured at several densities */
    boolean draw(Path file) throws IOException {
        Map<String, List<Measurement>> lines = measurements.stream()
                .filter(each -> each.parameters().containsKey("density") && (each.method().equals("allFaces") || each.benchmark().equals("TrainingStep")))
                .collect(Collectors.groupingBy(SpeedUps::name, LinkedHashMap::new, Collectors.toList()));
        XYChart chart = new XYChartBuilder().width(1000).height(600).xAxisTitle("weights pruned, %").yAxisTitle("times as fast as dense").build();
        chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        lines.values().stream().limit(MOST_LINES).forEach(line -> add(chart, line));
        if (chart.getSeriesMap().isEmpty()) {
            return false;
        }
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
        return true;
    }

    private static void add(XYChart chart, List<Measurement> line) {
        List<Measurement> sparse = line.stream().filter(each -> each.density() < 1).toList();
        line.stream().filter(each -> each.density() == 1).findFirst().filter(_ -> !sparse.isEmpty()).ifPresent(dense ->
                chart.addSeries(name(dense),
                        sparse.stream().mapToDouble(each -> 100 * (1 - each.density())).toArray(),
                        sparse.stream().mapToDouble(each -> dense.seconds() / each.seconds()).toArray()));
    }

    private static String name(Measurement each) {
        return each.without("density") + ", threads: " + each.threads();
    }
}
