"""A pool of simulators: `ray.util.ActorPool` hands each free actor the next queue to simulate."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri
from ray.util import ActorPool


def simulate_queue(seed, customers, load):
    """The mean waiting time at a counter with exponential arrivals and service, by Lindley's recursion."""
    rng = np.random.default_rng(seed)
    arrivals = rng.exponential(1.0, customers)
    services = rng.exponential(load, customers)
    waiting = total = 0.0
    for arrival, service in zip(arrivals.tolist(), services.tolist(), strict=True):
        waiting = max(0.0, waiting + service - arrival)
        total += waiting
    return total / customers


@ray.remote
class Simulator:
    def __init__(self, customers):
        self.customers = customers

    def simulate(self, seed, load):
        return load, simulate_queue(seed, self.customers, load)


def main(args):
    ray.init()
    loads = [0.5, 0.7, 0.9]
    runs = [(seed, loads[seed % len(loads)]) for seed in range(args.runs)]

    simulators = ri.evaluate(
        ri.InitActors(Simulator, args.actors, (ri.call(args.customers) for _ in range(args.actors)))
    )
    pool = ActorPool(simulators)
    in_order = list(pool.map(lambda actor, run: actor.simulate.remote(*run), runs))
    # As they come: the order depends on who is done first.
    as_they_come = list(pool.map_unordered(lambda actor, run: actor.simulate.remote(*run), runs))

    for load in loads:
        waits = [wait for other, wait in in_order if other == load]
        print(f"load {load}: mean waiting time {np.mean(waits):.3f} over {len(waits)} runs")
    alone = [(load, simulate_queue(seed, args.customers, load)) for seed, load in runs]
    same = in_order == alone and sorted(as_they_come) == sorted(alone)
    print("check:", "equal to a single-process simulation" if same else "NOT equal to a single-process simulation")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--actors", type=int, default=3)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--customers", type=int, default=20_000, help="customers in each run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
