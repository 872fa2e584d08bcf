"""What the levels of lenet-mnist cost in PyTorch, where a mask saves nothing: LeNet-300-100, batch 60, Adam, masked gradients.

    python bench/src/peers/python/masked_levels.py [--steps 10000]

Needs torch. Trains on images of MNIST's sizes that stand in memory (their values cost nothing), dense and at 10 % left, for some steps each, in
each of the environments of tuned.py; in the fastest, once more, without its luck: prints the seconds of a level of 50,000 steps at each, and of the
dense network and 17 levels together.
"""

import argparse
import os
import subprocess
import sys
import time

import tuned
from training_step import network

LEVELS, ITERATIONS, BATCH, EXAMPLES, WARM_UP = 17, 50_000, 60, 55_000, 500


def seconds_of_level(density, steps):
    import torch

    torch.set_num_threads(2)
    torch.manual_seed(1)
    model, example = network("lenet-300-100")
    images, labels = torch.rand(EXAMPLES, *example), torch.randint(0, 10, (EXAMPLES,))
    weights = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    masks = [(torch.rand_like(weight) < density).float() for weight in weights]
    with torch.no_grad():
        for weight, mask in zip(weights, masks):
            weight *= mask
    optimiser = torch.optim.Adam(model.parameters(), lr=1.2e-3)
    for step in range(WARM_UP + steps):
        if step == WARM_UP:
            start = time.perf_counter()
        batch = torch.randint(0, EXAMPLES, (BATCH,))
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
        if density < 1:
            for weight, mask in zip(weights, masks):
                weight.grad *= mask
        optimiser.step()
    return (time.perf_counter() - start) / steps * ITERATIONS


def in_own_process(steps, environment):
    """The seconds of a level, dense and masked."""
    command = [sys.executable, __file__, "--here", "--steps", str(steps)]
    printed = subprocess.run(command, env=os.environ | environment, check=True, stdout=subprocess.PIPE, text=True).stdout
    dense, masked = map(float, printed.split())
    return dense, masked


def levels(dense, masked):
    return dense + LEVELS * masked


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--steps", type=int, default=10_000)
    arguments.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.here:
        print(*(seconds_of_level(density, given.steps) for density in (1.0, 0.1)))
        return
    environments = tuned.environments()
    found = {settings: levels(*in_own_process(given.steps, environment)) for settings, environment in environments.items()}
    settings = min(found, key=found.get)
    dense, masked = in_own_process(given.steps, environments[settings])
    print(f"seconds of {ITERATIONS} steps: {dense:.1f} dense, {masked:.1f} masked; of the dense network and {LEVELS} levels {levels(dense, masked):.0f}"
          f" ({settings})")


if __name__ == "__main__":
    main()
