package coppice.imp.store;

import coppice.engine.Shape;
import coppice.engine.ShapeException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON header of a safetensors file:
 * {@code {"__metadata__": {name: text}, name: {"dtype": "F32", "shape": [300, 784], "data_offsets": [begin, end]}}}.
 *
 * @param tensors in the order of the JSON, which need not be the order of their offsets
 */
record Header(Map<String, String> metadata, List<Tensor> tensors) {

    /** The bytes {@code begin} to {@code end − 1} of the data section. */
    record Tensor(String name, Dtype dtype, Shape shape, long begin, long end) {
    }

    /** A header that is not as the format has it; the message says how. */
    static final class Malformed extends Exception {
        Malformed(String problem) {
            super(problem);
        }
    }

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final Set<String> KEYS = Set.of("dtype", "shape", "data_offsets");

    /** The JSON, padded with spaces so that the data section begins at a multiple of 8. */
    byte[] toJson() {
        var root = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            metadata.forEach(root.putObject(Safetensors.METADATA)::put);
        }
        for (Tensor tensor : tensors) {
            var node = root.putObject(tensor.name).put("dtype", tensor.dtype.name());
            Arrays.stream(tensor.shape.toArray()).forEach(node.putArray("shape")::add);
            node.putArray("data_offsets").add(tensor.begin).add(tensor.end);
        }
        byte[] json = JSON.writeValueAsBytes(root);
        byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    static Header parse(byte[] json) throws Malformed {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new Malformed("the header is no JSON (" + e.getOriginalMessage() + ")");
        }
        require(root.isObject(), "the header is no JSON object");
        var metadata = new TreeMap<String, String>();
        var tensors = new ArrayList<Tensor>();
        for (var member : root.properties()) {
            if (member.getKey().equals(Safetensors.METADATA)) {
                require(member.getValue().isObject(), Safetensors.METADATA + " is no JSON object");
                for (var text : member.getValue().properties()) {
                    require(text.getValue().isString(), "the metadata entry " + text.getKey() + " is no text");
                    metadata.put(text.getKey(), text.getValue().stringValue());
                }
            } else {
                tensors.add(tensor(member.getKey(), member.getValue()));
            }
        }
        return new Header(metadata, tensors);
    }

    private static Tensor tensor(String name, JsonNode node) throws Malformed {
        require(node.isObject() && Set.copyOf(node.propertyNames()).equals(KEYS),
                "tensor " + name + " must have dtype, shape and data_offsets, it has " + node.propertyNames());
        Dtype dtype = dtype(name, node.get("dtype"));
        long[] sizes = integers(name, "shape", node.get("shape"));
        long[] offsets = integers(name, "data_offsets", node.get("data_offsets"));
        require(offsets.length == 2 && offsets[0] >= 0 && offsets[1] >= offsets[0],
                "tensor " + name + ": data_offsets must be [begin, end], got " + Arrays.toString(offsets));
        Shape shape;
        try {
            shape = Shape.of(Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray());
        } catch (ShapeException | ArithmeticException e) {
            throw new Malformed("tensor " + name + ": no valid shape " + Arrays.toString(sizes));
        }
        long bytes = (long) shape.size() * dtype.width();
        require(offsets[1] - offsets[0] == bytes, "tensor " + name + ": " + dtype + " " + shape + " takes " + bytes
                + " bytes, its data_offsets " + Arrays.toString(offsets) + " hold " + (offsets[1] - offsets[0]));
        return new Tensor(name, dtype, shape, offsets[0], offsets[1]);
    }

    private static Dtype dtype(String name, JsonNode node) throws Malformed {
        for (Dtype dtype : Dtype.values()) {
            if (node.isString() && dtype.name().equals(node.stringValue())) {
                return dtype;
            }
        }
        throw new Malformed("tensor " + name + ": dtype must be one of " + Arrays.toString(Dtype.values()) + ", got " + node);
    }

    private static long[] integers(String name, String key, JsonNode node) throws Malformed {
        require(node.isArray(), "tensor " + name + ": " + key + " must be an array, got " + node);
        var integers = new long[node.size()];
        for (int i = 0; i < integers.length; i++) {
            JsonNode number = node.get(i);
            require(number.isIntegralNumber() && number.canConvertToLong(),
                    "tensor " + name + ": " + key + " must hold integers, got " + node);
            integers[i] = number.longValue();
        }
        return integers;
    }

    /**
     * A SHA-256 that has seen all of the header but the digest itself, and is to see the data section: one line
     * {@code key TAB text} per metadata entry in alphabetical order and one line
     * {@code name TAB dtype TAB shape TAB begin TAB end} per tensor in the order of the header.
     */
    MessageDigest digest() {
        var lines = new StringBuilder();
        metadata.forEach((key, text) -> {
            if (!key.equals(Safetensors.DIGEST)) {
                lines.append(key).append('\t').append(text).append('\n');
            }
        });
        for (Tensor tensor : tensors) {
            lines.append(tensor.name).append('\t').append(tensor.dtype).append('\t').append(tensor.shape)
                    .append('\t').append(tensor.begin).append('\t').append(tensor.end).append('\n');
        }
        MessageDigest digest = Sha256.start();
        digest.update(lines.toString().getBytes(StandardCharsets.UTF_8));
        return digest;
    }

    /** This header with the digest among its metadata. */
    Header withDigest(String digest) {
        var signed = new TreeMap<>(metadata);
        signed.put(Safetensors.DIGEST, digest);
        return new Header(signed, tensors);
    }

    private static void require(boolean condition, String problem) throws Malformed {
        if (!condition) {
            throw new Malformed(problem);
        }
    }
}
