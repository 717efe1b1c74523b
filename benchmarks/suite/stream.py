"""The stream job on five nodes: mean latency over data sizes and map steps, and the shortest tick that is sustained."""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import CPUS_PER_NODE, MAPS, NODES, REDUCERS, ROOT, Run, Size, run_variant, write_variants
from benchmarks.suite import workload
from benchmarks.suite.workload import Bench, Prepare, Workload

TICK = 0.1
# As many as the program makes unless told otherwise: in fewer, the start of workers is most of what is measured.
ITERATIONS = 100
# What a script is asked for when its tick is to be found, from slow to fast, in seconds.
TICKS = (0.8, 0.4, 0.2, 0.1, 0.05, 0.025)
TICK_SECONDS = 4.0


def _script(bench: Bench, variant: str) -> Path:
    if variant == "hand":
        return ROOT / "benchmarks" / "suite" / "stream_by_hand.py"
    return write_variants(Path(bench.folder))[{"plain": "plain Ray", "rewritten": "rewritten"}[variant]]


def _latency(bench: Bench, variant: str, size: int, maps: int, ticks: int, **cluster: Any) -> workload.Run:
    script = _script(bench, variant)

    def run() -> tuple[float, Any]:
        return float(np.mean(_run(script, variant, size, maps, ticks, TICK, **cluster).steady())), "the sums are right"

    return run


def _run(script: Path, variant: str, size: int, maps: int, ticks: int, tick: float, **cluster: Any) -> Run:
    options = ["--maps", str(maps), "--tick", str(tick)]
    options += [part for name, value in cluster.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    wanted = Size(f"{size} bytes", size, ticks)
    run = run_variant(os.environ["RAY_ADDRESS"], None, variant, script, wanted, options)
    if run.error:
        raise RuntimeError(f"{variant}: {run.error}")
    return run


def _tick(bench: Bench, variant: str, size: int, maps: int, ticks: tuple[float, ...], **cluster: Any) -> workload.Run:
    """A run that reports the shortest of `ticks` that is sustained, in ms; infinite when none is."""
    script = _script(bench, variant)

    def sustained(tick: float) -> bool:
        run = _run(script, variant, size, maps, round(TICK_SECONDS / tick), tick, **cluster)
        return all(keeps_up(one, tick) for one in run.latencies)

    def run() -> tuple[float, Any]:
        reached = list(itertools.takewhile(sustained, ticks))
        return (reached[-1] * 1e3 if reached else float("inf")), "the sums are right"

    return run


def keeps_up(latencies: list[float], tick: float) -> bool:
    """Whether the last quarter of latencies, in ms, is at most a tick above the second: the backlog does not grow."""
    quarter = max(1, len(latencies) // 4)
    return float(np.mean(latencies[-quarter:])) <= float(np.mean(latencies[quarter : 2 * quarter])) + tick * 1e3


@functools.cache
def _batch(size: int) -> Any:
    return np.arange(size // 8, dtype=np.float64) % 1000


def _chain(size: int, maps: int) -> list[float]:
    values = _batch(size)
    for _ in range(maps):
        values = values + 1
    return [float(part.sum()) for part in np.array_split(values, REDUCERS)]


def _floor(bench: Bench, size: int, maps: int, ticks: int, **cluster: Any) -> workload.Run:
    """The chains of a batch in a pool of processes, which hold what they begin with."""
    width, pool = NODES * CPUS_PER_NODE, bench.pool

    def one() -> float:
        start = time.perf_counter()
        list(pool.map(_chain, [size] * width, [maps] * width))
        return (time.perf_counter() - start) * 1e3

    return lambda: (float(np.mean([one() for _ in range(min(ticks, 10))])), "the sums are right")


def _variants(prepare: Callable[..., workload.Run]) -> dict[str, Prepare]:
    return {name: functools.partial(prepare, variant=name) for name in ("plain", "rewritten", "hand")}


LATENCY: dict[str, Prepare] = {**_variants(_latency), "floor": _floor}
FASTEST: dict[str, Prepare] = _variants(_tick)
SMALL = {"nodes": 1, "cpus_per_node": 2, "reducers": 2, "settle": 0}


def _stream(label: str, size: int, maps: int, **options: Any) -> Workload:
    return Workload(
        f"stream-{label.replace(' ', '').lower()}" + (f"-{maps}-maps" if maps != MAPS else ""),
        f"stream, {label}, {maps} map step{'s' if maps > 1 else ''}: mean latency",
        LATENCY,
        {"size": size, "maps": maps, "ticks": ITERATIONS},
        {"size": 8000, "maps": 2, "ticks": 3, **SMALL},
        **{"nodes": 5, "rounds": 2, "fresh": True, "connects": False, "reports": True, "unit": "ms", **options},
    )


WORKLOADS = (
    _stream("8 KB", 8_000, 1, target=2.5, quick=False),
    _stream("0.8 MB", 800_000, 1, target=3.0),
    _stream("0.8 MB", 800_000, 2, quick=False),
    _stream("0.8 MB", 800_000, 4, quick=False),
    _stream("4 MB", 4_000_000, 1, quick=False),
    _stream("16 MB", 16_000_000, 1, target=50.0, limit=1.25, quick=False),
    Workload(
        "stream-tick",
        "stream, 0.8 MB: the shortest tick that is sustained",
        FASTEST,
        {"size": 800_000, "maps": 1, "ticks": TICKS},
        {"size": 8000, "maps": 1, "ticks": (1.0,), **SMALL},
        nodes=5,
        rounds=1,
        fresh=True,
        connects=False,
        reports=True,
        unit="ms",
        quick=False,
    ),
)
