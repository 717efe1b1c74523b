"""Sums of vectors by trees of tasks: level by level, through a queue of refs, and by one task that takes them all."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


@ray.remote
def make_vector(index, size):
    return np.random.default_rng(index).integers(0, 1000, size)


@ray.remote
def add(x, y):
    return x + y


@ray.remote
def add_all(*vectors):
    return sum(vectors)


def sum_by_levels(refs):
    """Pair the refs of each level; an odd one goes up as it is."""
    ri.assume_list(refs)
    while len(refs) > 1:
        paired = [ri.later(add, refs[i], refs[i + 1]) for i in range(0, len(refs) - 1, 2)]
        if len(refs) % 2 == 1:
            paired.append(refs[-1])
        refs = paired
    refs = ri.evaluate(refs)
    return refs[0]


def sum_by_queue(refs):
    """Take two from the front and put their sum at the end, until one is left."""
    ri.assume_list(refs)
    while len(refs) > 1:
        refs = refs[2:] + [ri.later(add, refs[0], refs[1])]  # noqa: RUF005
    refs = ri.evaluate(refs)
    return refs[0]


def main(args):
    ray.init()
    vectors = ri.evaluate(ri.Map(make_vector, None, (ri.call(i, args.size) for i in range(args.vectors))))

    sums = {
        "levels": ray.get(sum_by_levels(vectors)),
        "queue": ray.get(sum_by_queue(vectors)),
        "one task": ray.get(add_all.remote(*vectors)),
    }

    alone = sum(np.random.default_rng(i).integers(0, 1000, args.size) for i in range(args.vectors))
    for name, vector in sums.items():
        print(f"{name}: {args.vectors} vectors of {args.size}, total {int(vector.sum())}")
    same = all(np.array_equal(vector, alone) for vector in sums.values())
    print("check:", "equal to a single-process sum" if same else "NOT equal to a single-process sum")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=int, default=13)
    parser.add_argument("--size", type=int, default=10_000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
