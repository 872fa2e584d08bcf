#!/usr/bin/env python3
"""What PyTorch makes of one step and of ten, for whole networks: written to golden.json, read by AgreementTest.

Computed in double precision. Beside each result stands "rounding": how far PyTorch's own single precision is from it, measured as the
test measures ours. Biases lie AWAY from 0, so that few values are near the kinks of ReLUs, and rates are small, so that ten steps stay
near where they began: where a ReLU is on the other side of 0, it changes what follows, and further on more.

Run:  python3 golden.py   (torch 2.13, numpy; any CPU)

Weights and examples are drawn by `drawn`, which the test repeats bit for bit, so that only results need to be kept: of each tensor its
norm and its first eight values. A network here is a list of layers written down a second time from the papers' tables; its weights come
in the order in which they are made, which is the order of the model in coppice.nn.models.
"""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
MOMENTUM, DECAY, STEPS = 0.9, 5e-4, 10
AWAY = 3  # how far biases are from 0, in deviations of what they are added to


def drawn(seed, count):
    """Evenly distributed in [-1, 1), by a 32-bit mixing function of seed and index."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) + np.uint32((seed * 0x9E3779B1) & 0xFFFFFFFF)
        for _ in range(2):
            x ^= x >> np.uint32(16)
            x *= np.uint32(0x45D9F3B)
        x ^= x >> np.uint32(16)
    return (x.astype(np.float64) / 2**31 - 1)


class Network:
    """Weights made one after the other, and running statistics beside them."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.weights, self.statistics = [], []

    def weight(self, *shape):
        fan_in = int(np.prod(shape[1:]))
        return self.add(shape, lambda v: v * np.sqrt(6.0 / fan_in))

    def bias(self, n):
        """Around AWAY or -AWAY, by the sign of what is drawn."""
        return self.add((n,), lambda v: 0.1 * v + np.where(v < 0, -AWAY, AWAY))

    def scale(self, n):
        return self.add((n,), lambda v: 1 + 0.1 * v)

    def add(self, shape, f):
        values = f(drawn(len(self.weights) + 1, int(np.prod(shape)))).astype(np.float32).reshape(shape)
        self.weights.append(torch.tensor(values, dtype=self.dtype, requires_grad=True))
        return self.weights[-1]

    def conv(self, i, o, k, stride=1, padding=None, bias=False):
        w = self.weight(o, i, k, k)
        b = self.bias(o) if bias else None
        return lambda x, train: F.conv2d(x, w, b, stride, k // 2 if padding is None else padding)

    def norm(self, n):
        scale, shift = self.scale(n), self.bias(n)
        mean, variance = torch.zeros(n, dtype=self.dtype), torch.ones(n, dtype=self.dtype)
        self.statistics += [mean, variance]
        return lambda x, train: F.batch_norm(x, mean, variance, scale, shift, training=train, momentum=0.1, eps=1e-5)

    def linear(self, i, o):
        w, b = self.weight(o, i), self.bias(o)
        return lambda x, train: F.linear(x, w, b)


def relu(x, train):
    return F.relu(x)


def pool(x, train):
    return F.max_pool2d(x, 2)


def global_average(x, train):
    return x.mean((2, 3))


def flatten(x, train):
    return x.flatten(1)


def chain(*layers):
    def run(x, train):
        for layer in layers:
            x = layer(x, train)
        return x
    return run


def conv4(n):
    return chain(n.conv(3, 64, 3, bias=True), relu, n.conv(64, 64, 3, bias=True), relu, pool,
                 n.conv(64, 128, 3, bias=True), relu, n.conv(128, 128, 3, bias=True), relu, pool, flatten,
                 n.linear(128 * 8 * 8, 256), relu, n.linear(256, 256), relu, n.linear(256, 10))


def residual(body, shortcut):
    return lambda x, train: F.relu(body(x, train) + shortcut(x, train))


def shortcut(n, i, o, stride):
    if i == o and stride == 1:
        return lambda x, train: x
    return chain(n.conv(i, o, 1, stride), n.norm(o))


def basic(n, i, o, stride):
    body = chain(n.conv(i, o, 3, stride), n.norm(o), relu, n.conv(o, o, 3), n.norm(o))
    return residual(body, shortcut(n, i, o, stride))


def bottleneck(n, i, middle, stride):
    o = 4 * middle
    body = chain(n.conv(i, middle, 1), n.norm(middle), relu, n.conv(middle, middle, 3, stride), n.norm(middle), relu,
                 n.conv(middle, o, 1), n.norm(o))
    return residual(body, shortcut(n, i, o, stride))


def resnet20(n):
    layers, channels = [n.conv(3, 16, 3), n.norm(16), relu], 16
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            layers.append(basic(n, channels, width, 2 if stage and not block else 1))
            channels = width
    return chain(*layers, global_average, n.linear(64, 10))


def vgg16(n):
    layers, channels = [], 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if width:
            layers += [n.conv(channels, width, 3, bias=True), n.norm(width), relu]
            channels = width
        else:
            layers.append(pool)
    return chain(*layers, global_average, n.linear(512, 10))


def resnet50(n):
    layers, channels = [n.conv(3, 64, 7, 2), n.norm(64), relu, lambda x, train: F.max_pool2d(x, 3, 2, 1)], 64
    for stage, (blocks, middle) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for block in range(blocks):
            layers.append(bottleneck(n, channels, middle, 2 if stage and not block else 1))
            channels = 4 * middle
    return chain(*layers, global_average, n.linear(2048, 10))


CASES = {"conv-4": (conv4, 32, 8, 0.0001), "resnet-20": (resnet20, 32, 8, 0.001), "vgg-16": (vgg16, 32, 16, 0.001),
         "resnet-50": (resnet50, 96, 6, 0.0001)}


def run(make, side, batch, rate, dtype):
    """All that is compared: lists of tensors by what they are."""
    n = Network(dtype)
    network = make(n)
    x = torch.tensor(drawn(1001, batch * 3 * side * side).astype(np.float32).reshape(batch, 3, side, side) * np.float32(2), dtype=dtype)
    labels = torch.arange(batch) % 10
    result = {"losses": []}
    starts = [w.detach().clone() for w in n.weights]
    optimiser = torch.optim.SGD(n.weights, lr=rate, momentum=MOMENTUM, weight_decay=DECAY)
    for step in range(STEPS):
        optimiser.zero_grad()
        logits = network(x, True)
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        if step == 0:
            result["logits"] = [logits.detach().clone()]
            result["gradients"] = [w.grad.clone() for w in n.weights]
        result["losses"].append(loss.detach().clone())
        optimiser.step()
    result["changes"] = [w.detach() - start for w, start in zip(n.weights, starts)]
    result["statistics"] = n.statistics
    with torch.no_grad():
        result["inference"] = [network(x, False)]
    return result


def error(got, expected):
    """The norm of the difference over the norm."""
    got, expected = np.array(got), np.array(expected)
    return float(np.linalg.norm(got - expected) / np.linalg.norm(expected))


def told(tensors):
    """What is kept of many tensors."""
    return [{"norm": float(t.double().norm()), "first": [float(v) for v in t.flatten()[:8]]} for t in tensors]


def case(make, side, batch, rate):
    exact = run(make, side, batch, rate, torch.float64)
    single = run(make, side, batch, rate, torch.float32)
    result = {"side": side, "batch": batch, "rate": rate, "momentum": MOMENTUM, "decay": DECAY, "steps": STEPS, "rounding": {}}
    for what in ("losses", "logits", "inference"):
        result[what] = [float(v) for v in torch.stack(exact[what]).flatten()]
        result["rounding"][what] = error([float(v) for v in torch.stack(single[what]).flatten()], result[what])
    for what in ("gradients", "changes", "statistics"):
        result[what] = told(exact[what])
        for part in ("norm", "first") if exact[what] else ():
            result["rounding"][what + " " + part] = error(*(np.hstack([t[part] for t in told(r[what])]) for r in (single, exact)))
    return result


if __name__ == "__main__":
    golden = {name: case(*settings) for name, settings in CASES.items()}
    golden["torch"] = torch.__version__
    with open(os.path.join(HERE, "golden.json"), "w") as file:
        json.dump(golden, file, indent=None, separators=(",", ":"))
        file.write("\n")
    for name in CASES:
        print(name, golden[name]["losses"], golden[name]["rounding"])
