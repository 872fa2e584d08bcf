package coppice.bench.peers;

/** An engine that can be asked what a subject computes. Peers answer with the same quantities under the same names. */
interface Peer {

    Results of(Subject.OfLayer subject);

    Results of(Subject.OfLoss subject);

    Results of(Subject.OfModel subject);

    default Results of(Subject subject) {
        return switch (subject) {
            case Subject.OfLayer layer -> of(layer);
            case Subject.OfLoss loss -> of(loss);
            case Subject.OfModel model -> of(model);
        };
    }
}
