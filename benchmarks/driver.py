"""What the driver spends on a member, besides Ray's own calls: first and again, for groups of 20 to 20,000 members.

    python -m benchmarks.driver           # prints the table and writes benchmarks/results/driver.json

A group is made, planned and submitted. The time is that of the driver's thread, less what it spends inside of Ray (its
`.remote`, `get`, `wait`, and the export of a function, which plain Ray pays as well) and what reading the clock takes.
Each task of a chain is a member. `first` has a task or an actor that nothing was submitted to before, `again` is the
median of what follows at the same place: of five groups, and of small ones of as many as have `STEADY` members, for
their plan is replayed in a loop that runs for long. Garbage is collected in between as often for groups of all sizes.
"""

from __future__ import annotations

import gc
import platform
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ray

import rayinfer.inferred as ri
from benchmarks.results import write_json
from rayinfer.runtime import rayprivate, rayprivate_sends

if TYPE_CHECKING:
    from collections.abc import Iterator

RESULTS = Path(__file__).parent / "results" / "driver.json"
SIZES = (20, 200, 2_000, 20_000)
AGAIN = 5
STEADY = 2_000
# What the driver may spend on a member, in microseconds.
FIRST_US, AGAIN_US = 60.0, 10.0


class Inside:
    """The seconds that the driver's thread spends inside of Ray."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.deep = False
        # What timing a call takes that is not in its own time.
        self.more = 0.0
        nothing, count = self.timed(lambda: None), 2_000
        start = time.thread_time()
        for _ in range(count):
            nothing()
        self.more = (time.thread_time() - start - self.seconds) / count

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, noting its time; not again where it is called by another one."""

        def call(*args: Any, **kwargs: Any) -> Any:
            if self.deep:
                return function(*args, **kwargs)
            self.deep, start = True, time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.thread_time() - start + self.more
                self.deep = False

        return call

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While everything that asks Ray for something is timed."""
        places = [
            (ray.remote_function.RemoteFunction, "_remote"),
            (ray.actor.ActorMethod, "_remote"),
            (ray, "get"),
            (ray, "wait"),
            (rayprivate, "export"),
            (rayprivate_sends, "send"),
            (rayprivate_sends, "pack"),
        ]
        before = [(owner, name, getattr(owner, name)) for owner, name in places]
        for owner, name, function in before:
            setattr(owner, name, self.timed(function))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)


def task_made(number: int) -> Any:
    """A task that Ray has not seen yet."""
    return ray.remote(eval(f"lambda x: x + {number}"))


@ray.remote(num_cpus=0)
class Actor:
    def take(self, x: Any) -> Any:
        return x


def values_only(tasks: list[Any], members: int) -> Any:
    """A fan-out whose values are got at once."""
    return ri.get(ri.Map(tasks[0], None, (ri.call(i) for i in range(members))))


def refs_kept(tasks: list[Any], members: int) -> Any:
    """A fan-out whose refs the program holds."""
    return ri.evaluate(ri.Map(tasks[0], None, (ri.call(i) for i in range(members))))


def chains(tasks: list[Any], members: int) -> Any:
    """Chains of two tasks, of which the program holds the second ones' refs."""
    first = ri.Map(tasks[0], None, (ri.call(i) for i in range(members)))
    return ri.evaluate(ri.Map(tasks[1], first, (ri.call(one) for one in ri.each(first))))


def calls(actors: list[Any], members: int) -> Any:
    """Calls on one actor, whose refs the program holds."""
    return ri.evaluate(ri.MapActors("take", [actors[0]] * members, (ri.call(i) for i in range(members))))


WAYS: dict[str, Callable[[list[Any], int], Any]] = {
    "values only": values_only,
    "refs kept": refs_kept,
    "chains": chains,
    "calls": calls,
}


def measure() -> list[dict[str, Any]]:
    """Microseconds per member, of every way and size."""
    ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="error")
    found, inside, number = [], Inside(), 0
    try:
        ray.get([task_made(0).remote(i) for i in range(100)])
        # The first group of a process imports the backend and looks at the cluster: that is the start of a program.
        refs_kept([task_made(-1)], SIZES[0])
        with inside.watching():
            for name, way in WAYS.items():
                for members in SIZES:
                    number += 2
                    tasks = [Actor.remote()] if way is calls else [task_made(number), task_made(number + 1)]
                    times: list[float] = []
                    for turn in range(1 + max(AGAIN, STEADY // members)):
                        if turn * members % STEADY == 0:
                            gc.collect()
                        inside.seconds, start = 0.0, time.thread_time()
                        kept = way(tasks, members)
                        spent = time.thread_time() - start - inside.seconds
                        times.append(spent / (2 * members if way is chains else members) * 1e6)
                        if isinstance(kept[0], ray.ObjectRef):
                            ray.wait(kept, num_returns=len(kept))
                        del kept
                    first, again = round(times[0], 2), round(statistics.median(times[1:]), 2)
                    found.append({"way": name, "members": members, "first_us": first, "again_us": again})
    finally:
        ray.shutdown()
    return found


def main() -> None:
    """Prints the table, writes it with the versions; the exit code is 1 where a target is missed."""
    found = measure()
    missed = False
    for row in found:
        over = row["first_us"] > FIRST_US or row["again_us"] > AGAIN_US
        missed |= over
        times = f"first {row['first_us']:7.2f} us, again {row['again_us']:6.2f} us"
        print(f"{row['way']:12} {row['members']:6} members: {times}" + (" (missed)" if over else ""))
    versions = {"python": platform.python_version(), "ray": ray.__version__}
    targets = {"first_us": FIRST_US, "again_us": AGAIN_US}
    unit = "us per member on the driver, besides Ray's own calls"
    write_json(
        RESULTS, {"unit": unit, "again": [AGAIN, STEADY], "versions": versions, "targets": targets, "rows": found}
    )
    sys.exit(missed)


if __name__ == "__main__":
    main()
