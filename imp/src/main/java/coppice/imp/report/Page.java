package coppice.imp.report;

import coppice.imp.store.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * The text of the page: template.html with its marks such as {@code {{title}}} replaced. Style, scripts, the chart library and
 * the data all stand in the page, and its content security policy lets the browser run these scripts alone and ask no server
 * for anything.
 */
final class Page {

    private static final Pattern MARK = Pattern.compile("\\{\\{(\\w+)}}");

    private static final MathContext SIX_DIGITS = new MathContext(6);

    /** Six significant digits are more than a chart can show; what is not finite becomes null, which charts leave out. */
    private static final JsonMapper JSON = JsonMapper.builder().addModule(new SimpleModule().addSerializer(Double.class, new Rounded())
            .addSerializer(double.class, new Rounded())).build();

    private static final class Rounded extends ValueSerializer<Double> {
        @Override
        public void serialize(Double value, JsonGenerator json, SerializationContext context) {
            if (!Double.isFinite(value)) {
                json.writeNull();
            } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
                json.writeNumber(value.longValue());
            } else {
                json.writeNumber(new BigDecimal(value).round(SIX_DIGITS).toString());
            }
        }
    }

    private Page() {
    }

    static String of(List<RunSummary> runs) {
        String title = runs.size() == 1 ? runs.getFirst().name() : "Comparison of " + runs.size() + " runs";
        String charts = inline(library());
        String script = inline(resource("format.js") + resource("charts.js") + resource("report.js") + resource("tables.js"));
        return fill(resource("template.html"), Map.of(
                "policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src " + hash(charts) + " " + hash(script),
                "title", escaped(title),
                "subtitle", escaped(subtitle(runs)),
                "verdict", runs.stream().map(run -> verdict(run, runs.size() > 1)).collect(Collectors.joining("\n")),
                "style", resource("style.css"),
                "charts", charts,
                "script", script,
                "data", json(runs)));
    }

    private static String subtitle(List<RunSummary> runs) {
        return runs.size() == 1 ? "Results of " + runs.getFirst().date()
                : runs.stream().map(run -> run.name() + " (" + run.date() + ")").collect(Collectors.joining(", "));
    }

    private static String verdict(RunSummary run, boolean named) {
        String name = named ? "<b>" + escaped(run.name()) + ".</b> " : "";
        return "<p>" + name + escaped(String.join(" ", run.verdict().sentences())) + "</p>";
    }

    /** Replaces every mark once; what comes in is not searched for marks again. */
    private static String fill(String template, Map<String, String> parts) {
        return MARK.matcher(template).replaceAll(mark -> Matcher.quoteReplacement(parts.get(mark.group(1))));
    }

    /** JSON that can stand in a script element whatever its strings hold. */
    private static String json(List<RunSummary> runs) {
        return JSON.writeValueAsString(runs).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }

    /** A script as it can stand in an element: no early end, and the line ends that a browser's hash is taken over. */
    private static String inline(String script) {
        return script.replace("\r\n", "\n").replace("</script", "<\\/script");
    }

    private static String hash(String script) {
        return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.of(script).bytes()) + "'";
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Apache ECharts with its line and bar charts, in the version of the webjar on the class path. */
    private static String library() {
        var loader = Page.class.getClassLoader();
        try (InputStream properties = loader.getResourceAsStream("META-INF/maven/org.webjars/echarts/pom.properties")) {
            if (properties == null) {
                throw new IllegalStateException("report: org.webjars:echarts is not on the class path; add its jar");
            }
            var webjar = new Properties();
            webjar.load(properties);
            String path = "META-INF/resources/webjars/echarts/" + webjar.getProperty("version") + "/echarts.common.min.js";
            try (InputStream in = loader.getResourceAsStream(path)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
