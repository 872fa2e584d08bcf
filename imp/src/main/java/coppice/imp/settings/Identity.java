package coppice.imp.settings;

import coppice.imp.store.Sha256;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What makes a run the one it is: the settings that differ from the defaults. A setting that is added later, with a default that
 * means what was done before, renames no run; neither does moving the data.
 *
 * @param differing the settings that differ from the defaults, key to value, in the order of the keys
 */
public record Identity(SequencedMap<String, String> differing) {

    /** Where the data lies, which changes no result. */
    private static final String LOCATION = "data.root";

    public static Identity of(Spec spec) {
        var differing = new TreeMap<String, String>();
        collect(SpecReader.toTree(spec), SpecReader.defaults(), "", differing);
        differing.remove(LOCATION);
        return new Identity(differing);
    }

    private static void collect(JsonNode value, JsonNode standard, String path, TreeMap<String, String> differing) {
        if (value.isObject()) {
            value.properties().forEach(entry -> collect(entry.getValue(), standard.path(entry.getKey()),
                    path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(), differing));
        } else if (!same(value, standard)) {
            differing.put(path, value.toString());
        }
    }

    private static boolean same(JsonNode a, JsonNode b) {
        return a.isNumber() && b.isNumber() ? a.decimalValue().compareTo(b.decimalValue()) == 0 : a.equals(b);
    }

    /** The name of the run's folder: the run's name and six hexadecimal digits of a hash of this. */
    public String folderName(Spec spec) {
        return spec.name() + "-" + Sha256.of(differing.toString()).hex().substring(0, 6);
    }
}
