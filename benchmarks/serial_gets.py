"""Serial loops of gets, plain and rewritten: how much of a cluster's CPUs the rewritten loops keep busy.

`python -m benchmarks.serial_gets [--cpus 8] [--calls 320] [--milliseconds 50]` prints one line per loop and way: a loop
with one get in a round, one with two, and one whose second call takes what the first one gave, all with as many calls.
The tasks sleep, so the CPUs may be more than the machine has. The plain loops are timed once, the rewritten ones three
times, of which the median counts.
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


def in_pairs(n):
    total = 0
    for i in range(0, n, 2):
        a = ray.get(work.remote(i, seconds))
        b = ray.get(work.remote(i + 1, seconds))
        total += a + b
    return total


def in_steps(n):
    total = 0
    for i in range(0, n, 2):
        a = ray.get(work.remote(i, seconds))
        b = ray.get(work.remote(a, seconds))
        total += b
    return total


def at_once(n):
    return sum(ray.get([work.remote(i, seconds) for i in range(n)]))


def timed(function, n):
    start = time.perf_counter()
    found = function(n)
    took = time.perf_counter() - start
    assert found == (sum(i**4 for i in range(0, n, 2)) if function is in_steps else sum(i * i for i in range(n)))
    return took


ray.init("local", num_cpus=cpus, include_dashboard=False, log_to_driver=False, logging_level="error")
at_once(4 * cpus)
serial(4 * cpus)
print(json.dumps({way.__name__: timed(way, calls) for way in (serial, in_pairs, in_steps, at_once)}))
ray.shutdown()
"""

LOOPS = {"serial": "one get a round", "in_pairs": "two gets a round", "in_steps": "two, the second after the first"}


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
        # The plain loops take what their calls take, one after the other: once is enough.
        given = (str(args.cpus), str(args.calls), str(seconds))
        times = {"plain": [run(paths["plain"], given)], "rewritten": [run(paths["rewritten"], given) for _ in range(3)]}
    for loop, what in LOOPS.items():
        for way, found in times.items():
            took = statistics.median(one[loop] for one in found)
            print(f"{way:>9}: {took:6.2f} s for {what}, {alone / took / args.cpus:4.2f} x the CPUs")
    best = times["plain"][0]["at_once"]
    print(f"  at once: {best:6.2f} s by plain Ray, {alone / best / args.cpus:4.2f} x the CPUs")


def rewritten() -> bytes:
    """The program with its loops made parallel."""
    result = compile_source(PROGRAM.encode(), "serial_gets.py")
    assert result.output.count(b"ri.ahead(") == len(LOOPS)
    return result.output


def run(path: Path, arguments: tuple[str, ...]) -> dict[str, float]:
    """The seconds that each loop took, and those of the same calls made at once."""
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
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


if __name__ == "__main__":
    main()
