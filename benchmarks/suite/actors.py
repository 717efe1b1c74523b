"""Workloads of actors: the same value to all, a value each, and calls and tasks whose results nobody gets."""

from __future__ import annotations

from typing import Any

import numpy as np
import ray
from numpy.typing import NDArray

from benchmarks.suite.plain import actors as program
from benchmarks.suite.workload import Bench, Run, Workload, compared

PROGRAM = "benchmarks/suite/plain/actors.py"
# Above this many bytes, taken by all, a value is put once (measured by hand; the suite shows both sides of it).
WORTH_PUTTING = 100_000
Values = list[NDArray[np.float64]]


@ray.remote(num_cpus=0)
class Reporter:
    """Counts what many tasks have done, heard in one call for all of a slice."""

    def __init__(self) -> None:
        self.total = 0

    def add(self, numbers: list[int]) -> int:
        self.total += sum(number * number for number in numbers)
        return self.total


class Local:
    """What a `Taker` is without Ray."""

    def __init__(self) -> None:
        self.total = 0.0

    def take(self, value: NDArray[np.float64]) -> float:
        self.total += float(value[0] + value[-1])
        return self.total


def differences(totals: list[list[float]]) -> list[float]:
    """What was taken since the first step."""
    return [sum(step) - sum(totals[0]) for step in totals]


def hand_same(_bench: Bench, count: int, size: int, steps: int) -> Run:
    """One `ray.put` where the value is large, and a get of all steps at once."""
    takers, values = program.start(count, size, steps)

    def run() -> list[float]:
        refs = []
        for value in values:
            shared: Any = ray.put(value) if size > WORTH_PUTTING else value
            refs += [taker.take.remote(shared) for taker in takers]
        found = ray.get(refs)
        return differences([found[i : i + count] for i in range(0, len(found), count)])

    return run


def floor_same(_bench: Bench, count: int, size: int, steps: int) -> Run:
    takers = [Local() for _ in range(count)]
    values = [np.full(size // 8, float(step)) for step in range(steps)]
    return lambda: differences([[taker.take(value) for taker in takers] for value in values])


def hand_own(_bench: Bench, count: int, size: int, steps: int) -> Run:
    """A get of all steps at once."""
    takers, values = program.start(count, size, steps)

    def run() -> list[float]:
        found = ray.get([t.take.remote(v) for _ in range(10) for t, v in zip(takers, values, strict=True)])
        return differences([found[i : i + count] for i in range(0, len(found), count)])

    return run


def floor_own(_bench: Bench, count: int, size: int, steps: int) -> Run:
    takers = [Local() for _ in range(count)]
    values = [np.full(size // 8, float(step)) for step in range(steps)]
    return lambda: differences([[t.take(v) for t, v in zip(takers, values, strict=True)] for _ in range(10)])


def hand_forget(_bench: Bench, calls: int) -> Run:
    """One call on the actor for all."""
    counter = Reporter.remote()
    ray.get(counter.add.remote([]))

    def run() -> int:
        before: int = ray.get(counter.add.remote([]))
        after: int = ray.get(counter.add.remote(list(range(calls))))
        return after - before

    return run


def floor_forget(_bench: Bench, calls: int) -> Run:
    return lambda: sum(number * number for number in range(calls))


SAME = {**compared(PROGRAM, "same_value", "start"), "hand": hand_same, "floor": floor_same}
OWN = {**compared(PROGRAM, "own_values", "start"), "hand": hand_own, "floor": floor_own}


def _same(size: int, label: str, count: int, target: float, quick: bool) -> Workload:
    return Workload(
        f"same-{label.replace(' ', '').lower()}-{count}",
        f"the same {label} to {count} actors, 10 steps",
        SAME,
        {"count": count, "size": size, "steps": 10},
        {"count": 2, "size": 800, "steps": 2},
        target=target,
        quick=quick,
    )


def _own(size: int, label: str, count: int) -> Workload:
    return Workload(
        f"own-{label.replace(' ', '').lower()}-{count}",
        f"{label} each to {count} actors, 10 steps",
        OWN,
        {"count": count, "size": size, "steps": count},
        {"count": 2, "size": 800, "steps": 2},
        quick=False,
    )


def _forget(name: str, title: str, run: str, calls: int, **options: Any) -> Workload:
    return Workload(
        name,
        title,
        {**compared(PROGRAM, run, "start_counter"), "hand": hand_forget, "floor": floor_forget},
        {"calls": calls},
        {"calls": 20},
        **options,
    )


WORKLOADS = (
    _same(8_000, "8 KB", 4, 0.95, False),
    _same(8_000, "8 KB", 16, 0.95, True),
    _same(1_000_000, "1 MB", 4, 0.95, False),
    _same(1_000_000, "1 MB", 16, 1.2, False),
    _same(10_000_000, "10 MB", 4, 0.95, False),
    _same(10_000_000, "10 MB", 16, 3.5, True),
    _own(8_000, "8 KB", 16),
    _own(1_000_000, "1 MB", 16),
    _forget("forget-calls", "1,000 calls on an actor that nobody gets", "forget_calls", 1000),
    _forget("forget-tasks", "300 tasks that nobody gets", "forget_tasks", 300, quick=False),
)
