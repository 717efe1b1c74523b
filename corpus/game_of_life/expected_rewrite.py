"""Conway's Game of Life on a torus of square blocks: the task of a block takes its eight neighbours."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri

RING = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


@ray.remote
def step(block, *ring):
    north_west, north, north_east, west, east, south_west, south, south_east = ring
    around = np.block(
        [
            [north_west[-1:, -1:], north[-1:], north_east[-1:, :1]],
            [west[:, -1:], block, east[:, :1]],
            [south_west[:1, -1:], south[:1], south_east[:1, :1]],
        ]
    )
    rows, columns = block.shape
    neighbours = sum(around[1 + y : 1 + y + rows, 1 + x : 1 + x + columns] for y, x in RING)
    return ((neighbours == 3) | ((block == 1) & (neighbours == 2))).astype(np.uint8)


def live_alone(world, generations):
    for _ in range(generations):
        neighbours = sum(np.roll(world, offset, axis=(0, 1)) for offset in RING)
        world = ((neighbours == 3) | ((world == 1) & (neighbours == 2))).astype(np.uint8)
    return world


def main(args):
    ray.init()
    n, size = args.blocks, args.size
    world = np.random.default_rng(args.seed).integers(0, 2, (n * size, n * size), dtype=np.uint8)

    blocks = [
        [ray.put(world[i * size : (i + 1) * size, j * size : (j + 1) * size]) for j in range(n)] for i in range(n)
    ]
    for _ in range(args.generations):
        blocks = [
            ri.evaluate(
                ri.Map(
                    step,
                    None,
                    (ri.call(blocks[i][j], *[blocks[(i + y) % n][(j + x) % n] for y, x in RING]) for j in range(n)),
                )
            )
            for i in range(n)
        ]
    after = np.block([ray.get(row) for row in blocks])

    print(f"{n} x {n} blocks of {size} x {size} cells, {args.generations} generations")
    print(f"alive: {int(world.sum())} at first, {int(after.sum())} at last")
    same = np.array_equal(after, live_alone(world, args.generations))
    print("check:", "equal to a single-process computation" if same else "NOT equal to a single-process computation")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=3, help="blocks on a side")
    parser.add_argument("--size", type=int, default=64, help="cells on a block's side")
    parser.add_argument("--generations", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
