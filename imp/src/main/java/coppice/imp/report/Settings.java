package coppice.imp.report;

import coppice.imp.store.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A run's spec.yaml, as its text and as a flat list of keys such as {@code optimiser.momentum}. */
record Settings(String text, List<Setting> settings) {

    record Setting(String key, String value) {
    }

    static Settings of(Path spec, String text) {
        try {
            var settings = new ArrayList<Setting>();
            flatten("", new YAMLMapper().readTree(text), settings);
            return new Settings(text, settings);
        } catch (JacksonException e) {
            throw new StoreException(spec, "is no YAML (" + e.getOriginalMessage() + ")", "restore the file", e);
        }
    }

    private static void flatten(String key, JsonNode node, List<Setting> settings) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties().forEach(child -> flatten(key.isEmpty() ? child.getKey() : key + "." + child.getKey(), child.getValue(), settings));
        } else if (!key.isEmpty()) {
            settings.add(new Setting(key, text(node)));
        }
    }

    private static String text(JsonNode node) {
        return node.isNull() ? "–" : node.isValueNode() ? node.asString()
                : node.isArray() ? node.valueStream().map(Settings::text).collect(Collectors.joining(", ")) : node.toString();
    }

    /** Whether {@code word} stands in the setting {@code key}. */
    boolean mention(String key, String word) {
        return settings.stream().anyMatch(setting -> setting.key.equals(key) && setting.value.contains(word));
    }

    /** The whole number that the run's settings give for {@code key}, at whatever depth. */
    OptionalInt integer(String key) {
        return settings.stream().filter(setting -> setting.key.equals(key) || setting.key.endsWith("." + key))
                .filter(setting -> setting.value.matches("\\d{1,9}")).mapToInt(setting -> Integer.parseInt(setting.value)).findFirst();
    }
}
