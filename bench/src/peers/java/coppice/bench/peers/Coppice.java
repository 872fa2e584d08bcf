package coppice.bench.peers;

import static coppice.bench.peers.Results.Quantity.CHANGES;
import static coppice.bench.peers.Results.Quantity.GRADIENTS;
import static coppice.bench.peers.Results.Quantity.INFERENCE;
import static coppice.bench.peers.Results.Quantity.LATER_LOSSES;
import static coppice.bench.peers.Results.Quantity.LOSS;
import static coppice.bench.peers.Results.Quantity.OUTPUT;
import static coppice.bench.peers.Results.Quantity.RUNNING_MEANS;
import static coppice.bench.peers.Results.Quantity.RUNNING_VARIANCES;
import static coppice.engine.Elementwise.multiply;
import static coppice.engine.Reduction.sum;

import coppice.engine.Backend;
import coppice.engine.Shape;
import coppice.engine.Tape;
import coppice.engine.Tensor;
import coppice.nn.Layer;
import coppice.nn.Loss;
import coppice.nn.Parameter;
import coppice.nn.Pass;
import coppice.nn.Snapshot;
import coppice.nn.Weights;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

/** Our own engine, on one backend; its single precision is the only one it has. */
record Coppice(Backend backend) implements Peer {

    @Override
    public Results of(Subject.OfLayer subject) {
        var results = new Results();
        List<String> trained = subject.trained();
        try (Weights weights = Weights.of(backend, subject.start())) {
            for (int batch = 0; batch < Subject.OfLayer.BATCHES; batch++) {
                try (Tape tape = new Tape(); Tensor values = Tensor.of(backend, subject.inputs(), subject.x(batch))) {
                    Pass pass = subject.training() ? Pass.training(tape, weights, subject.draws(batch)) : Pass.inference(weights);
                    Tensor x = tape.watch(values);
                    Tensor y = subject.layer().forward(pass, x);
                    Tensor g = tape.input(backend, subject.outputs(), subject.g(batch));
                    List<Tensor> sources = Stream.concat(Stream.of(x), trained.stream().map(pass::weight)).toList();
                    List<Tensor> gradients = tape.gradients(sum(multiply(y, g)), sources);
                    results.note(OUTPUT, "batch " + batch, y.values());
                    results.note(GRADIENTS, "x of batch " + batch, gradients.getFirst().values());
                    for (int i = 0; i < trained.size(); i++) {
                        results.note(GRADIENTS, trained.get(i) + " of batch " + batch, gradients.get(i + 1).values());
                    }
                    weights.updateRunningStatistics(pass.observations());
                }
            }
            noteStatistics(results, subject.layer(), weights);
        }
        return results;
    }

    @Override
    public Results of(Subject.OfLoss subject) {
        var results = new Results();
        try (Tape tape = new Tape(); Tensor values = Tensor.of(backend, subject.batch(), subject.outputs())) {
            Tensor outputs = tape.watch(values);
            Tensor loss = subject.loss().of(outputs, tape.input(backend, subject.batch(), subject.targets()));
            results.note(LOSS, "mean", loss.item());
            results.note(GRADIENTS, "outputs", tape.gradients(loss, List.of(outputs)).getFirst().values());
        }
        return results;
    }

    @Override
    public Results of(Subject.OfModel subject) {
        var results = new Results();
        List<String> trained = subject.trained();
        Snapshot start = subject.start();
        var moments = new LinkedHashMap<String, Weights>();
        subject.optimiser().moments().forEach(moment -> moments.put(moment, Weights.of(backend, start.zeros())));
        try (Weights weights = Weights.of(backend, start)) {
            for (int step = 0; step < Subject.OfModel.STEPS; step++) {
                try (Tape tape = new Tape()) {
                    Pass pass = Pass.training(tape, weights, subject.draws(step));
                    Tensor logits = subject.model().body().forward(pass, tape.input(backend, subject.images(), subject.x(step)));
                    Tensor targets = tape.input(backend, logits.shape(), oneHot(subject.labels(step), logits.shape()));
                    Tensor loss = Loss.CROSS_ENTROPY.of(logits, targets);
                    List<Tensor> gradients = tape.gradients(loss, trained.stream().map(pass::weight).toList());
                    if (step == 0) {
                        results.note(OUTPUT, "logits", logits.values());
                    }
                    results.note(step == 0 ? LOSS : LATER_LOSSES, "step " + step, loss.item());
                    for (int i = 0; i < trained.size(); i++) {
                        String name = trained.get(i);
                        if (step == 0) {
                            results.note(GRADIENTS, name, gradients.get(i).values());
                        }
                        subject.optimiser().step(subject.rate(), step + 1, weights.get(name), gradients.get(i),
                                moments.values().stream().map(moment -> moment.get(name)).toList());
                    }
                    weights.updateRunningStatistics(pass.observations());
                }
            }
            trained.forEach(name -> results.note(CHANGES, name, change(start.get(name).values(), weights.get(name).values())));
            noteStatistics(results, subject.model().body(), weights);
            try (Tape tape = new Tape()) {
                Tensor images = tape.input(backend, subject.images(), subject.x(Subject.OfModel.STEPS));
                results.note(INFERENCE, "logits", subject.model().body().forward(Pass.inference(weights), images).values());
            }
        } finally {
            moments.values().forEach(Weights::close);
        }
        return results;
    }

    private static void noteStatistics(Results results, Layer layer, Weights weights) {
        for (Parameter parameter : layer.parameters()) {
            switch (parameter.role()) {
                case MEAN -> results.note(RUNNING_MEANS, parameter.name(), weights.get(parameter.name()).values());
                case VARIANCE -> results.note(RUNNING_VARIANCES, parameter.name(), weights.get(parameter.name()).values());
                case WEIGHT, BIAS, SCALE -> { }
            }
        }
    }

    private static double[] change(float[] from, float[] to) {
        double[] change = new double[from.length];
        for (int i = 0; i < change.length; i++) {
            change[i] = (double) to[i] - from[i];
        }
        return change;
    }

    /** 1 at each label and 0 elsewhere. @param shape [classes, N] */
    private static float[] oneHot(int[] labels, Shape shape) {
        float[] targets = new float[shape.size()];
        for (int n = 0; n < labels.length; n++) {
            targets[labels[n] * labels.length + n] = 1;
        }
        return targets;
    }
}
