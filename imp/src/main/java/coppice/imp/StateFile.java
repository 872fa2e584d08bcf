package coppice.imp;

import coppice.imp.store.Entry;
import coppice.imp.store.Safetensors;
import coppice.imp.store.SnapshotFile;
import coppice.imp.store.StoreException;
import coppice.nn.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/** Where a training stands, as a file: weights, moments, and how many steps were taken. */
record StateFile(Path path) {

    private static final String WEIGHTS = "weights/";
    private static final String MOMENTS = "moments/";

    /** @param more further metadata, kept beside the state */
    void write(Trainer.State state, Map<String, String> more) {
        SequencedMap<String, Entry> entries = SnapshotFile.entries(WEIGHTS, state.weights());
        entries.putAll(SnapshotFile.entries(MOMENTS, state.moments()));
        var metadata = new LinkedHashMap<>(more);
        metadata.put("iteration", Long.toString(state.iteration()));
        metadata.put("updates", Long.toString(state.updates()));
        new Safetensors(entries, metadata).write(path);
    }

    /**
     * The state, if there is one; a damaged one is noted and not used.
     *
     * @param like a state of the same forms
     */
    Optional<Trainer.State> read(Trainer.State like, Progress progress) {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        try {
            return Optional.of(state(Safetensors.read(path), like));
        } catch (StoreException damaged) {
            progress.note(damaged.getMessage() + " – this training starts over");
            return Optional.empty();
        }
    }

    /** @throws StoreException if the content is not a state of those forms */
    Trainer.State state(Safetensors content, Trainer.State like) {
        return new Trainer.State(
                Long.parseLong(metadata(content, "iteration")),
                Long.parseLong(metadata(content, "updates")),
                SnapshotFile.read(path, content, WEIGHTS, like.weights()),
                SnapshotFile.read(path, content, MOMENTS, like.moments()));
    }

    /** @throws StoreException if there is no such entry */
    String metadata(Safetensors content, String key) {
        return metadata(path, content, key);
    }

    static String metadata(Path file, Safetensors content, String key) {
        String value = content.metadata().get(key);
        if (value == null) {
            throw new StoreException(file, "lacks the metadata entry " + key, "remove the file; the training that made it is then done again");
        }
        return value;
    }
}
