package coppice.imp.cli;

import coppice.engine.Mask;
import coppice.engine.Shape;
import coppice.imp.store.Entry;
import coppice.imp.store.Safetensors;
import coppice.nn.Layer;
import coppice.nn.Model;
import coppice.nn.Parameter;
import coppice.nn.models.Models;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.ToLongFunction;

/** A model layer by layer: shapes, parameters and multiply-adds of one example, of all weights or of what survives a mask. */
record ModelTable(Model model, Map<String, Long> survivors) {

    private static final String ROW = "%-34s %-18s %-18s %,14d %,18d%n";

    /**
     * @param example {@code CxHxW}, or null for the examples the model was published for
     * @param classes or null likewise
     * @param mask    a run's {@code mask.safetensors}, or null
     * @throws IllegalArgumentException if something does not fit, saying what
     */
    static ModelTable of(String name, String example, Integer classes, Path mask) {
        if (!Models.names().contains(name)) {
            Models.of(name, Shape.of(1, 28, 28), 10);      // refuses it, naming those there are
        }
        Models.Published published = Models.published(name);
        Shape shape = example == null ? published.example() : shape(example);
        if (classes != null && classes < 1) {
            throw new IllegalArgumentException("--classes: must be at least 1, got " + classes);
        }
        Model model = Models.of(name, shape, classes == null ? published.classes() : classes);
        return new ModelTable(model, mask == null ? Map.of() : survivors(model, mask));
    }

    private static Shape shape(String example) {
        if (!example.matches("[1-9][0-9]{0,3}x[1-9][0-9]{0,3}x[1-9][0-9]{0,3}")) {
            throw new IllegalArgumentException("--example: must be channels, height and width such as 3x32x32, got \"" + example + "\"");
        }
        String[] sizes = example.split("x");
        return Shape.of(Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), Integer.parseInt(sizes[2]));
    }

    private static Map<String, Long> survivors(Model model, Path file) {
        Safetensors masks = Safetensors.read(file);
        if (masks.entries().isEmpty()) {
            throw new IllegalArgumentException("--mask: " + file + " masks nothing");
        }
        var survivors = new HashMap<String, Long>();
        masks.entries().forEach((name, entry) -> {
            Parameter weight = model.prunable().stream().filter(parameter -> parameter.name().equals(name)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("--mask: " + file + " masks " + name + ", which " + model.name()
                            + " does not have"));
            String full = masks.metadata().get(name);
            String expected = sizes(weight.shape(), ",");
            if (!(entry instanceof Entry.Ints positions) || !expected.equals(full)) {
                throw new IllegalArgumentException("--mask: " + file + " masks " + name + " of [" + full + "], not of [" + expected
                        + "]; is it of another model, or of other examples?");
            }
            survivors.put(name, (long) Mask.of(weight.shape(), positions.values()).count());
        });
        return survivors;
    }

    private static String sizes(Shape shape, String between) {
        var text = new StringJoiner(between);
        for (int size : shape.toArray()) {
            text.add(Integer.toString(size));
        }
        return text.toString();
    }

    private long left(Parameter parameter) {
        return survivors.getOrDefault(parameter.name(), (long) parameter.shape().size());
    }

    private long left(List<Parameter> parameters) {
        return parameters.stream().filter(Parameter::isTrained).mapToLong(this::left).sum();
    }

    /** The rows, then the totals. */
    String text() {
        Map<String, Long> sizes = new HashMap<>();
        model.parameters().forEach(parameter -> sizes.put(parameter.name(), left(parameter)));
        ToLongFunction<String> left = sizes::get;
        var text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%-34s %-18s %-18s %14s %18s%n", "layer", "kind", "output", "parameters", "multiply-adds"));
        model.body().leaves(model.example(), (leaf, input) -> text.append(String.format(Locale.ROOT, ROW, name(leaf),
                leaf.getClass().getSimpleName(), sizes(leaf.output(input), " × "), left(leaf.parameters()), leaf.multiplyAdds(input, left))));
        long parameters = left(model.parameters());
        long products = model.body().multiplyAdds(model.example(), left);
        text.append(String.format(Locale.ROOT, ROW, model.name(), "all", sizes(model.example(), " × "), parameters, products));
        if (!survivors.isEmpty()) {
            long prunable = model.prunable().stream().mapToLong(weight -> weight.shape().size()).sum();
            long survive = model.prunable().stream().mapToLong(this::left).sum();
            long dense = model.body().multiplyAdds(model.example(), name -> model.parameters().stream()
                    .filter(parameter -> parameter.name().equals(name)).findFirst().orElseThrow().shape().size());
            text.append(String.format(Locale.ROOT, "%,d of %,d prunable weights survive, %.2f %%; %.2f %% of the multiply-adds%n", survive,
                    prunable, 100.0 * survive / prunable, 100.0 * products / dense));
        }
        return text.toString();
    }

    /** The path that a layer's parameters share; of a layer without any, nothing. */
    private static String name(Layer leaf) {
        return leaf.parameters().isEmpty() ? "" : leaf.parameters().getFirst().name().replaceFirst("\\.[^.]*$", "");
    }
}
