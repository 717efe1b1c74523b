"""Workloads that are loops: serial gets, the first and the thousandth call of a group or shuffle, growth of memory."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import ray

from benchmarks.suite.plain.loops import Column, quarters, spin, work
from benchmarks.suite.workload import CORES, Bench, Prepare, Run, Workload, compared, wall_seconds

PROGRAM = "benchmarks/suite/plain/loops.py"


def hand_serial(_bench: Bench, calls: int, loops: int) -> Run:
    """All calls at once."""
    return lambda: sum(ray.get([work.remote(loops + i) for i in range(calls)]))


def dask_serial(bench: Bench, calls: int, loops: int) -> Run:
    client = bench.dask
    return lambda: sum(client.gather(client.map(spin, range(loops, loops + calls), pure=False)))


def floor_serial(bench: Bench, calls: int, loops: int) -> Run:
    pool = bench.pool
    return lambda: sum(pool.map(spin, range(loops, loops + calls)))


@ray.remote(num_cpus=0)
class Executor:
    """Runs the chains of a slice of the group."""

    def run(self, members: list[int]) -> list[list[int]]:
        return [[i + 2] for i in members]


def hand_group(_bench: Bench, width: int) -> Run:
    """An executor per core, which takes its share of the group's chains."""
    shares = [list(range(i, width, CORES)) for i in range(CORES)]
    executors = [Executor.remote() for _ in shares]

    def run() -> list[list[int]]:
        found = ray.get([e.run.remote(share) for e, share in zip(executors, shares, strict=True)])
        return [found[i % CORES][i // CORES] for i in range(width)]

    run()
    return run


def floor_group(_bench: Bench, width: int) -> Run:
    return lambda: [[i + 2] for i in range(width)]


@ray.remote(num_cpus=0)
class Splitter:
    """Runs one of the tasks of every shuffle."""

    @ray.method(num_returns=4)
    def split(self, first: int, size: int) -> Any:
        return quarters(first, size)


def hand_shuffle(_bench: Bench, width: int, size: int) -> Run:
    """An executor for each task of the shuffle."""
    splitters = [Splitter.remote() for _ in range(width)]
    columns = [Column.remote() for _ in range(4)]

    def run() -> list[int]:
        parts = [splitter.split.remote(i, size) for i, splitter in enumerate(splitters)]
        return list(ray.get([column.take.remote(*[one[i] for one in parts]) for i, column in enumerate(columns)]))

    run()
    return run


def floor_shuffle(_bench: Bench, width: int, size: int) -> Run:
    def run() -> list[int]:
        parts = [quarters(i, size) for i in range(width)]
        return [sum(int(one[i].sum()) for one in parts) for i in range(4)]

    return run


def _last_calls(_bench: Bench, prepare: Prepare, calls: int, **given: Any) -> Run:
    """A run of many calls that reports the mean seconds of the last tenth of them."""
    call = prepare(_bench, **given)
    last = max(1, calls // 10)

    def run() -> tuple[float, Any]:
        for _ in range(calls - last):
            call()
        seconds, result = wall_seconds(lambda: [call() for _ in range(last)][-1])
        return seconds / last, result

    return run


def _growth(_bench: Bench, prepare: Prepare, **given: Any) -> Run:
    """A run that is run twice and reports by how many MB the driver has grown the second time, at least one."""
    import psutil

    call = prepare(_bench, **given)
    process = psutil.Process()

    def run() -> tuple[float, Any]:
        call()
        before = process.memory_info().rss
        result = call()
        return max(1.0, (process.memory_info().rss - before) / 1e6), result

    return run


def _each(wrapper: Prepare, variants: Mapping[str, Prepare]) -> dict[str, Prepare]:
    return {name: functools.partial(wrapper, prepare=prepare) for name, prepare in variants.items()}


GROUP: dict[str, Prepare] = {**compared(PROGRAM, "small_group"), "hand": hand_group, "floor": floor_group}
SHUFFLE: dict[str, Prepare] = {
    **compared(PROGRAM, "small_shuffle", "start_shuffle"),
    "hand": hand_shuffle,
    "floor": floor_shuffle,
}

WORKLOADS = (
    Workload(
        "serial-gets",
        "a get in every round: 100 calls of 5 ms",
        {**compared(PROGRAM, "serial_gets"), "hand": hand_serial, "dask": dask_serial, "floor": floor_serial},
        {"calls": 100, "loops": lambda bench: bench.loops(0.005)},
        {"calls": 8, "loops": 100},
    ),
    Workload(
        "first-call",
        "the first call of a group of 20 chains",
        {name: prepare for name, prepare in GROUP.items() if name in ("plain", "rewritten")},
        {"width": 20},
        {"width": 3},
        fresh=True,
    ),
    Workload(
        "thousandth-call",
        "the thousandth call of a group of 20 chains",
        _each(_last_calls, GROUP),
        {"width": 20, "calls": 1000},
        {"width": 3, "calls": 3},
        reports=True,
        rounds=3,
        quick=False,
    ),
    Workload(
        "steady-shuffle",
        f"the thousandth shuffle of {CORES} tasks into 4 actors",
        _each(_last_calls, SHUFFLE),
        {"width": CORES, "size": 10_000, "calls": 1000},
        {"width": 2, "size": 100, "calls": 3},
        reports=True,
        rounds=3,
        quick=False,
    ),
    Workload(
        "memory",
        "the driver's growth in ticks 5,000 to 10,000 of 4 chains",
        _each(_growth, compared(PROGRAM, "ticks")),
        {"count": 5000, "width": 4},
        {"count": 3, "width": 2},
        reports=True,
        unit="MB",
        rounds=3,
        fresh=True,
        quick=False,
    ),
)
