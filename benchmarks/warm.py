"""Runs a script as __main__ with a `ray.init` that returns once every CPU of the cluster has a started worker.

Twenty worker processes take some eight seconds to start on two cores, and a stream that ticks meanwhile spends a
minute working off what has piled up. All programs of a comparison are run this way, so it favours none.
"""

from __future__ import annotations

import asyncio
import runpy
import sys
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy


@ray.remote(num_cpus=0)
class Gate:
    """Holds every caller until `count` of them have come."""

    def __init__(self, count: int) -> None:
        self.missing = count
        self.opened = asyncio.Event()

    async def wait(self) -> None:
        self.missing -= 1
        if self.missing == 0:
            self.opened.set()
        await self.opened.wait()


@ray.remote(num_cpus=1)
def occupy(gate: Any) -> None:
    import numpy  # noqa: F401  (every program imports it: load it now)

    ray.get(gate.wait.remote())


def start_workers() -> None:
    """Keeps one task on every CPU at the same time, so that each has to have a worker of its own."""
    cpus = {node["NodeID"]: int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]}
    gate = Gate.remote(sum(cpus.values()))
    ray.get(
        [
            occupy.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote(gate)
            for node, count in cpus.items()
            for _ in range(count)
        ]
    )


def main() -> None:
    plain_init = ray.init

    def init(*args: Any, **kwargs: Any) -> Any:
        context = plain_init(*args, **kwargs)
        start_workers()
        return context

    ray.init = init
    script = sys.argv[1]
    sys.argv = sys.argv[1:]
    sys.path[0] = str(Path(script).resolve().parent)
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
