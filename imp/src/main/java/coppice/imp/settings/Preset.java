package coppice.imp.settings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Settings that come with the program.
 *
 * @param name what the command line calls it
 * @param text its YAML page, whose first line, a comment, says what it is
 */
public record Preset(String name, String text) {

    private static final List<String> NAMES = List.of("strokes", "conv-2-rgb", "resnet-8-rgb", "lenet-mnist", "lenet-fashion",
            "conv-2-cifar", "conv-2-cifar-short", "conv-4-cifar", "conv-6-cifar", "resnet-20-cifar", "resnet-20-cifar-short", "resnet-20-cifar-low",
            "resnet-20-cifar-warmup", "vgg-19-cifar", "resnet-18-cifar100", "resnet-50-imagenet");

    public static List<String> names() {
        return NAMES;
    }

    public static List<Preset> all() {
        return NAMES.stream().map(Preset::named).toList();
    }

    /** @throws SettingsException if there is none of that name */
    public static Preset named(String name) {
        return find(name).orElseThrow(() -> new SettingsException("preset: there is no \"" + name + "\"" + Nearest.hint(name, NAMES)
                + "; there are " + String.join(", ", NAMES)));
    }

    /** The page of every setting, its default and its meaning. */
    public static String defaults() {
        return page("defaults.yaml");
    }

    public static Optional<Preset> find(String name) {
        return NAMES.contains(name) ? Optional.of(new Preset(name, page("presets/" + name + ".yaml"))) : Optional.empty();
    }

    /** One line: what the preset is for. */
    public String about() {
        return text.lines().findFirst().orElseThrow().replaceFirst("^#\\s*", "");
    }

    private static String page(String resource) {
        try (InputStream page = Preset.class.getResourceAsStream(resource)) {
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
