package coppice.nn;

import coppice.engine.Form;
import coppice.engine.Mask;
import coppice.engine.Seed;
import coppice.engine.ShapeException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/** Named values off the device: what is saved, rewound, masked and compared. Masked values are compact here, too. */
public record Snapshot(SequencedMap<String, Value> values) {

    /** @param values the stored values: all of a dense form, or the survivors of a masked one */
    public record Value(Form form, float[] values) {

        public Value {
            if (values.length != form.stored().size()) {
                throw new ShapeException("snapshot: " + form + " stores " + form.stored().size() + " values, got " + values.length);
            }
        }

        /** The values that survive a mask; all of which must exist here. */
        public Value restrict(Mask mask) {
            if (form.isMasked() && form.mask().equals(mask)) {
                return this;
            }
            if (!mask.shape().equals(form.shape())) {
                throw new ShapeException("restrict: the mask must have the value's shape " + form.shape() + ", got " + mask);
            }
            float[] kept = new float[mask.count()];
            int from = 0;
            for (int i = 0; i < kept.length; i++) {
                int position = mask.position(i);
                if (!form.isMasked()) {
                    from = position;
                } else {
                    while (from < values.length && form.mask().position(from) < position) {
                        from++;
                    }
                    if (from == values.length || form.mask().position(from) != position) {
                        throw new ShapeException("restrict: the mask asks for position " + position + ", which was pruned before");
                    }
                }
                kept[i] = values[from];
            }
            return new Value(Form.masked(mask), kept);
        }
    }

    public Snapshot {
        values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
    }

    /** The starting values of a model, scales at one. */
    public static Snapshot initial(Model model, Initialiser initialiser, Seed seed) {
        return initial(model, initialiser, ScaleInitialiser.ONE, seed);
    }

    /** The starting values of a model. */
    public static Snapshot initial(Model model, Initialiser initialiser, ScaleInitialiser scales, Seed seed) {
        var values = new LinkedHashMap<String, Value>();
        for (Parameter parameter : model.parameters()) {
            float[] start = parameter.role() == Parameter.Role.SCALE ? scales.values(parameter, seed) : initialiser.values(parameter, seed);
            values.put(parameter.name(), new Value(Form.dense(parameter.shape()), start));
        }
        return new Snapshot(values);
    }

    /** Zeros of the same forms. */
    public Snapshot zeros() {
        var zeros = new LinkedHashMap<String, Value>();
        values.forEach((name, value) -> zeros.put(name, new Value(value.form(), new float[value.values().length])));
        return new Snapshot(zeros);
    }

    /** The same values with only the survivors of each mask; values without a mask stay whole. */
    public Snapshot restrict(Map<String, Mask> masks) {
        var kept = new LinkedHashMap<String, Value>();
        values.forEach((name, value) -> kept.put(name, masks.containsKey(name) ? value.restrict(masks.get(name)) : value));
        return new Snapshot(kept);
    }

    public Value get(String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("snapshot: there is no \"" + name + "\", only " + values.keySet());
        }
        return value;
    }

    /** How many values of a name exist. */
    public long count(String name) {
        return get(name).values().length;
    }
}
