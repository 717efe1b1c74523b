"""An asynchronous, sharded parameter server: tasks read the shards, compute a gradient, and push it back unawaited."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


def true_weights(dim):
    return np.arange(dim) % 7 - 3.0


def make_batch(seed, size, dim):
    """Noise-free samples of one linear function, so that every order of updates leads to the same weights."""
    inputs = np.random.default_rng(seed).normal(size=(size, dim))
    return inputs, inputs @ true_weights(dim)


def gradient(weights, inputs, targets):
    return inputs.T @ (inputs @ weights - targets) / len(inputs)


@ray.remote
class ParameterServer:
    """One shard of the weights."""

    def __init__(self, dim):
        self.params = np.zeros(dim)
        self.updates = 0

    def get_params(self):
        return self.params

    def update_params(self, step):
        # A new array: what a worker was given before is not to change under its hands.
        self.params = self.params + step
        self.updates += 1

    def get_updates(self):
        return self.updates


@ray.remote
def worker(index, rounds, batch_size, rate, *parameter_servers):
    pushed = []
    for i in range(rounds):
        # The shards may be of different ages: nobody waits for the other workers.
        shards = ray.get(ri.evaluate(ri.MapActors("get_params", parameter_servers)))
        weights = np.concatenate(shards)
        step = -rate * gradient(weights, *make_batch([index, i], batch_size, len(weights)))
        pushed = ri.evaluate(ri.MapActors("update_params", None, (
            ri.of(ps, "update_params")(part)
            for ps, part in zip(parameter_servers, np.split(step, len(parameter_servers)), strict=True)
        )))
    ray.get(pushed)  # Calls of one caller are done in order: after the last one, all are.
    return rounds


def train_alone(args, dim):
    weights = np.zeros(dim)
    for i in range(args.rounds):
        for index in range(args.workers):
            weights -= args.rate * gradient(weights, *make_batch([index, i], args.batch_size, dim))
    return weights


def main(args):
    ray.init()
    dim = args.servers * args.dim
    parameter_servers = ri.InitActors(ParameterServer, args.servers, (ri.call(args.dim) for _ in range(args.servers)))

    workers = ri.Map(worker)
    for index in range(args.workers):
        workers.append(ri.call(index, args.rounds, args.batch_size, args.rate, *ri.each(parameter_servers)))
    workers = ri.evaluate(workers, keep=[parameter_servers])
    rounds = sum(ray.get(workers))

    weights = np.concatenate(ray.get(ri.evaluate(ri.MapActors("get_params", parameter_servers))))
    updates = ray.get(ri.evaluate(ri.MapActors("get_updates", parameter_servers)))
    print(f"{rounds} rounds, updates per shard: {updates}")
    # Adding zero turns -0.0 into 0.0.
    print("weights:", (weights.round(2) + 0.0).tolist())
    same = updates == [rounds] * args.servers and np.allclose(weights, train_alone(args, dim), atol=1e-4)
    print("check:", "equal to a single-process training" if same else "NOT equal to a single-process training")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dim", type=int, default=4, help="weights on each server")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0.2)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
