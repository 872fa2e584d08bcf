package coppice.imp.store;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The networks trained at one level: the ticket, and the two controls of Frankle and Carbin (2019, section 2) it is judged against. */
public enum Branch {

    /** The weights that survive pruning, rewound. At level 0 nothing is pruned yet: the dense network. */
    TICKET("ticket"),
    /** The ticket's mask with freshly drawn initial weights, trained from iteration 0, wherever the ticket is rewound to. */
    RANDOM_REINIT("random-reinit"),
    /** The weights at the rewind point and the ticket's number of survivors per layer, at positions drawn at random. */
    RANDOM_MASK("random-mask");

    private final String label;

    Branch(String label) {
        this.label = label;
    }

    /** The name used in files and reports. */
    public String label() {
        return label;
    }

    /** The branch of a label. */
    public static Branch of(String label) {
        for (Branch branch : values()) {
            if (branch.label.equals(label)) {
                return branch;
            }
        }
        throw new IllegalArgumentException("branch: expected one of "
                + Arrays.stream(values()).map(Branch::label).collect(Collectors.joining(", ")) + ", got '" + label + "'");
    }
}
