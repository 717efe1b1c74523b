"""Workloads of single tasks that take one another: trees, folds and chains, of short tasks and of longer ones."""

from __future__ import annotations

import functools
from typing import Any

import ray

from benchmarks.suite.plain.singles import plus, spin
from benchmarks.suite.workload import CORES, Bench, Prepare, Run, Workload, compared

PROGRAM = "benchmarks/suite/plain/singles.py"


def _sum(leaves: int, loops: int, first: int = 0) -> Any:
    """The sum of the leaves from `first` on, added one by one."""
    total = spin(loops + first)
    for i in range(first + 1, leaves):
        total = plus(total, spin(loops + i), loops)
    return total


sum_of = ray.remote(_sum)


def hand_sum(_bench: Bench, leaves: int, loops: int) -> Run:
    """A share of the leaves for each core, made and added in one task."""
    ends = [leaves * (core + 1) // CORES for core in range(CORES)]

    def run() -> Any:
        parts = ray.get([sum_of.remote(end, loops, begin) for begin, end in zip([0, *ends[:-1]], ends, strict=True)])
        return functools.reduce(lambda x, y: plus(x, y, loops), parts)

    return run


def floor_sum(_bench: Bench, leaves: int, loops: int) -> Run:
    return lambda: _sum(leaves, loops)


def floor_chain(_bench: Bench, steps: int, loops: int) -> Run:
    return lambda: functools.reduce(lambda x, y: plus(x, y, loops), range(steps), 0)


def _sums(name: str) -> dict[str, Prepare]:
    return {**compared(PROGRAM, name), "hand": hand_sum, "floor": floor_sum}


WORKLOADS = (
    Workload(
        "tree-short",
        "a tree of 100 leaves, tasks of 0.1 ms",
        _sums("tree"),
        {"leaves": 100, "loops": lambda bench: bench.loops(0.0001)},
        {"leaves": 4, "loops": 10},
    ),
    Workload(
        "tree-long",
        "a tree of 40 leaves, tasks of 20 ms",
        _sums("tree"),
        {"leaves": 40, "loops": lambda bench: bench.loops(0.02)},
        {"leaves": 3, "loops": 10},
    ),
    Workload(
        "fold",
        "a fold of 100 leaves, tasks of 5 ms",
        _sums("fold"),
        {"leaves": 100, "loops": lambda bench: bench.loops(0.005)},
        {"leaves": 3, "loops": 10},
        quick=False,
    ),
    Workload(
        "chain-short",
        "a chain of 100 steps of 0.1 ms",
        {**compared(PROGRAM, "chain"), "floor": floor_chain},
        {"steps": 100, "loops": lambda bench: bench.loops(0.0001)},
        {"steps": 3, "loops": 10},
    ),
    Workload(
        "chain-long",
        "a chain of 20 steps of 100 ms",
        {**compared(PROGRAM, "chain"), "floor": floor_chain},
        {"steps": 20, "loops": lambda bench: bench.loops(0.1)},
        {"steps": 3, "loops": 10},
        quick=False,
    ),
    Workload(
        "pairs",
        "50 pairs of tasks of 1 ms, got one by one",
        compared(PROGRAM, "pairs"),
        {"count": 50, "loops": lambda bench: bench.loops(0.001)},
        {"count": 3, "loops": 10},
        quick=False,
    ),
)
