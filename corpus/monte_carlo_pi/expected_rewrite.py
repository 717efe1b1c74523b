"""Monte Carlo pi: sampling tasks report to a progress actor, which the driver polls until all are done."""

import argparse
import sys
import time

import numpy as np
import ray
import rayinfer.inferred as ri


def count_inside(rng, num_samples):
    x, y = rng.random((2, num_samples))
    return int(np.count_nonzero(x * x + y * y <= 1.0))


@ray.remote
class ProgressActor:
    def __init__(self, total):
        self.total = total
        self.completed = {}

    def report_progress(self, task_id, completed):
        self.completed[task_id] = completed

    def get_progress(self):
        return sum(self.completed.values()) / self.total


@ray.remote
def sampling_task(task_id, rounds, num_samples, progress_actor):
    rng = np.random.default_rng(task_id)
    inside = 0
    for i in range(rounds):
        inside += count_inside(rng, num_samples)
        # Nobody waits for a report.
        progress_actor.report_progress.remote(task_id, (i + 1) * num_samples)
    return inside


def count_alone(args):
    inside = 0
    for task_id in range(args.tasks):
        rng = np.random.default_rng(task_id)
        inside += sum(count_inside(rng, args.samples) for _ in range(args.rounds))
    return inside


def main(args):
    ray.init()
    total = args.tasks * args.rounds * args.samples
    progress_actor = ProgressActor.remote(total)
    results = ri.evaluate(
        ri.Map(
            sampling_task,
            None,
            (ri.call(i, args.rounds, args.samples, progress_actor) for i in range(args.tasks)),
        )
    )

    while True:
        progress = ray.get(progress_actor.get_progress.remote())
        if progress == 1:
            break
        time.sleep(0.05)

    inside = sum(ray.get(results))
    print(f"{inside} of {total} points are inside, pi is about {4 * inside / total:.4f}")
    same = inside == count_alone(args)
    print("check:", "equal to a single-process count" if same else "NOT equal to a single-process count")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5, help="reports of each task")
    parser.add_argument("--samples", type=int, default=100_000, help="samples between two reports")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
