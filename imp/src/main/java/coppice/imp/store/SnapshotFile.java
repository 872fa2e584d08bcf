package coppice.imp.store;

import coppice.engine.Mask;
import coppice.engine.Shape;
import coppice.nn.Snapshot;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/**
 * How weights and masks lie in safetensors files: a masked weight as its surviving values, shape [count]; its mask as their
 * positions. In Python, {@code dense.flat[positions] = values} puts them back.
 */
public final class SnapshotFile {

    private SnapshotFile() {}

    /** The entries of a snapshot, each under its name with a prefix. */
    public static SequencedMap<String, Entry> entries(String prefix, Snapshot snapshot) {
        var entries = new LinkedHashMap<String, Entry>();
        snapshot.values().forEach((name, value) ->
                entries.put(prefix + name, new Entry.Floats(value.form().stored(), value.values())));
        return entries;
    }

    /**
     * The values of a snapshot of known forms.
     *
     * @param like a snapshot with the names and forms that are expected
     * @throws StoreException if the file lacks a name or holds it in another shape
     */
    public static Snapshot read(Path file, Safetensors content, String prefix, Snapshot like) {
        var values = new LinkedHashMap<String, Snapshot.Value>();
        like.values().forEach((name, expected) -> {
            Entry entry = content.entries().get(prefix + name);
            if (!(entry instanceof Entry.Floats floats) || !floats.shape().equals(expected.form().stored())) {
                throw new StoreException(file, "must hold " + prefix + name + " as F32 of shape " + expected.form().stored() + ", "
                        + (entry == null ? "and lacks it" : "got " + entry.dtype() + " of " + entry.shape()),
                        "remove the file; the training that made it is then done again");
            }
            values.put(name, new Snapshot.Value(expected.form(), floats.values()));
        });
        return new Snapshot(values);
    }

    /** A mask file; see {@link LevelFolder#mask()}. */
    public static Safetensors masks(Map<String, Mask> masks) {
        var entries = new LinkedHashMap<String, Entry>();
        var shapes = new LinkedHashMap<String, String>();
        masks.forEach((name, mask) -> {
            entries.put(name, new Entry.Ints(Shape.of(mask.count()), mask.positions()));
            shapes.put(name, Arrays.stream(mask.shape().toArray()).mapToObj(Integer::toString).collect(Collectors.joining(",")));
        });
        return new Safetensors(entries, shapes);
    }
}
