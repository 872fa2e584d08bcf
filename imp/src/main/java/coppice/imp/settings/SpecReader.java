package coppice.imp.settings;

import coppice.nn.Span;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DatabindException;
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

    /** Keys under which any name may stand. */
    private static final Set<String> OPEN = Set.of("pruning.layer-rates");
    /** Keys without a default. */
    private static final List<String> REQUIRED = List.of("data.name", "model");

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .enumNamingStrategy(EnumNamingStrategies.KEBAB_CASE)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
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
        reader.merge(reader.tree, reader.load(spec), "");
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
                throw new SettingsException(spec + ": must hold keys and values, got " + (node.isEmpty() ? "nothing" : node));
            }
            return (ObjectNode) node;
        } catch (JacksonException e) {
            throw new SettingsException(spec + ", line " + e.getLocation().getLineNr() + ": is not YAML: " + firstLine(e));
        }
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
        } catch (IOException e) {
            throw new SettingsException(spec + ": cannot be read: " + (Files.exists(file) ? e.getMessage() : "there is no such file"));
        }
    }

    private void override(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new SettingsException("command line: settings are written key=value, such as training.batch=60, got \"" + assignment + "\"");
        }
        String key = assignment.substring(0, equals);
        JsonNode value;
        try {
            value = YAML.readTree(assignment.substring(equals + 1));
        } catch (JacksonException e) {
            throw new SettingsException("command line: " + key + ": the value is not YAML: " + firstLine(e));
        }
        ObjectNode wrapped = YAML.createObjectNode();
        String[] path = split(key);
        ObjectNode at = wrapped;
        for (int i = 0; i < path.length - 1; i++) {
            at = at.putObject(path[i]);
        }
        at.set(path[path.length - 1], value.isMissingNode() ? YAML.nullNode() : value);
        overridden.add(key);
        merge(tree, wrapped, "");
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

    private void merge(ObjectNode base, ObjectNode over, String path) {
        over.properties().forEach(entry -> {
            String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
            JsonNode known = base.get(entry.getKey());
            if (known == null && !OPEN.contains(path)) {
                throw new SettingsException(origin(key) + ": there is no key \"" + key + "\"" + Nearest.hint(key, keys(defaults(), "")));
            }
            if (known instanceof ObjectNode group) {
                if (!(entry.getValue() instanceof ObjectNode inner)) {
                    throw new SettingsException(origin(key) + ": " + key + ": holds the keys " + String.join(", ", keys(group, "")) + ", got "
                            + entry.getValue());
                }
                merge(group, inner, key);
            } else {
                base.set(entry.getKey(), entry.getValue());
            }
        });
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
                throw new SettingsException(source + ": the key \"" + key + "\" is missing");
            }
        }
        try {
            return YAML.treeToValue(tree, Spec.class);
        } catch (DatabindException e) {
            throw new SettingsException(describe(e));
        }
    }

    private String describe(DatabindException e) {
        String key = path(e);
        return switch (e) {
            case ValueInstantiationException invalid when invalid.getCause() instanceof IllegalArgumentException refused -> {
                // A record refuses one of its own components and names it first.
                String message = (key.isEmpty() ? "" : key + ".") + refused.getMessage();
                yield origin(message.substring(0, Math.max(0, message.indexOf(':')))) + ": " + message;
            }
            case InvalidFormatException format -> origin(key) + ": " + key + ": must be " + accepted(format.getTargetType())
                    + ", got " + format.getValue();
            case MismatchedInputException mismatch -> origin(key) + ": " + key + ": must be " + accepted(mismatch.getTargetType())
                    + ", got " + at(key);
            default -> origin(key) + ": " + key + ": " + firstLine(e);
        };
    }

    private static String path(DatabindException e) {
        var path = new StringBuilder();
        for (var step : e.getPath()) {
            if (step.getPropertyName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return path.toString();
    }

    private JsonNode at(String key) {
        JsonNode node = tree;
        for (String name : split(key)) {
            node = node.path(name);
        }
        return node;
    }

    private static String accepted(Class<?> type) {
        if (type == null) {
            return "of another type";
        }
        if (type.isEnum()) {
            return "one of " + String.join(", ", Arrays.stream(type.getEnumConstants())
                    .map(constant -> constant.toString().toLowerCase().replace('_', '-')).toList());
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
        return List.class.isAssignableFrom(type) ? "a list, such as [a, b]" : "text";
    }

    /** Where a key was given: on the command line, or in the file or preset. */
    private String origin(String key) {
        return overridden.contains(key) ? "command line" : source;
    }

    private static String firstLine(Exception e) {
        return e instanceof JacksonException jackson
                ? jackson.getOriginalMessage().lines().findFirst().orElse("")
                : String.valueOf(e.getMessage());
    }
}
