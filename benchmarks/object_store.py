"""What programs hold in the object store, plain and rewritten: the peak, all that was made, and what is left.

    python -m benchmarks.object_store     # prints the table and writes benchmarks/results/object_store.json

The peak is the largest sum over all nodes of the bytes in use that was seen while a program ran, looked at again and
again; a copy on another node counts. The variants take turns, and the ratios are those of the medians of one run.
"""

from __future__ import annotations

import contextlib
import platform
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from benchmarks.results import write_json
from benchmarks.suite.workload import Bench
from rayinfer.runtime.local_cluster import LocalCluster

RESULTS = Path(__file__).parent / "results" / "object_store.json"
PROGRAM = "benchmarks/suite/plain/storing.py"
NODES, CPUS_PER_NODE, STORE_BYTES = 5, 4, 1 << 30
ROUNDS = 5
KB, MB = 1 << 10, 1 << 20
# The functions of the program with what they are called with; of those that take actors, how many comes first.
WITH_ACTORS = ("stream", "same_value", "constant")
WORKLOADS: Mapping[str, tuple[Any, ...]] = {
    "stream": (5, 20, 2 * MB, 8),
    "shuffle": (20, 256 * KB),
    "same_value": (16, 10 * MB, 6),
    "constant": (16, 10 * MB, 6),
    "ticks": (4, 256 * KB, 200),
    "held": (400, 128 * KB),
    "tree": (64, MB),
}


@dataclass
class Use:
    """Bytes of the object stores of all nodes: in use before, at most, and soon after; and how many were made."""

    before: int = 0
    peak: int = 0
    left: int = 0
    made: int = 0


class Stores:
    """The object stores of all nodes of the cluster that this process is connected to."""

    def __init__(self) -> None:
        from ray._private import internal_api

        nodes = [(node["NodeManagerAddress"], node["NodeManagerPort"]) for node in ray.nodes() if node["Alive"]]
        self._look = lambda: [internal_api.node_stats(*one, include_memory_info=False).store_stats for one in nodes]

    def look(self) -> tuple[int, int]:
        """The bytes in use now, and those of all objects that were ever made, also as copies."""
        stats = self._look()
        used, made = (one.object_store_bytes_used for one in stats), (one.cumulative_created_bytes for one in stats)
        return sum(used), sum(made)

    def settled(self, most: int, patience: float = 10.0) -> int:
        """The bytes in use once they are no more than `most`, or after so many seconds."""
        end = time.monotonic() + patience
        while (used := self.look()[0]) > most and time.monotonic() < end:
            time.sleep(0.05)
        return used

    @contextlib.contextmanager
    def watched(self) -> Iterator[Use]:
        """What is used during the block; complete after it."""
        use = Use(*self.look()[:1])
        made, over = self.look()[1], threading.Event()

        def watch() -> None:
            while not over.wait(0.002):
                use.peak = max(use.peak, self.look()[0] - use.before)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield use
        finally:
            over.set()
            watcher.join()
            use.left = self.settled(use.before) - use.before
            use.made = self.look()[1] - made


def measure(bench: Bench, name: str, given: tuple[Any, ...], rounds: int) -> dict[str, list[Use]]:
    """What each variant of a workload used in each round, in turns.

    Raises AssertionError when one gives another result than the other.
    """
    stores, found = Stores(), dict[str, list[Use]]()
    variants = {
        variant: getattr(bench.program(PROGRAM, variant == "rewritten"), name) for variant in ("plain", "rewritten")
    }
    results: list[Any] = []
    if name in WITH_ACTORS:
        # The same ones for both: they remember nothing.
        given = (bench.program(PROGRAM, False).start(given[0]), *given[1:])
    for _ in range(rounds):
        for variant, run in variants.items():
            with stores.watched() as use:
                results.append(run(*given))
            found.setdefault(variant, []).append(use)
    assert all(result == results[0] for result in results), f"{name}: {results}"
    return found


def main() -> None:
    cluster = LocalCluster(NODES, CPUS_PER_NODE, STORE_BYTES)
    rows: dict[str, Any] = {}
    try:
        ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
        with contextlib.closing(Bench()) as bench:
            for name, given in WORKLOADS.items():
                # The first round starts processes.
                found = {variant: uses[1:] for variant, uses in measure(bench, name, given, ROUNDS + 1).items()}
                medians = {
                    variant: {
                        "peak_mb": round(statistics.median(use.peak for use in uses) / MB, 2),
                        "made_mb": round(statistics.median(use.made for use in uses) / MB, 2),
                        "left_mb": round(max(use.left for use in uses) / MB, 2),
                    }
                    for variant, uses in found.items()
                }
                plain, rewritten = medians["plain"], medians["rewritten"]
                ratio = round(rewritten["peak_mb"] / plain["peak_mb"], 3)
                rows[name] = {**medians, "peak_ratio": ratio}
                print(f"{name:12} peak {plain['peak_mb']:8} {rewritten['peak_mb']:8} MB, {ratio:6} times; ", end="")
                print(
                    f"made {plain['made_mb']:8} {rewritten['made_mb']:8} MB; left {rewritten['left_mb']} MB", flush=True
                )
    finally:
        ray.shutdown()
        cluster.stop()
    about = {"ray": ray.__version__, "python": platform.python_version(), "nodes": NODES, "rounds": ROUNDS}
    write_json(RESULTS, {**about, "workloads": rows})


if __name__ == "__main__":
    main()
