"""A distributed sort: sample the blocks, cut each at common boundaries, and merge the pieces of each range."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


def make_numbers(index, size):
    return np.random.default_rng(index).integers(0, 1 << 40, size)


@ray.remote
def make_block(index, size):
    return make_numbers(index, size)


@ray.remote
def sample_block(block, num_samples):
    return np.random.default_rng(0).choice(block, num_samples)


@ray.remote
def partition_block(block, boundaries):
    block = np.sort(block)
    return np.split(block, np.searchsorted(block, boundaries))


@ray.remote
def merge_pieces(*pieces):
    return np.sort(np.concatenate(pieces))


def main(args):
    ray.init()
    blocks = ri.Map(make_block, None, (ri.call(i, args.size) for i in range(args.blocks)))
    ri.evaluate(keep=[blocks])

    # Boundaries at the quantiles of a sample: as many ranges as there are blocks.
    samples = np.concatenate(ri.get(
        ri.Map(sample_block, blocks, (ri.call(block, 100) for block in ri.each(blocks)))
    ))
    boundaries = np.quantile(samples, np.arange(1, args.blocks) / args.blocks)

    pieces = ri.Map(
        None,
        blocks,
        (ri.options(partition_block, num_returns=args.blocks)(block, boundaries) for block in ri.each(blocks)),
    )
    ranges = ri.Map(
        merge_pieces, pieces, (ri.call(*[cut[i] for cut in ri.each(pieces)]) for i in range(args.blocks))
    )
    result = np.concatenate(ri.get(ranges))

    alone = np.sort(np.concatenate([make_numbers(i, args.size) for i in range(args.blocks)]))
    print(f"{len(result)} numbers in {args.blocks} ranges, from {result[0]} to {result[-1]}")
    same = np.array_equal(result, alone)
    print("check:", "equal to a single-process sort" if same else "NOT equal to a single-process sort")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--blocks", type=int, default=5, help="at least two")
    parser.add_argument("--size", type=int, default=100_000, help="numbers in each block")
    args = parser.parse_args()
    if args.blocks < 2:
        parser.error("--blocks must be at least 2")
    return args


if __name__ == "__main__":
    sys.exit(main(parse_args()))
