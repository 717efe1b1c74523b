"""A wavefront whose blocks take refs: the longest common subsequence, with a put for each part of the two sequences."""

import numpy as np
import ray


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
        row = np.maximum.accumulate(row).astype(np.int32)
        last_column[i] = row[-1]
    return row, last_column


def lcs(length, block, seed):
    """The length, as text."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 4, length, dtype=np.uint8)
    b = rng.integers(0, 4, length, dtype=np.uint8)
    a_parts = [ray.put(a[i : i + block]) for i in range(0, length, block)]
    b_parts = [ray.put(b[j : j + block]) for j in range(0, length, block)]

    table = [[None] * len(b_parts) for _ in a_parts]
    for i in range(len(a_parts)):
        for j in range(len(b_parts)):
            up = table[i - 1][j] if i > 0 else None
            left = table[i][j - 1] if j > 0 else None
            diagonal = table[i - 1][j - 1] if i > 0 and j > 0 else None
            table[i][j] = lcs_block.remote(a_parts[i], b_parts[j], up, left, diagonal)
    last_row, _ = ray.get(table[-1][-1])
    return str(last_row[-1])
