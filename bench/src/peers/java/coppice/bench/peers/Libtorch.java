package coppice.bench.peers;

import static coppice.bench.peers.Results.Quantity.CHANGES;
import static coppice.bench.peers.Results.Quantity.GRADIENTS;
import static coppice.bench.peers.Results.Quantity.INFERENCE;
import static coppice.bench.peers.Results.Quantity.LATER_LOSSES;
import static coppice.bench.peers.Results.Quantity.LOSS;
import static coppice.bench.peers.Results.Quantity.OUTPUT;
import static coppice.bench.peers.Results.Quantity.RUNNING_MEANS;
import static coppice.bench.peers.Results.Quantity.RUNNING_VARIANCES;

import coppice.nn.Layer;
import coppice.nn.Optimiser;
import coppice.nn.Parameter;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Adam;
import org.bytedeco.pytorch.AdamOptions;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Optimizer;
import org.bytedeco.pytorch.SGD;
import org.bytedeco.pytorch.SGDOptions;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Libtorch on the CPU, in one precision. Its memory is outside the heap, where no collector sees how much is held; a scope around each
 * batch gives it back.
 */
record Libtorch(Bridge bridge) implements Peer {

    /** The label that counts as none, where PyTorch's documentation has it. */
    private static final long NO_LABEL = -100;

    static Libtorch inSingle() {
        return new Libtorch(new Bridge(torch.ScalarType.Float));
    }

    static Libtorch inDouble() {
        return new Libtorch(new Bridge(torch.ScalarType.Double));
    }

    @Override
    public Results of(Subject.OfLayer subject) {
        var results = new Results();
        List<String> trained = subject.trained();
        try (var _ = new PointerScope()) {
            var network = new TorchNetwork(bridge, subject.layer(), subject.start());
            for (int batch = 0; batch < Subject.OfLayer.BATCHES; batch++) {
                try (var _ = new PointerScope()) {
                    Tensor x = bridge.batch(subject.x(batch), subject.inputs()).set_requires_grad(true);
                    Tensor y = subject.training() ? network.train(x, subject.draws(batch)) : network.infer(x);
                    Tensor g = bridge.batch(subject.g(batch), subject.outputs());
                    TensorVector gradients = gradients(y, g, Stream.concat(Stream.of(x), trained.stream().map(network::tensor)));
                    results.note(OUTPUT, "batch " + batch, Bridge.batchValues(y));
                    results.note(GRADIENTS, "x of batch " + batch, Bridge.batchValues(gradients.get(0)));
                    for (int i = 0; i < trained.size(); i++) {
                        String name = trained.get(i);
                        results.note(GRADIENTS, name + " of batch " + batch, network.stored(name, gradients.get(i + 1)));
                    }
                }
            }
            noteStatistics(results, subject.layer(), network);
        }
        return results;
    }

    private static TensorVector gradients(Tensor y, Tensor g, Stream<Tensor> sources) {
        return torch.grad(new TensorVector(y), new TensorVector(sources.toArray(Tensor[]::new)), new TensorVector(g), new BoolOptional(),
                false, false);
    }

    @Override
    public Results of(Subject.OfLoss subject) {
        var results = new Results();
        try (var _ = new PointerScope()) {
            Tensor outputs = bridge.batch(subject.outputs(), subject.batch()).set_requires_grad(true);
            Tensor labels = bridge.labels(subject.labels());
            Tensor loss = switch (subject.loss()) {
                case CROSS_ENTROPY -> crossEntropy(outputs, labels, subject.smoothing());
                // Theirs is a mean over classes, too, or no mean at all.
                case SQUARED_ERROR -> torch.mse_loss(outputs, torch.one_hot(labels, subject.classes()).to(bridge.type()), torch.Reduction.Sum.value)
                        .div(new Scalar(subject.batch().size(1)));
            };
            loss.backward();
            results.note(LOSS, "mean", Bridge.values(loss));
            results.note(GRADIENTS, "outputs", Bridge.batchValues(outputs.grad()));
        }
        return results;
    }

    /** The mean over the batch. @param logits [N, classes] */
    private static Tensor crossEntropy(Tensor logits, Tensor labels, double smoothing) {
        return torch.cross_entropy_loss(logits, labels, new TensorOptional(), torch.Reduction.Mean.value, NO_LABEL, smoothing);
    }

    @Override
    public Results of(Subject.OfModel subject) {
        var results = new Results();
        List<String> trained = subject.trained();
        Layer body = subject.model().body();
        try (var _ = new PointerScope()) {
            var network = new TorchNetwork(bridge, body, subject.start());
            var start = new TorchNetwork(bridge, body, subject.start());
            Optimizer optimizer = optimizer(subject, new TensorVector(trained.stream().map(network::tensor).toArray(Tensor[]::new)));
            for (int step = 0; step < Subject.OfModel.STEPS; step++) {
                try (var _ = new PointerScope()) {
                    Tensor logits = network.train(bridge.batch(subject.x(step), subject.images()), subject.draws(step));
                    Tensor loss = crossEntropy(logits, bridge.labels(subject.labels(step)), 0);
                    optimizer.zero_grad();
                    loss.backward();
                    network.maskGradients();
                    if (step == 0) {
                        results.note(OUTPUT, "logits", Bridge.batchValues(logits));
                        trained.forEach(name -> results.note(GRADIENTS, name, network.stored(name, network.tensor(name).grad())));
                    }
                    results.note(step == 0 ? LOSS : LATER_LOSSES, "step " + step, Bridge.values(loss));
                    optimizer.step();
                }
            }
            trained.forEach(name -> results.note(CHANGES, name,
                    network.stored(name, network.tensor(name).detach().sub(start.tensor(name).detach()))));
            noteStatistics(results, body, network);
            results.note(INFERENCE, "logits",
                    Bridge.batchValues(network.infer(bridge.batch(subject.x(Subject.OfModel.STEPS), subject.images()))));
        }
        return results;
    }

    private static Optimizer optimizer(Subject.OfModel subject, TensorVector weights) {
        switch (subject.optimiser()) {
            case Optimiser.Sgd(double momentum, boolean nesterov, double decay) -> {
                var options = new SGDOptions(subject.rate());
                options.momentum().put(momentum);
                options.nesterov().put(nesterov);
                options.weight_decay().put(decay);
                return new SGD(weights, options);
            }
            case Optimiser.Adam(double beta1, double beta2, double epsilon, double decay) -> {
                if (beta1 != 0.9 || beta2 != 0.999) {
                    throw new IllegalArgumentException("libtorch: Adam keeps its betas of 0.9 and 0.999, got " + beta1 + " and " + beta2);
                }
                var options = new AdamOptions(subject.rate());
                options.eps().put(epsilon);
                options.weight_decay().put(decay);
                return new Adam(weights, options);
            }
        }
    }

    private static void noteStatistics(Results results, Layer layer, TorchNetwork network) {
        for (Parameter parameter : layer.parameters()) {
            switch (parameter.role()) {
                case MEAN -> results.note(RUNNING_MEANS, parameter.name(), Bridge.values(network.tensor(parameter.name())));
                case VARIANCE -> results.note(RUNNING_VARIANCES, parameter.name(), Bridge.values(network.tensor(parameter.name())));
                case WEIGHT, BIAS, SCALE -> { }
            }
        }
    }
}
