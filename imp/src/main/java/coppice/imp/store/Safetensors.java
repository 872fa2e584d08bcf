package coppice.imp.store;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Named tensors and a few words about them, kept in the public safetensors format: a little-endian 64-bit header length, a JSON
 * header, the raw values (<a href="https://github.com/huggingface/safetensors#format">format</a>). Python's
 * {@code safetensors} opens the files.
 *
 * <p>The same content gives the same bytes. The metadata of a written file carry a SHA-256 of everything else in it, under
 * {@value #DIGEST}, and reading checks it.
 *
 * @param entries the tensors by name, in the order of the header
 * @param metadata free text by name, in alphabetical order; without the digest
 */
public record Safetensors(SequencedMap<String, Entry> entries, Map<String, String> metadata) {

    /** The metadata key of the digest. */
    public static final String DIGEST = "coppice.sha256";

    /** The header key of the metadata, which therefore no tensor can be named. */
    static final String METADATA = "__metadata__";

    public Safetensors {
        if (entries.containsKey(METADATA)) {
            throw new IllegalArgumentException("safetensors: a tensor cannot be named " + METADATA + ", the format keeps its metadata there");
        }
        if (metadata.containsKey(DIGEST)) {
            throw new IllegalArgumentException("safetensors: the metadata key " + DIGEST + " is set by writing, it cannot be given");
        }
        entries = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(entries));
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    }

    /**
     * Reads a file written by {@link #write}. Every size is checked against the length of the file before memory is taken for it.
     *
     * @throws StoreException if the file cannot be read, is damaged, or carries no digest
     */
    public static Safetensors read(Path file) {
        return SafetensorsReader.read(file, true);
    }

    /**
     * Reads a safetensors file from elsewhere, as {@link #read}; it may lack a digest.
     *
     * @throws StoreException if the file cannot be read, is damaged, or has tensors of a type that is not in {@link Dtype}
     */
    public static Safetensors importFrom(Path file) {
        return SafetensorsReader.read(file, false);
    }

    /**
     * Writes the file as an {@link AtomicFile}.
     *
     * @throws StoreException if it cannot be written
     */
    public void write(Path file) {
        SafetensorsWriter.write(this, file);
    }

    /**
     * The F32 tensor of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Entry.Floats floats(String name) {
        return entries.get(name) instanceof Entry.Floats floats ? floats : refuse(name, Dtype.F32);
    }

    /**
     * The I32 tensor of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Entry.Ints ints(String name) {
        return entries.get(name) instanceof Entry.Ints ints ? ints : refuse(name, Dtype.I32);
    }

    private <T> T refuse(String name, Dtype wanted) {
        Entry entry = entries.get(name);
        throw new IllegalArgumentException("safetensors: expected " + name + " of type " + wanted + ", got "
                + (entry == null ? "tensors " + entries.keySet() : name + " of type " + entry.dtype()));
    }
}
