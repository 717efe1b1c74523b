"""A serial loop of gets, plain and rewritten: how much of a cluster's CPUs the rewritten loop keeps busy.

`python -m benchmarks.serial_gets [--cpus 8] [--calls 320] [--milliseconds 50]` prints one line per way. The tasks
sleep, so the CPUs may be more than the machine has. The plain loop is timed once, the rewritten one three times, of
which the median counts.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from rayinfer.compiler import compile_source

PROGRAM = """\
import json
import sys
import time

import ray

cpus, calls, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])


@ray.remote
def work(x, seconds):
    time.sleep(seconds)
    return x * x


def serial(n):
    total = 0
    for i in range(n):
        total += ray.get(work.remote(i, seconds))
    return total


def at_once(n):
    return sum(ray.get([work.remote(i, seconds) for i in range(n)]))


def timed(function, n):
    start = time.perf_counter()
    assert function(n) == sum(i * i for i in range(n))
    return time.perf_counter() - start


ray.init("local", num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level="error")
at_once(4 * cpus)
serial(4 * cpus)
print(json.dumps([timed(serial, calls), timed(at_once, calls)]))
ray.shutdown()
"""


def main() -> None:
    """Run both ways and print the seconds, and the speed-up over one call after the other per CPU."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpus", type=int, default=8)
    parser.add_argument("--calls", type=int, default=320)
    parser.add_argument("--milliseconds", type=float, default=50.0)
    args = parser.parse_args()
    seconds = args.milliseconds / 1000
    alone = args.calls * seconds
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for way, data in (("plain", PROGRAM.encode()), ("rewritten", rewritten())):
            paths[way] = Path(folder) / f"{way}.py"
            paths[way].write_bytes(data)
        # The plain loop takes what its calls take, one after the other: once is enough.
        given = (str(args.cpus), str(args.calls), str(seconds))
        times = {"plain": [run(paths["plain"], given)], "rewritten": [run(paths["rewritten"], given) for _ in range(3)]}
    for way, found in times.items():
        loop = statistics.median(one for one, _ in found)
        share = alone / loop / args.cpus
        print(f"{way:>9}: {loop:6.2f} s for the loop, {share:4.2f} x the CPUs")
    best = times["plain"][0][1]
    print(f"  at once: {best:6.2f} s by plain Ray, {alone / best / args.cpus:4.2f} x the CPUs")


def rewritten() -> bytes:
    """The program with its loop made parallel."""
    result = compile_source(PROGRAM.encode(), "serial_gets.py")
    assert b"ri.ahead(" in result.output
    return result.output


def run(path: Path, arguments: tuple[str, ...]) -> tuple[float, float]:
    """The seconds that the loop took, and those of the same calls made at once."""
    root = str(Path(__file__).resolve().parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, str(path), *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=600,
    )
    loop, at_once = json.loads(done.stdout.splitlines()[-1])
    return loop, at_once


if __name__ == "__main__":
    main()
