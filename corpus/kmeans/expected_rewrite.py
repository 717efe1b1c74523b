"""Lloyd's k-means over blocks of points that actors hold: each round sends the centres and brings back sums."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


def make_points(seed, size, clusters):
    """Points with whole coordinates around one centre per cluster, so that sums are exact in any order."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(0).integers(-1000, 1000, (clusters, 2))
    return (centres[rng.integers(0, clusters, size)] + rng.normal(scale=120, size=(size, 2))).round()


def partial_sums(points, centres):
    """For each centre the sum and the number of the points that are nearest to it."""
    distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1)
    sums = np.zeros_like(centres)
    np.add.at(sums, nearest, points)
    return sums, np.bincount(nearest, minlength=len(centres))


@ray.remote
class Points:
    """One block of the points, which stays where it was made."""

    def __init__(self, seed, size, clusters):
        self.points = make_points(seed, size, clusters)

    def first(self, count):
        return self.points[:count]

    def assign(self, centres):
        return partial_sums(self.points, centres)


def move_centres(centres, partials):
    sums = sum(part[0] for part in partials)
    counts = sum(part[1] for part in partials)
    # A centre that no point is nearest to stays.
    return np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)


def main(args):
    ray.init()
    blocks = ri.evaluate(
        ri.InitActors(
            Points, args.blocks, (ri.call([1, i], args.size, args.clusters) for i in range(args.blocks))
        )
    )
    start = ray.get(blocks[0].first.remote(args.clusters))

    centres = start
    rounds = 0
    while rounds < args.max_rounds:
        rounds += 1
        partials = ray.get(ri.evaluate(
            ri.MapActors("assign", blocks, (ri.call(centres) for block in ri.each(blocks)))
        ))
        moved = move_centres(centres, partials)
        if np.array_equal(moved, centres):
            break
        centres = moved

    alone = start
    points = np.concatenate([make_points([1, i], args.size, args.clusters) for i in range(args.blocks)])
    for _ in range(rounds):
        alone = move_centres(alone, [partial_sums(points, alone)])
    for x, y in sorted(centres.round().astype(int).tolist()):
        print(f"centre {x:5d} {y:5d}")
    same = np.array_equal(centres, alone)
    print(f"{rounds} rounds over {args.blocks} blocks")
    print("check:", "equal to a single-process k-means" if same else "NOT equal to a single-process k-means")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=3)
    parser.add_argument("--size", type=int, default=5000, help="points in each block")
    parser.add_argument("--clusters", type=int, default=5)
    parser.add_argument("--max-rounds", type=int, default=30)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
