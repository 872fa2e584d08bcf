"""Whole training steps of Coppice against PyTorch on the same machine, turn by turn in one run.

    python bench/src/peers/python/training_step.py [network ...]

Needs torch (any build that runs on this CPU), a JDK 25 and Maven, on processors other than Intel's a C compiler. For each network, its PyTorch
step is measured as shipped, and tuned: in both memory formats, as shipped, with an allocator that keeps its memory and, on processors other than
Intel's, with that and AVX-512 for products (tuned.py); the fastest of these is timed once more and counts. Then TrainingStep, dense and at some
densities. All use the same batch, random data, cross entropy and SGD with momentum and decay, on two threads; both sides give their median step.
Rounds alternate, so that a slow minute of the machine meets both; how far its two cores are from each other (HandOver) is noted beside each step.
Writes each network's steps to a CSV in bench/results as they are measured, and prints the medians as a table.
"""

import argparse
import csv
import datetime
import itertools
import json
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

import tuned

NETWORKS = {"lenet-300-100": 60, "conv-2": 60, "resnet-20": 128, "vgg-16": 128}
DENSITIES = [1.0, 0.1, 0.05, 0.02]
ROOT = pathlib.Path(__file__).resolve().parents[4]


def network(name):
    """The model of coppice.nn.models of that name, and the shape of an example."""
    from torch import nn

    def vgg(*widths):
        layers, channels = [], 3
        for width in widths:
            if width == 0:
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                channels = width
        return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, 10))

    class Block(nn.Module):
        def __init__(self, into, out, stride):
            super().__init__()
            self.body = nn.Sequential(
                nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(),
                nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
            self.shortcut = nn.Identity() if into == out else nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))

        def forward(self, x):
            return (self.body(x) + self.shortcut(x)).relu()

    if name == "lenet-300-100":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 300), nn.ReLU(), nn.Linear(300, 100), nn.ReLU(), nn.Linear(100, 10)), (1, 28, 28)
    if name == "conv-2":
        return nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(64 * 16 * 16, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10)), (3, 32, 32)
    if name == "resnet-20":
        blocks = [Block(into, out, stride) for out in (16, 32, 64)
                  for into, stride in [(max(16, out // 2), 1 if out == 16 else 2), (out, 1), (out, 1)]]
        return nn.Sequential(nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), *blocks,
                             nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)), (3, 32, 32)
    if name == "vgg-16":
        return vgg(64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0), (3, 32, 32)
    raise SystemExit(f"no such network: {name}; there are {', '.join(NETWORKS)}")


def torch_step(name, batch, channels_last, seconds):
    """The median milliseconds of a step, after as long a warm-up."""
    import torch

    torch.set_num_threads(2)
    torch.manual_seed(1)
    model, example = network(name)
    data = torch.randn(batch, *example)
    if channels_last:
        model, data = model.to(memory_format=torch.channels_last), data.contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (batch,))
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    times, began = [], time.perf_counter()
    while time.perf_counter() - began < 2 * seconds or len(times) < 5:
        start = time.perf_counter()
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(data), labels).backward()
        optimiser.step()
        if time.perf_counter() - began > seconds:
            times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times)


def torch_ways(environments):
    """The ways in which PyTorch may make a step: by name, variables of its process, and whether images are in channels-last order."""
    return {f"{settings}, channels last" if channels_last else settings: (environment, channels_last)
            for settings, environment in environments.items() for channels_last in (False, True)}


def torch_steps(name, batch, seconds, ways, hand_over):
    """
    The milliseconds of PyTorch's step as shipped, and in the fastest way, timed once more, without its luck; each with the hand-over right after it.
    And which way that is.
    """
    steps = {}
    for way in ways:
        steps[way] = in_own_process(name, batch, seconds, *ways[way]), hand_over()
    fastest = min(steps, key=steps.get)
    return steps[tuned.AS_SHIPPED], (in_own_process(name, batch, seconds, *ways[fastest]), hand_over()), fastest


def in_own_process(name, batch, seconds, environment, channels_last):
    code = [sys.executable, __file__, "--torch", name, "--batch", str(batch), "--seconds", str(seconds)] + ["--channels-last"] * channels_last
    return float(subprocess.run(code, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True).stdout)


class Coppice:
    """Our side, as it was built."""

    CLASSES = f"{ROOT}/bench/target/bench.jar:{ROOT}/bench/target/lib/*"

    def __init__(self):
        self.java = output(ROOT / "imp" / "coppice", "--jdk") + "/bin/java"
        self.flags = output(ROOT / "imp" / "coppice", "--flags")

    def step(self, name, batch, density):
        """The median milliseconds of a step, by JMH."""
        with tempfile.NamedTemporaryFile(suffix=".json") as results:
            subprocess.run([self.java, "-cp", self.CLASSES, "org.openjdk.jmh.Main", "TrainingStep.step", "-p", f"network={name}/{batch}",
                            "-p", "threads=2", "-p", f"density={density}", "-bm", "sample", "-f", "1", "-wi", "5", "-w", "3", "-i", "5", "-r", "1",
                            "-rf", "json", "-rff", results.name, "-v", "SILENT", "-jvmArgs", f"{self.flags} -Xms2g -Xmx2g -XX:+AlwaysPreTouch"],
                           check=True, stdout=subprocess.DEVNULL, env=os.environ | {"XDG_CACHE_HOME": f"{ROOT}/bench/target/cache"})
            return json.load(open(results.name))[0]["primaryMetric"]["scorePercentiles"]["50.0"]

    def hand_over(self):
        """Nanoseconds for a line of memory from one core to the other, where the machine has them now."""
        return int(output(self.java, "-cp", self.CLASSES, "coppice.bench.HandOver"))


def table(rows):
    """Medians over the rounds, how many times as fast as tuned PyTorch's they are, and, of several rounds, how many it was at least and at most."""
    times = {}
    for row in rows:
        times.setdefault((row["network"], row["step"]), []).append(row["ms"])
    steps = list(dict.fromkeys(step for _, step in times))
    lines = ["| ms a step (times as fast as tuned) | " + " | ".join(steps) + " |", "|---" * (len(steps) + 1) + "|"]
    for name in dict.fromkeys(name for name, _ in times):
        cells = (cell(times[name, "torch tuned"], times[name, step]) for step in steps)
        lines.append(f"| {name}, {NETWORKS[name]} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cell(tuned_times, own_times):
    ms = statistics.median(own_times)
    ratios = [theirs / own for theirs, own in zip(tuned_times, own_times)]
    rounds = f"; {min(ratios):.2f} to {max(ratios):.2f}" if len(ratios) > 1 and own_times is not tuned_times else ""
    return f"{ms:.3g} ({statistics.median(tuned_times) / ms:.2f}{rounds})"


def unused(name):
    """A file of results of that name, with a number where there is one already."""
    folder = ROOT / "bench" / "results"
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(path for path in (folder / f"{each}.csv" for each in names) if not path.exists())


def keep(rows, out):
    """Writes all rows anew, beside the file, whose place they take: whoever stops the rest keeps these."""
    made = out.with_name(f".{out.name}.part")
    with open(made, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    os.replace(made, out)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("networks", nargs="*", default=list(NETWORKS), help="of " + ", ".join(NETWORKS))
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--torch", help=argparse.SUPPRESS)
    arguments.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    arguments.add_argument("--seconds", type=float, default=5, help="of warm-up, and of measurement, of a PyTorch step")
    arguments.add_argument("--name", help="of the results, after the day's date (default: TrainingStep-torch- and its version)")
    arguments.add_argument("--channels-last", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.torch:
        print(torch_step(given.torch, given.batch, given.channels_last, given.seconds))
        return
    for name in given.networks:
        if name not in NETWORKS:
            arguments.error(f"no such network: {name}; there are {', '.join(NETWORKS)}")
    import torch

    about = {"commit": output(ROOT / "bench" / "commit"), "processor": tuned.processor(), "command": shlex.join(["python", *sys.argv])}
    subprocess.run(["mvn", "-q", "-ntp", "-B", "-pl", "bench", "-am", "-DskipTests", "package"], cwd=ROOT, check=True)
    coppice = Coppice()
    environments = tuned.environments()
    out = unused(f"{datetime.date.today()}-{given.name or 'TrainingStep-torch-' + torch.__version__.split('+')[0]}")
    rows = []
    for turn in range(1, given.rounds + 1):
        for name in given.networks:
            batch = NETWORKS[name]
            shipped, fastest, way = torch_steps(name, batch, given.seconds, torch_ways(environments), coppice.hand_over)
            steps = {"torch as shipped": shipped, "torch tuned": fastest}
            for density in DENSITIES:
                steps[f"density {density:g}"] = coppice.step(name, batch, density), coppice.hand_over()
            rows += [{"round": turn, "network": name, "batch": batch, "step": step, "ms": round(ms, 5), "hand_over_ns": nanos,
                      "tuned by": way if step == "torch tuned" else ""} | about for step, (ms, nanos) in steps.items()]
            keep(rows, out)
            print(f"round {turn}, {name}: " + ", ".join(f"{step} {ms:.3g}" for step, (ms, _) in steps.items()) + f"; tuned by {way}", flush=True)
    print(table(rows))
    print(f"results: {out}")


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


if __name__ == "__main__":
    main()
