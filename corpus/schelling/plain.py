"""Schelling's model of segregation: agents move inside the strips of a torus, which shift from round to round."""

import argparse
import sys

import numpy as np
import ray

VACANT = 0
RING = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def count_neighbours(strip, above, below):
    """How many of the up to eight neighbours of each cell are like it, and how many there are."""
    around = np.vstack([above[-1:], strip, below[:1]])
    alike = np.zeros(strip.shape, dtype=np.int64)
    occupied = np.zeros(strip.shape, dtype=np.int64)
    for y, x in RING:
        neighbour = np.roll(around, x, axis=1)[1 + y : 1 + y + len(strip)]
        alike += (neighbour == strip) & (strip != VACANT)
        occupied += (neighbour != VACANT) & (strip != VACANT)
    return alike, occupied


def relocate(strip, above, below, seed, wanted):
    """Let every agent with too few neighbours of its own kind move to a vacant cell of the strip."""
    rng = np.random.default_rng(seed)
    alike, occupied = count_neighbours(strip, above, below)
    unhappy = np.argwhere(alike * 100 < wanted * occupied)
    vacant = np.argwhere(strip == VACANT)
    rng.shuffle(unhappy)
    rng.shuffle(vacant)
    strip = strip.copy()
    for old, new in zip(unhappy, vacant, strict=False):
        strip[tuple(new)] = strip[tuple(old)]
        strip[tuple(old)] = VACANT
    return strip


def shift(strip, below):
    """The strip half its height further down, so that agents can move on from strip to strip."""
    half = len(strip) // 2
    return np.vstack([strip[half:], below[:half]])


move_agents = ray.remote(relocate)
shift_strip = ray.remote(shift)


def segregate_alone(strips, args):
    n = len(strips)
    for i in range(args.rounds):
        moved = [
            relocate(strips[k], strips[k - 1], strips[(k + 1) % n], [args.seed, i, k], args.wanted) for k in range(n)
        ]
        strips = [shift(moved[k], moved[(k + 1) % n]) for k in range(n)]
    return strips


def report(title, strips):
    world = np.vstack(strips)
    alike, occupied = count_neighbours(world, world, world)
    print(f"{title}: {int(alike.sum())} of {int(occupied.sum())} neighbours are alike")


def main(args):
    ray.init()
    n = args.strips
    world = np.random.default_rng(args.seed).choice(3, p=[0.2, 0.4, 0.4], size=(n * args.height, args.width))
    first = np.split(world, n)
    report("at first", first)

    strips = [ray.put(strip) for strip in first]
    for i in range(args.rounds):
        moved = [
            move_agents.remote(strips[k], strips[k - 1], strips[(k + 1) % n], [args.seed, i, k], args.wanted)
            for k in range(n)
        ]
        strips = [shift_strip.remote(moved[k], moved[(k + 1) % n]) for k in range(n)]
    last = ray.get(strips)

    report("at last", last)
    same = np.array_equal(last, segregate_alone(first, args))
    print("check:", "equal to a single-process computation" if same else "NOT equal to a single-process computation")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--strips", type=int, default=4)
    parser.add_argument("--height", type=int, default=24, help="rows of each strip, an even number")
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--wanted", type=int, default=40, help="per cent of an agent's neighbours that must be alike")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
