package coppice.imp;

import coppice.imp.store.Branch;

/**
 * One training of a run: a row of its results.
 *
 * @param replicate from 1
 * @param level     from 0, the dense network
 */
public record Stage(int replicate, int level, Branch branch) {

    @Override
    public String toString() {
        return "replicate " + replicate + ", level " + level + ", " + branch.label();
    }
}
