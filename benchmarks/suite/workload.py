"""What a workload of the suite is, and what its variants run with."""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import time
import types
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rayinfer.compiler import compile_source

ROOT = Path(__file__).resolve().parents[2]
CORES = max(2, os.cpu_count() or 2)
CPUS_PER_NODE = {1: CORES, 5: 4}
BASELINE = "plain"
VARIANTS = (BASELINE, "rewritten", "hand", "dask", "floor")

Run = Callable[[], Any]
Prepare = Callable[..., Run]


class Bench:
    """What variants share within one driver: the loaded programs, a pool of processes, a dask cluster.

    Everything is made when it is first asked for; `close` ends it.
    """

    def __init__(self) -> None:
        self._ends = ExitStack()

    def close(self) -> None:
        """End the processes that were started."""
        self._ends.close()

    @functools.cached_property
    def folder(self) -> str:
        """A folder for files that last as long as the bench."""
        return self._ends.enter_context(tempfile.TemporaryDirectory())

    @functools.cached_property
    def pool(self) -> ProcessPoolExecutor:
        """As many started processes as the machine has cores."""
        pool = self._ends.enter_context(ProcessPoolExecutor(CORES, mp_context=get_context("spawn")))
        list(pool.map(time.sleep, [0.1] * CORES))
        return pool

    @functools.cached_property
    def dask(self) -> Any:
        """The client of a dask cluster with one worker process per core."""
        from distributed import Client, LocalCluster

        cluster = LocalCluster(n_workers=CORES, threads_per_worker=1, dashboard_address=None, silence_logs=50)
        self._ends.callback(cluster.close)
        return self._ends.enter_context(Client(cluster))

    @functools.cache  # noqa: B019  (a driver has one bench)
    def loops(self, seconds: float) -> int:
        """How many loops of `spin` take about `seconds` of an idle core."""
        return max(1, round(seconds * _loops_per_second()))

    @functools.cache  # noqa: B019
    def program(self, path: str, rewritten: bool) -> types.ModuleType:
        """The program at `path`, below the repository, as it stands or rewritten.

        It is no importable module, so that workers get its functions by value, as those of a script.
        """
        compiled = compile_source((ROOT / path).read_bytes(), path)
        module = types.ModuleType(f"{Path(path).stem}_{'rewritten' if rewritten else 'plain'}")
        module.__file__ = str(ROOT / path)
        exec(
            compile(compiled.output if rewritten else compiled.source, path, "exec", dont_inherit=True), module.__dict__
        )
        return module


@functools.cache
def _loops_per_second() -> float:
    from benchmarks.suite.plain.fan_out import spin

    loops, rates = 20_000, []
    for _ in range(9):
        start = time.perf_counter()
        spin(loops)
        rates.append(loops / (time.perf_counter() - start))
    return max(rates)


def wall_seconds(run: Run) -> tuple[float, Any]:
    """How many seconds one run takes, and what it gives."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


@dataclass(frozen=True)
class Workload:
    """One workload; all its variants get the same arguments and have to give the same result.

    A variant is a function that gets a `Bench` and the arguments, prepares a run, and returns it; what it prepares is
    not timed. An argument that is a function is called with the `Bench` first. `target` is the least ratio of plain to
    rewritten, `limit` the largest of rewritten to hand. With `fresh` every run has a driver of its own; without
    `connects` the driver itself does not join the cluster, whose address is in RAY_ADDRESS. The figure of a run is its
    seconds; with `reports` a run returns its figure, in `unit`, before its result. Of a figure less is better.
    """

    name: str
    title: str
    variants: Mapping[str, Prepare]
    full: Mapping[str, Any]
    tiny: Mapping[str, Any]
    target: float = 0.95
    limit: float | None = None
    nodes: int = 1
    rounds: int = 7
    quick: bool = True
    fresh: bool = False
    connects: bool = True
    reports: bool = False
    unit: str = "s"
    same: Callable[[Any, Any], bool] = field(default=lambda one, other: bool(one == other))

    def given(self, bench: Bench, size: str) -> dict[str, Any]:
        """The arguments at a size, `full` or `tiny`."""
        chosen = self.full if size == "full" else self.tiny
        return {name: value(bench) if callable(value) else value for name, value in chosen.items()}

    def measure(self, run: Run) -> tuple[float, Any]:
        """The figure of one run, and its result."""
        if self.reports:
            figure, result = run()
            return figure, result
        return wall_seconds(run)


def compared(path: str, run: str, setup: str = "") -> dict[str, Prepare]:
    """The plain and the rewritten variant: function `run` of the program at `path`.

    It gets the arguments of the workload; with `setup`, a function of the program as well, what that makes of them.
    """

    def prepare(bench: Bench, rewritten: bool, **given: Any) -> Run:
        module = bench.program(path, rewritten)
        function = getattr(module, run)
        if not setup:
            return functools.partial(function, **given)
        return functools.partial(function, *getattr(module, setup)(**given))

    return {
        BASELINE: functools.partial(prepare, rewritten=False),
        "rewritten": functools.partial(prepare, rewritten=True),
    }


def plain_environment() -> dict[str, str]:
    """The environment of a process of the suite: this repository's modules, and nothing chosen of rayinfer.

    Bytecode is kept as where packages are installed: compiling rayinfer anew would count for the first call.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("RAYINFER_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])}


def command(module: str, *arguments: str) -> list[str]:
    """The command line of a module of this repository."""
    return [sys.executable, "-m", module, *arguments]
