"""A workload of values that the driver gets, and uses for nothing but to pass them on."""

from __future__ import annotations

import ray

from benchmarks.suite.workload import Bench, Run, Workload, compared

PROGRAM = "benchmarks/suite/plain/passing.py"


def hand(bench: Bench, steps: int, nbytes: int, takers: int) -> Run:
    """The refs are passed on, and nothing is got but the sums."""
    program = bench.program(PROGRAM, False)

    def run() -> int:
        total = 0
        for step in range(steps):
            values = program.make.remote(step, nbytes)
            total += sum(ray.get([program.part.remote(values, i, takers) for i in range(takers)]))
        return total

    return run


def floor(_bench: Bench, steps: int, nbytes: int, takers: int) -> Run:
    import numpy as np

    def run() -> int:
        made = (np.full(nbytes // 8, step) for step in range(steps))
        return sum(int(values[i::takers].sum()) for values in made for i in range(takers))

    return run


WORKLOADS = (
    Workload(
        "passed-on",
        "10 steps: a result of 10 MB got and passed on to 4 tasks",
        {**compared(PROGRAM, "passing"), "hand": hand, "floor": floor},
        {"steps": 10, "nbytes": 10_000_000, "takers": 4},
        {"steps": 2, "nbytes": 1_000_000, "takers": 2},
    ),
)
