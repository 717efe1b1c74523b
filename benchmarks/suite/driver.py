"""One driver process: runs the variants of one workload in turn, compares their results, prints their figures."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Sequence
from math import inf
from typing import Any

from benchmarks.suite.workload import VARIANTS, Bench, Run, Workload
from benchmarks.suite.workloads import by_name

# The medians of short runs are of more turns than asked for: so many times as many.
MOST = 5


def measure(
    bench: Bench,
    workload: Workload,
    size: str,
    rounds: int,
    turn: int = 0,
    seconds: float = inf,
    without: Sequence[str] = (),
    least: float = 0.0,
) -> dict[str, Any]:
    """The first figure of every variant and those of `rounds` more, in turns whose order alternates from `turn` on.

    Where these take less than `least` seconds there are more, up to `MOST` times as many. After `seconds` no turn is
    begun but the first two. Raises AssertionError when a variant gives another result than the one that ran first.
    """
    names = [name for name in VARIANTS if name in workload.variants and name not in without]
    runs: dict[str, Run] = {}
    figures: dict[str, list[float]] = {name: [] for name in names}
    expected: list[Any] = []
    given = workload.given(bench, size)
    start = time.monotonic()
    for number in range(MOST * rounds + 1):
        if not goes_on(number - 1, rounds, time.monotonic() - start, least, seconds):
            break
        for name in names if (turn + number) % 2 == 0 else reversed(names):
            if name not in runs:
                runs[name] = workload.variants[name](bench, **given)
            figure, result = workload.measure(runs[name])
            expected = expected or [result]
            if not workload.same(result, expected[0]):
                raise AssertionError(f"{workload.name}, {name}: got {result!r:.200}, not {expected[0]!r:.200}")
            figures[name].append(figure)
    return {name: {"first": found[0], "values": found[1:]} for name, found in figures.items()}


def goes_on(turns: int, rounds: int, took: float, least: float, most: float) -> bool:
    """Whether another turn is begun after so many, of which `rounds` are asked for and one is had in any case."""
    if turns >= rounds and took >= least:
        return False
    return turns < 1 or (turns < MOST * rounds and took <= most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--turn", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=inf)
    parser.add_argument("--least", type=float, default=0.0)
    parser.add_argument("--without", action="append", default=[], choices=VARIANTS)
    args = parser.parse_args()
    workload = by_name(args.name)
    if workload.connects:
        import ray

        from benchmarks.warm import start_workers

        ray.init(address=os.environ["RAY_ADDRESS"], log_to_driver=False, logging_level="error")
        start_workers()
    with contextlib.closing(Bench()) as bench:
        found = measure(bench, workload, "full", args.rounds, args.turn, args.seconds, args.without, args.least)
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    sys.exit(main())
