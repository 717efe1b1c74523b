"""A hyper-parameter sweep: every combination is a task over shared data, and results are taken as they are finished."""

import argparse
import itertools
import sys

import numpy as np
import ray


def make_data(seed, size, features=20):
    """Samples of a noisy linear function of which only a few features matter."""
    rng = np.random.default_rng(seed)
    weights = np.where(np.arange(features) < 5, 1.0, 0.0)
    inputs = rng.normal(size=(size, features))
    return inputs, inputs @ weights + rng.normal(scale=0.5, size=size)


def train_and_score(rate, penalty, steps, training, validation):
    """The error on the validation data after gradient descent on the ridge loss."""
    inputs, targets = training
    weights = np.zeros(inputs.shape[1])
    for _ in range(steps):
        weights -= rate * (inputs.T @ (inputs @ weights - targets) / len(inputs) + penalty * weights)
    inputs, targets = validation
    return float(np.mean((inputs @ weights - targets) ** 2))


@ray.remote
def evaluate(config, training, validation):
    return train_and_score(**config, training=training, validation=validation)


def main(args):
    ray.init()
    training, validation = make_data(1, args.size), make_data(2, args.size)
    training_ref, validation_ref = ray.put(training), ray.put(validation)
    configs = [
        {"rate": rate, "penalty": penalty, "steps": args.steps}
        for rate, penalty in itertools.product([0.003, 0.03, 0.3], [0.0, 0.01, 0.1, 1.0])
    ]

    config_of = {}
    remaining = []
    for config in configs:
        ref = evaluate.remote(config, training_ref, validation_ref)
        config_of[ref] = config
        remaining.append(ref)

    errors = {}
    while remaining:
        # One at a time, whichever is finished first.
        done, remaining = ray.wait(remaining)
        config = config_of[done[0]]
        errors[config["rate"], config["penalty"]] = ray.get(done[0])

    for (rate, penalty), error in sorted(errors.items()):
        print(f"rate {rate}, penalty {penalty}: error {error:.3f}")
    best = min(sorted(errors), key=lambda key: round(errors[key], 9))
    print(f"best: rate {best[0]}, penalty {best[1]}")
    alone = [train_and_score(**config, training=training, validation=validation) for config in configs]
    same = np.allclose([errors[config["rate"], config["penalty"]] for config in configs], alone)
    print("check:", "equal to a single-process sweep" if same else "NOT equal to a single-process sweep")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=500, help="samples to train on, and as many to validate")
    parser.add_argument("--steps", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
