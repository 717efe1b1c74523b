"""The longest common subsequence of two sequences, as a wavefront of blocks that each wait for three neighbours."""

import argparse
import sys

import numpy as np
import ray
import rayinfer.inferred as ri


@ray.remote
def lcs_block(a, b, up, left, diagonal):
    """The last row and the last column of one block of the table; the neighbours are such pairs, or None."""
    row = up[0] if up is not None else np.zeros(len(b), dtype=np.int32)
    column = left[1] if left is not None else np.zeros(len(a), dtype=np.int32)
    corner = diagonal[0][-1] if diagonal is not None else 0

    last_column = np.empty(len(a), dtype=np.int32)
    for i, letter in enumerate(a):
        shifted = np.concatenate(([column[i - 1] if i > 0 else corner], row[:-1]))
        row = np.maximum(row, shifted + (b == letter))
        row[0] = max(row[0], column[i])
        # What is left of a cell is never larger than the cell: the maximum so far is the third case of the recurrence.
        row = np.maximum.accumulate(row).astype(np.int32)
        last_column[i] = row[-1]
    return row, last_column


def lcs_length(a, b):
    """The same in one process: the bit-parallel method of Crochemore et al. (2001)."""
    everything = (1 << len(a)) - 1
    masks = {letter: sum(1 << i for i, other in enumerate(a) if other == letter) for letter in set(a)}
    state = everything
    for letter in b:
        matches = state & masks.get(letter, 0)
        state = ((state + matches) | (state - matches)) & everything
    return len(a) - bin(state).count("1")


def main(args):
    ray.init()
    rng = np.random.default_rng(args.seed)
    a = rng.integers(0, 4, args.length, dtype=np.uint8)
    b = rng.integers(0, 4, args.length, dtype=np.uint8)
    a_parts = [a[i : i + args.block] for i in range(0, len(a), args.block)]
    b_parts = [b[j : j + args.block] for j in range(0, len(b), args.block)]

    table = ri.Map(lcs_block, into=ri.tiled([[None] * len(b_parts) for _ in a_parts], 2))
    for i in range(len(a_parts)):
        for j in range(len(b_parts)):
            up = table[i - 1][j] if i > 0 else None
            left = table[i][j - 1] if j > 0 else None
            diagonal = table[i - 1][j - 1] if i > 0 and j > 0 else None
            table[i][j] = ri.call(a_parts[i], b_parts[j], up, left, diagonal)
    ri.evaluate(keep=[table])
    last_row, _ = ray.get(table[-1][-1])

    length = int(last_row[-1])
    print(f"{len(a_parts)} x {len(b_parts)} blocks, longest common subsequence: {length} of {args.length}")
    same = length == lcs_length(a.tolist(), b.tolist())
    print("check:", "equal to a single-process computation" if same else "NOT equal to a single-process computation")
    return 0 if same else 1


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--length", type=int, default=3000, help="letters in each of the two sequences")
    parser.add_argument("--block", type=int, default=300, help="letters on a block's side, 15 to 300 in the study")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(parse_args()))
