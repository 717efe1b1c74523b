"""Other policies, to compare with: random, and Ray's own two as its documentation tells them.

https://docs.ray.io/en/latest/ray-core/scheduling/index.html says of DEFAULT: a node's score is the utilisation of its
logical resources, or 0 where that is below a half; the node is drawn from the top k with the lowest scores, k being a
fifth of the nodes; a node that holds large arguments of a task comes before these, the one with most bytes, when it has
room. Of SPREAD: tasks are spread over the nodes that have room. Locality is only for tasks under DEFAULT.
"""

from __future__ import annotations

import heapq

import numpy as np

from rayinfer.placement.policy import seats
from rayinfer.placement.view import Ints

SPREAD_THRESHOLD = 0.5
TOP_K_FRACTION = 0.2
# Smaller values travel inside of messages, and count for no locality.
LARGE_BYTES = 100 * 1024


def at_random(cpus: Ints, used: Ints, step: int, count: int, random: np.random.Generator) -> Ints:
    """Nodes for up to `count` members of `step` units each, drawn evenly from the room there is."""
    room = np.repeat(np.arange(len(cpus)), np.maximum((cpus - used) // step, 0))
    return random.permutation(room)[:count]


def ray_spread(cpus: Ints, used: Ints, step: int, count: int, random: np.random.Generator) -> Ints:
    """Ray's SPREAD: one node after the other, of those that have room."""
    free = np.minimum(np.maximum((cpus - used) // step, 0), count)
    each = np.repeat(np.arange(len(cpus)), free)
    turn = np.arange(len(each)) - np.repeat(np.cumsum(free) - free, free)
    return each[np.argsort(turn, kind="stable")[:count]]


def ray_default(
    cpus: Ints, used: Ints, step: int, count: int, random: np.random.Generator, wanted: Ints | None = None
) -> Ints:
    """Ray's DEFAULT; `wanted` is the node that holds most bytes of each member's large arguments, -1 for none.

    Members are in member order when they are as many as `count`; those that no node has room for are left out, at the
    end. Members that find room where their arguments are come first, which is to Ray's advantage.
    """
    if wanted is None:
        return _drawn(cpus, used, step, count, random)
    fits = seats(wanted, np.maximum((cpus - used) // step, 0))
    used = used + np.bincount(wanted[fits], minlength=len(cpus)) * step
    nodes = np.full(count, -1, dtype=np.int64)
    nodes[fits] = wanted[fits]
    rest = np.flatnonzero(~fits)
    drawn = _drawn(cpus, used, step, len(rest), random)
    nodes[rest[: len(drawn)]] = drawn
    return nodes


def _drawn(cpus: Ints, used: Ints, step: int, count: int, random: np.random.Generator) -> Ints:
    """One node after the other from the top k, whose scores change as they fill."""
    size, taken = cpus.tolist(), used.tolist()

    def score(node: int) -> tuple[float, int]:
        busy = taken[node] / size[node]
        return (busy if busy >= SPREAD_THRESHOLD else 0.0), node

    others = sorted(score(node) for node in range(len(size)) if taken[node] + step <= size[node])
    # The rest of a sorted list is a heap.
    k = max(1, int(len(size) * TOP_K_FRACTION))
    top, others = others[:k], others[k:]
    chosen: list[int] = []
    draws = iter(random.random(count).tolist())
    while top and len(chosen) < count:
        at = int(next(draws) * len(top))
        node = top[at][1]
        chosen.append(node)
        taken[node] += step
        if taken[node] + step <= size[node]:
            top[at] = heapq.heappushpop(others, score(node))
        elif others:
            top[at] = heapq.heappop(others)
        else:
            top[at] = top[-1]
            top.pop()
    return np.array(chosen, dtype=np.int64)
