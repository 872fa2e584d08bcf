package coppice.bench;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A chart of the speed-up over the dense kernel against the sparsity: a line for each product, of all faces together where that was measured. */
record SpeedUps(List<Measurement> measurements) {

    private static final int MOST_LINES = 16;

    /** Whether nothing was measured both dense and sparse. */
    boolean isEmpty() {
        return lines().isEmpty();
    }

    void draw(Path file) throws IOException {
        XYChart chart = new XYChartBuilder().width(1000).height(600).xAxisTitle("weights pruned, %").yAxisTitle("times as fast as dense").build();
        chart.getStyler().setYAxisLogarithmic(true).setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        lines().stream().limit(MOST_LINES).forEach(line -> line.addTo(chart));
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
    }

    private List<Line> lines() {
        Map<String, List<Measurement>> products = measurements.stream()
                .filter(each -> each.parameters().containsKey("density") && (each.method().equals("allFaces") || each.benchmark().equals("TrainingStep")))
                .collect(Collectors.groupingBy(SpeedUps::name, LinkedHashMap::new, Collectors.toList()));
        return products.values().stream().map(Line::of).filter(Objects::nonNull).toList();
    }

    /** A product at several densities. */
    private record Line(Measurement dense, List<Measurement> sparse) {

        /** @return null if it was not measured dense, or only so */
        static Line of(List<Measurement> product) {
            List<Measurement> sparse = product.stream().filter(each -> each.density() < 1).toList();
            Optional<Measurement> dense = product.stream().filter(each -> each.density() == 1).findFirst();
            return sparse.isEmpty() || dense.isEmpty() ? null : new Line(dense.get(), sparse);
        }

        void addTo(XYChart chart) {
            chart.addSeries(name(dense),
                    sparse.stream().mapToDouble(each -> 100 * (1 - each.density())).toArray(),
                    sparse.stream().mapToDouble(each -> dense.seconds() / each.seconds()).toArray());
        }
    }

    private static String name(Measurement each) {
        return each.without("density") + ", threads: " + each.threads();
    }
}
