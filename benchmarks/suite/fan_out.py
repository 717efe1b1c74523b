"""Workloads that fan out and get: tiny, short, long, skewed and mixed tasks."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ray

from benchmarks.suite.plain.fan_out import spin
from benchmarks.suite.workload import CORES, Bench, Run, Workload, compared

PROGRAM = "benchmarks/suite/plain/fan_out.py"


@ray.remote
def square_slice(first: int, stop: int) -> int:
    return sum(x * x for x in range(first, stop))


@ray.remote
def spin_slice(loops: Sequence[int]) -> list[int]:
    return [spin(n) for n in loops]


def square(x: int) -> int:
    return x * x


def hand_squares(_bench: Bench, n: int) -> Run:
    """Slices of which each worker gets four, and sums instead of values."""
    step = max(1, n // (4 * CORES))
    return lambda: sum(ray.get([square_slice.remote(i, min(i + step, n)) for i in range(0, n, step)]))


def dask_squares(bench: Bench, n: int) -> Run:
    client = bench.dask
    # Without pure=False a second run finds the first one's results.
    return lambda: sum(client.gather(client.map(square, range(n), pure=False)))


def floor_squares(bench: Bench, n: int) -> Run:
    pool = bench.pool
    return lambda: sum(pool.map(square, range(n), chunksize=max(1, n // (4 * CORES))))


def hand_fan_out(_bench: Bench, loops: list[int], slice_of: int = 1) -> Run:
    """Slices of `slice_of` members where these are short, the longest members first."""
    order = sorted(range(len(loops)), key=lambda i: -loops[i])
    slices = [order[i : i + slice_of] for i in range(0, len(order), slice_of)]

    def run() -> list[int]:
        found = ray.get([spin_slice.remote([loops[i] for i in one]) for one in slices])
        values = dict(zip((i for one in slices for i in one), (v for one in found for v in one), strict=True))
        return [values[i] for i in range(len(loops))]

    return run


def dask_fan_out(bench: Bench, loops: list[int]) -> Run:
    client = bench.dask
    return lambda: list(client.gather(client.map(spin, loops, pure=False)))


def floor_fan_out(bench: Bench, loops: list[int]) -> Run:
    pool = bench.pool
    return lambda: list(pool.map(spin, loops))


def spins(seconds: Sequence[float]) -> Callable[[Bench], list[int]]:
    """The loops of tasks that take so many seconds."""
    return lambda bench: [bench.loops(one) for one in seconds]


def pareto(count: int, shape: float, least: float, most: float) -> list[float]:
    """Seconds drawn from a Pareto law, the same on every call."""
    drawn = random.Random(7)
    return [min(most, least * drawn.paretovariate(shape)) for _ in range(count)]


SQUARES = compared(PROGRAM, "squares")
SQUARES_LATER = compared(PROGRAM, "squares_later")
FAN_OUT = compared(PROGRAM, "fan_out")
FAN_OUT_LATER = compared(PROGRAM, "fan_out_later")


def _squares(name: str, title: str, n: int, programs: Mapping[str, Any] = SQUARES, **options: Any) -> Workload:
    variants = {**programs, "hand": hand_squares, "floor": floor_squares}
    if options.get("nodes", 1) == 1:
        variants["dask"] = dask_squares
    return Workload(name, title, variants, {"n": n}, {"n": 50}, **options)


def _spins(
    name: str,
    title: str,
    seconds: Sequence[float],
    slice_of: int = 1,
    programs: Mapping[str, Any] = FAN_OUT,
    **options: Any,
) -> Workload:
    variants = {
        **programs,
        "hand": functools.partial(hand_fan_out, slice_of=slice_of),
        "floor": floor_fan_out,
    }
    if options.get("nodes", 1) == 1:
        variants["dask"] = dask_fan_out
    return Workload(name, title, variants, {"loops": spins(seconds)}, {"loops": [1000, 20, 3000] * 4}, **options)


MIXED = [0.3 if i % 50 == 10 else 0.0005 for i in range(200)]

WORKLOADS = (
    _squares("tiny-5000", "5,000 tiny tasks", 5000, target=100.0),
    _squares("tiny-50000", "50,000 tiny tasks", 50_000, target=100.0, quick=False, rounds=3),
    _squares("refs-5000", "5,000 tiny tasks, refs waited for", 5000, SQUARES_LATER, target=10.0, quick=False),
    _spins("tasks-1ms", "400 tasks of 1 ms", [0.001] * 400, slice_of=20),
    _spins("refs-1ms", "400 tasks of 1 ms, refs waited for", [0.001] * 400, 20, FAN_OUT_LATER, quick=False),
    _spins("tasks-10ms", "100 tasks of 10 ms", [0.01] * 100),
    _spins("tasks-1s", "4 tasks of 1 s", [1.0] * 4, rounds=3, quick=False),
    _spins("pareto", "200 tasks, Pareto durations from 1 ms", pareto(200, 1.1, 0.001, 0.5)),
    _spins("mixed", "196 tasks of 0.5 ms and 4 of 300 ms", MIXED, quick=False),
    _spins("refs-mixed", "196 tasks of 0.5 ms and 4 of 300 ms, refs waited for", MIXED, 1, FAN_OUT_LATER, quick=False),
    _squares("tiny-5000-five", "5,000 tiny tasks, five nodes", 5000, target=100.0, nodes=5, rounds=5, quick=False),
    _spins("tasks-10ms-five", "100 tasks of 10 ms, five nodes", [0.01] * 100, nodes=5, rounds=5, quick=False),
)
