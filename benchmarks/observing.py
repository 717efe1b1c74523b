"""What it costs to be able to watch a program, and what watching costs: the driver's time per member.

    python -m benchmarks.observing        # prints the table and writes benchmarks/results/observing.json

Each row is one group that is made, submitted and got. `off` is a run without `--stats` and `--trace`, in which the
runtime asks `is there an observer` some times a group; `on` is the same with one. The two take turns, and the ratios
are those of one round; `asking` is the time of all the questions of a row, measured by itself, over the time of `off`.
"""

from __future__ import annotations

import gc
import platform
import statistics
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray

import rayinfer.inferred as ri
from benchmarks.results import write_json
from rayinfer.runtime import regions
from rayinfer.runtime.observer import Observer

RESULTS = Path(__file__).parent / "results" / "observing.json"
ROUNDS = 15
# Questions of a row that are asked once a group: where its node is made, its batch submitted, its slices begun.
PER_GROUP = 3


@ray.remote
def task(x: Any) -> Any:
    return x


@ray.remote(num_cpus=0)
class Actor:
    def take(self, x: Any) -> Any:
        return x


def rows(actor: Any) -> dict[str, tuple[int, Callable[[], Any]]]:
    """What is timed, by name: how many members, and what makes, submits and gets the group."""
    return {
        "one task": (1, lambda: ray.get(ri.evaluate(ri.Map(task, None, (ri.call(i) for i in range(1)))))),
        "tasks": (200, lambda: ray.get(ri.evaluate(ri.Map(task, None, (ri.call(i) for i in range(200)))))),
        "slices": (2000, lambda: ri.get(ri.Map(task, None, (ri.call(i) for i in range(2000))))),
        "calls": (
            200,
            lambda: ray.get(ri.evaluate(ri.MapActors("take", [actor] * 200, (ri.call(i) for i in range(200))))),
        ),
    }


def measure() -> dict[str, dict[str, float]]:
    """Per row, the medians: microseconds of the driver's thread per member when off, and the two ratios to it."""
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    question = min(timeit.repeat("regions.observer is not None", globals={"regions": regions}, number=10**5)) / 10**5
    times: dict[str, list[tuple[float, float]]] = {}
    found = {}
    try:
        made = rows(Actor.remote())
        for _ in range(ROUNDS):
            for name, (_, run) in made.items():
                off, on = _timed(None, run), _timed(Observer(), run)
                times.setdefault(name, []).append((off, on))
        for name, (members, _) in made.items():
            off = statistics.median(one for one, _ in times[name])
            found[name] = {
                "members": members,
                "off_us_per_member": round(off / members * 1e6, 3),
                "on_over_off": round(statistics.median(on / one for one, on in times[name]), 3),
                "asking_over_off": round(question * (PER_GROUP + members * (name == "slices")) / off, 6),
            }
    finally:
        regions.observer = None
        ray.shutdown()
    return found


def _timed(observer: Observer | None, run: Callable[[], Any]) -> float:
    gc.collect()
    regions.observer = observer
    start = time.thread_time()
    run()
    spent = time.thread_time() - start
    regions.observer = None
    return spent


def main() -> None:
    """Prints the table, and writes it with the versions."""
    found = measure()
    for name, row in found.items():
        print(
            f"{name:10} {row['off_us_per_member']:8.2f} us a member off, {row['on_over_off']:.2f} x on, "
            f"asking {row['asking_over_off'] * 100:.4f} %"
        )
    versions = {"python": platform.python_version(), "ray": ray.__version__}
    write_json(RESULTS, {"rounds": ROUNDS, "versions": versions, "rows": found})


if __name__ == "__main__":
    main()
