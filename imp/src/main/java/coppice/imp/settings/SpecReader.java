package coppice.imp.settings;

import coppice.imp.store.Branch;
import coppice.nn.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.std.ToStringSerializer;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * Reads a {@link Spec}: {@code defaults.yaml}, then a preset or a file over it, then {@code key=value} overrides over that. The
 * defaults name every key there is, so a key that they lack is refused, with the nearest one that exists.
 */
public final class SpecReader {

    /** Keys under which any name may stand; given whole, such a key replaces all that stood there. */
    private static final Set<String> OPEN = Set.of("pruning.layer-rates");
    /** Keys without a default. */
    private static final List<String> REQUIRED = List.of("data.name", "model");

    private static final String COMMAND_LINE = "command line";

    /** Characters of a file that are shown to somebody who took it for a page of settings. */
    private static final int LONGEST_EXCERPT = 100;

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enumNamingStrategy(EnumNamingStrategies.KEBAB_CASE)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .disable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .addModule(new SimpleModule()
                    .addDeserializer(Span.class, new SpanReader())
                    .addDeserializer(Path.class, new PathReader())
                    .addSerializer(Span.class, new ToStringSerializer(Span.class))
                    .addSerializer(Path.class, new ToStringSerializer(Path.class)))
            .build();

    private final ObjectNode tree = defaults();
    private final Set<String> overridden = new HashSet<>();
    private final String source;

    private SpecReader(String source) {
        this.source = source;
    }

    /**
     * @param spec      a preset's name or the path of a YAML file
     * @param overrides {@code key=value}, keys with dots, values in YAML
     * @throws SettingsException naming what is wrong and what is accepted
     */
    public static Spec read(String spec, List<String> overrides) {
        var reader = new SpecReader(spec);
        reader.merge(reader.tree, reader.load(spec), "", spec);
        overrides.forEach(reader::override);
        return reader.spec();
    }

    /** The settings that a run folder's {@code spec.yaml} holds. */
    public static Spec readBack(Path file) {
        return read(file.toString(), List.of());
    }

    /** The settings as a YAML page, every key in it. */
    public static String write(Spec spec) {
        return YAML.writeValueAsString(spec);
    }

    static JsonNode toTree(Spec spec) {
        return YAML.valueToTree(spec);
    }

    static ObjectNode defaults() {
        try (InputStream page = SpecReader.class.getResourceAsStream("defaults.yaml")) {
            return (ObjectNode) YAML.readTree(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ObjectNode load(String spec) {
        String page = Preset.find(spec).map(Preset::text).orElseGet(() -> readFile(spec));
        try {
            JsonNode node = YAML.readTree(page);
            if (!node.isObject()) {
                throw new SettingsException(spec + ": must hold keys and values, got " + (node.isMissingNode() ? "nothing" : excerpt(node)));
            }
            return (ObjectNode) node;
        } catch (JacksonException e) {
            String line = e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();       // none where it is nested too deeply
            throw new SettingsException(spec + line + ": cannot be read as YAML: " + firstLine(e));
        }
    }

    private static String excerpt(JsonNode node) {
        String text = node.toString();
        return text.length() <= LONGEST_EXCERPT ? text : text.substring(0, LONGEST_EXCERPT) + " …";
    }

    private static String readFile(String spec) {
        Path file = Path.of(spec);
        boolean looksLikeFile = spec.endsWith(".yaml") || spec.endsWith(".yml") || Files.exists(file);
        if (!looksLikeFile) {
            throw new SettingsException("preset: there is no \"" + spec + "\"" + Nearest.hint(spec, Preset.names())
                    + "; there are " + String.join(", ", Preset.names()) + ", or name a .yaml file");
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new SettingsException(spec + ": cannot be read: it is no UTF-8 text");
        } catch (IOException e) {
            throw new SettingsException(spec + ": cannot be read: " + (Files.exists(file) ? e.getMessage() : "there is no such file"));
        }
    }

    private void override(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new SettingsException(COMMAND_LINE + ": settings are written key=value, such as training.batch=60, got \"" + assignment + "\"");
        }
        String key = assignment.substring(0, equals);
        JsonNode value;
        try {
            value = YAML.readTree(assignment.substring(equals + 1));
        } catch (JacksonException e) {
            throw new SettingsException(COMMAND_LINE + ": " + key + ": the value cannot be read as YAML: " + firstLine(e));
        }
        ObjectNode wrapped = YAML.createObjectNode();
        String[] path = split(key);
        ObjectNode at = wrapped;
        for (int i = 0; i < path.length - 1; i++) {
            at = at.putObject(path[i]);
        }
        if (OPEN.contains(String.join(".", Arrays.copyOf(path, path.length - 1))) && at(path, path.length - 1) instanceof ObjectNode others) {
            at.setAll(others);
        }
        at.set(path[path.length - 1], value.isMissingNode() ? YAML.nullNode() : value);
        overridden.add(key);
        merge(tree, wrapped, "", COMMAND_LINE);
    }

    /** The names along a key; below an open key there is one name, whatever dots it has. */
    private static String[] split(String key) {
        for (String open : OPEN) {
            if (key.startsWith(open + ".")) {
                String[] names = Arrays.copyOf(open.split("\\."), open.split("\\.").length + 1);
                names[names.length - 1] = key.substring(open.length() + 1);
                return names;
            }
        }
        return key.split("\\.", -1);
    }

    private void merge(ObjectNode base, ObjectNode over, String path, String origin) {
        over.properties().forEach(entry -> {
            String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            JsonNode known = base.get(entry.getKey());
            if (known == null) {
                throw new SettingsException(origin + ": " + unknown(key, key + below(entry.getValue())));
            }
            if (known instanceof ObjectNode group && !OPEN.contains(key)) {
                if (!(entry.getValue() instanceof ObjectNode inner)) {
                    throw new SettingsException(origin + ": " + key + ": holds the keys " + String.join(", ", keys(group, "")) + ", got "
                            + entry.getValue());
                }
                merge(group, inner, key, origin);
            } else {
                base.set(entry.getKey(), entry.getValue());
            }
        });
    }

    /** @param whole the key with the names that were written below it */
    private static String unknown(String key, String whole) {
        List<String> known = keys(defaults(), "");
        String hint = Stream.of(whole, key).map(given -> Nearest.hint(given, known)).filter(found -> !found.isEmpty()).findFirst()
                .orElse("; \"coppice presets --defaults\" prints every key");
        return "there is no key \"" + whole + "\"" + hint;
    }

    /** The names on the way to the first value below a node: what somebody who wrote an unknown key was after. */
    private static String below(JsonNode node) {
        var names = new StringBuilder();
        while (node instanceof ObjectNode group && !group.isEmpty()) {
            var first = group.properties().iterator().next();
            names.append('.').append(first.getKey());
            node = first.getValue();
        }
        return names.toString();
    }

    private static List<String> keys(ObjectNode tree, String path) {
        List<String> keys = new ArrayList<>();
        tree.properties().forEach(entry -> {
            String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            if (entry.getValue() instanceof ObjectNode group && !OPEN.contains(key)) {
                keys.addAll(keys(group, key));
            } else {
                keys.add(key);
            }
        });
        return keys;
    }

    private Spec spec() {
        for (String key : REQUIRED) {
            if (tree.at("/" + key.replace('.', '/')).isNull()) {
                throw new SettingsException(source + ": the key \"" + key + "\" is missing, and has no default");
            }
        }
        requireValues(tree, defaults(), "");
        try {
            return YAML.treeToValue(tree, Spec.class);
        } catch (JacksonException e) {
            throw new SettingsException(describe(e));
        }
    }

    /** Only a key whose default is null may be null. */
    private void requireValues(ObjectNode group, ObjectNode standard, String path) {
        standard.properties().forEach(entry -> {
            String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            JsonNode value = group.get(entry.getKey());
            if (entry.getValue() instanceof ObjectNode inner && value instanceof ObjectNode values) {
                requireValues(values, inner, key);
            } else if (value.isNull() && !entry.getValue().isNull() || value.isArray() && value.valueStream().anyMatch(JsonNode::isNull)) {
                throw new SettingsException(origin(key) + ": " + key + ": needs a value, such as its default, " + entry.getValue()
                        + ", got " + value);
            }
        });
    }

    private String describe(JacksonException e) {
        String key = path(e);
        return switch (e) {
            case ValueInstantiationException invalid when invalid.getCause() instanceof IllegalArgumentException refused -> {
                // A record refuses one of its own components and names it first.
                String message = (key.isEmpty() ? "" : key + ".") + refused.getMessage();
                yield origin(message.substring(0, Math.max(0, message.indexOf(':')))) + ": " + message;
            }
            case InputCoercionException large -> origin(key) + ": " + key + ": must be a whole number of at most "
                    + (large.getTargetType() == int.class || large.getTargetType() == Integer.class ? Integer.MAX_VALUE : Long.MAX_VALUE)
                    + ", got " + at(split(key), split(key).length);
            case InvalidFormatException format -> origin(key) + ": " + key + ": must be " + accepted(format.getTargetType())
                    + ", got " + format.getValue();
            case MismatchedInputException mismatch -> origin(key) + ": " + key + ": must be " + accepted(mismatch.getTargetType())
                    + ", got " + at(split(key), split(key).length);
            default -> origin(key) + ": " + key + ": " + firstLine(e);
        };
    }

    private static String path(JacksonException e) {
        var path = new StringBuilder();
        for (var step : e.getPath()) {
            if (step.getPropertyName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return path.toString();
    }

    /** The node that the first {@code depth} names of a path lead to. */
    private JsonNode at(String[] path, int depth) {
        JsonNode node = tree;
        for (int i = 0; i < depth; i++) {
            node = node.path(path[i]);
        }
        return node;
    }

    private static String accepted(Class<?> type) {
        if (type == null) {
            return "of another type";
        }
        if (type == Branch.class) {
            return "one of " + Branch.RANDOM_REINIT.label() + ", " + Branch.RANDOM_MASK.label();
        }
        if (type.isEnum()) {
            return "one of " + String.join(", ", Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase(Locale.ROOT).replace('_', '-')).toList());
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == boolean.class) {
            return "true or false";
        }
        if (type == Span.class) {
            return "epochs, iterations or both, such as 160ep, 500it or 2ep500it";
        }
        if (type == Path.class) {
            return "a path";
        }
        if (Map.class.isAssignableFrom(type)) {
            return "names and values, such as {fc3.weight: 0.1}";
        }
        return List.class.isAssignableFrom(type) ? "a list, such as [a, b]" : "text";
    }

    /** Where a key was given: on the command line, or in the file or preset. */
    private String origin(String key) {
        boolean given = overridden.stream().anyMatch(other -> key.equals(other) || key.startsWith(other + "."));
        return given ? COMMAND_LINE : source;
    }

    private static String firstLine(Exception e) {
        return e instanceof JacksonException jackson
                ? jackson.getOriginalMessage().lines().findFirst().orElse("")
                : String.valueOf(e.getMessage());
    }
}
