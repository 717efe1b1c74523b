"""What the guards cost the driver: the time to make a group's members, per member, guarded and not.

    python -m benchmarks.guards           # prints the table and writes benchmarks/results/guards.json

A call is deferred in every row, and what defers it is timed, not its submission. `plain call` is what a call that is
not guarded costs; the others are compared with it. Rounds take turns; the time is the driver thread's own, and the
median of each row counts.
"""

from __future__ import annotations

import gc
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ray

import rayinfer.inferred as ri
from benchmarks.results import write_json

RESULTS = Path(__file__).parent / "results" / "guards.json"
MEMBERS = 2000
ROUNDS = 15


@ray.remote(num_cpus=0)
def task(x: Any) -> Any:
    return x


@ray.remote(num_cpus=0)
class Actor:
    def take(self, x: Any) -> Any:
        return x

    def count(self) -> int:
        return 0


class Holder:
    """Holds a task as an attribute, as many programs do."""

    task = task


def rows(actor: Any) -> dict[str, Callable[[], Any]]:
    """What is timed, by name: each makes one pending group of `MEMBERS` members."""
    many, one, holder = range(MEMBERS), [actor] * MEMBERS, Holder()
    return {
        "plain call": lambda: ri.Map(task, None, (ri.call(i) for i in many)),
        "task by attribute": lambda: ri.Group(None, (ri.of(holder.task)(i) for i in many)),
        "task with options": lambda: ri.Map(None, None, (ri.options(task, max_retries=2)(i) for i in many)),
        "method without arguments": lambda: ri.MapActors("count", one),
        "method by pairs": lambda: ri.MapActors("take", None, (ri.of(a, "take")(i) for i, a in enumerate(one))),
    }


def measure() -> dict[str, float]:
    """Microseconds per member of every row: the median of its rounds."""
    ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="error")
    times: dict[str, list[float]] = {}
    try:
        made = rows(Actor.remote())
        for _ in range(ROUNDS):
            for name, make in made.items():
                gc.collect()
                # Behind something pending, calls on actors are deferred as well.
                ri.Map(task, None, (ri.call(0) for _ in range(1)))
                start = time.thread_time()
                node = make()
                times.setdefault(name, []).append((time.thread_time() - start) / MEMBERS * 1e6)
                # It is timed how calls are deferred: what was deferred is given up.
                assert node.home.give_up([node])
                node.release()
                ri.evaluate()
    finally:
        ray.shutdown()
    return {name: round(statistics.median(found), 3) for name, found in times.items()}


def main() -> None:
    """Prints the table, and writes it with the versions."""
    found = measure()
    base = found["plain call"]
    for name, us in found.items():
        print(f"{name:26} {us:7.2f} us a member, {us - base:+.2f}")
    versions = {"python": platform.python_version(), "ray": ray.__version__}
    report = {"unit": "us per member on the driver", "members": MEMBERS, "rounds": ROUNDS, "versions": versions}
    write_json(RESULTS, {**report, "rows": found})


if __name__ == "__main__":
    main()
