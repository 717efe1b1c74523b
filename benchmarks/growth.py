"""How the compiler's time and work grow with the length of a file: `python -m benchmarks.growth [--write]`."""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.results import write_json
from rayinfer.compiler import compile_source

RESULTS = Path(__file__).resolve().parent / "results" / "growth.json"
SHORT, LONG = 2_000, 20_000
ROUNDS = 3
HEAD = """\
import ray
import time


@ray.remote
def f(x, *more):
    return x


@ray.remote
class Counter:
    def add(self, x):
        return x


"""


def functions(lines: int) -> Iterator[str]:
    """Many functions with a few groups each."""
    for number in range(lines // 20):
        yield f"""\
def step{number}(items, width):
    data = f.remote(width)
    mapped = [f.remote(item, data) for item in items]
    chained = [f.remote(one) for one in mapped]
    counters = [Counter.remote() for _ in range(width)]
    total = 0
    for item in items:
        if item:
            total = total + item
        else:
            total = total - 1
    added = [counter.add.remote(total) for counter in counters]
    results = ray.get(chained)
    time.sleep(0.1)
    refs = []
    for item in results:
        refs.append(f.remote(item))
    return ray.get(refs), ray.get(added)


"""


def module_code(lines: int) -> Iterator[str]:
    """One long script: groups between plain statements, each name of its own."""
    for number in range(lines // 10):
        yield f"""\
items{number} = [{number}, 1, 2]
refs{number} = [f.remote(item) for item in items{number}]
again{number} = [f.remote(one) for one in refs{number}]
values{number} = ray.get(again{number})
if values{number}:
    width{number} = len(values{number})
else:
    width{number} = {number}
print(width{number})

"""


def single_calls(lines: int) -> Iterator[str]:
    """A script of nothing but single calls, all of them refused."""
    for number in range(lines // 2):
        yield f"x{number} = f.remote({number})\nprint(ray.get(x{number}))\n"


def one_name(lines: int) -> Iterator[str]:
    """A script that binds the same few names over and over."""
    for number in range(lines // 5):
        yield f"refs = [f.remote(item) for item in range({number})]\nvalues = ray.get(refs)\n"
        yield "total = sum(values)\nif total:\n    print(total)\n"


def append_loops(lines: int) -> Iterator[str]:
    """Functions of 300 lines of append loops, half of which are refused."""
    for number in range(lines // 6):
        if number % 50 == 0:
            yield f"def main{number}(items):\n"
        yield f"    refs{number} = []\n    for item in items:\n        refs{number}.append(f.remote(item))\n"
        yield f"        {'print(item)' if number % 2 else 'item = item'}\n    print(ray.get(refs{number}))\n\n"


def plain_code(lines: int) -> Iterator[str]:
    """Ordinary code with a single group at its end."""
    for number in range(lines // 10):
        yield f"""\
def plain{number}(a, b):
    try:
        c = [a + i for i in range(b) if i % 2]
    except ValueError as error:
        return str(error)
    for one in c:
        while one > 0:
            one = one - 1
    return c, a

"""
    yield "print(ray.get([f.remote(i) for i in range(3)]))\n"


SHAPES: dict[str, Callable[[int], Iterator[str]]] = {
    shape.__name__: shape for shape in (functions, module_code, single_calls, one_name, append_loops, plain_code)
}


def text_of(shape: str, lines: int) -> bytes:
    """A file of about so many lines."""
    return (HEAD + "".join(SHAPES[shape](lines))).encode()


def seconds(data: bytes, rounds: int) -> float:
    """The shortest of some compilations, in seconds of processor time, which the machine's other work does not move."""
    found = []
    for _ in range(rounds):
        gc.collect()
        begin = time.process_time()
        compile_source(data, "generated.py")
        found.append(time.process_time() - begin)
    return min(found)


def command_seconds(data: bytes) -> float:
    """Processor time of `rayinfer explain` on such a file, in seconds: what a user waits for, the start included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.py"
        path.write_bytes(data)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        environment = {**os.environ, "RAYINFER_CACHE_DIR": str(Path(folder) / "cache")}
        command = [sys.executable, "-m", "rayinfer_cli", "explain", str(path)]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def figures_of(shape: str) -> dict[str, float]:
    """Seconds for both lengths and how often the longer takes the shorter's, for the command and for compiling alone.

    Compiling does ten times the calls for ten times the lines, which a test counts; that it takes somewhat more than
    ten times as long is the price of a tree that no cache of the processor holds.
    """
    texts = [text_of(shape, lines) for lines in (SHORT, LONG)]
    short, long = (seconds(text, ROUNDS) for text in texts)
    command_short, command_long = (min(command_seconds(text) for _ in range(ROUNDS)) for text in texts)
    return {
        "short": round(short, 3),
        "long": round(long, 3),
        "ratio": round(long / short, 1),
        "command_short": round(command_short, 3),
        "command_long": round(command_long, 3),
        "command_ratio": round(command_long / command_short, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the times of each shape; 1 where the command takes over ten times as long for ten times the lines."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("shapes", nargs="*", default=list(SHAPES), help="which files to generate")
    parser.add_argument("--write", action="store_true", help=f"write the figures to {RESULTS.name}")
    options = parser.parse_args(arguments)
    seconds(text_of("functions", 200), 1)
    report = {}
    for shape in options.shapes:
        report[shape] = figures = figures_of(shape)
        print(
            f"{shape:14s} {SHORT} and {LONG} lines: the command {figures['command_short']:.2f} and "
            f"{figures['command_long']:.2f} s, {figures['command_ratio']:.1f} times as long; compiling alone "
            f"{figures['short']:.2f} and {figures['long']:.2f} s, {figures['ratio']:.1f} times",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"peak {peak} MiB")
    if options.write:
        from benchmarks.sweep import versions

        content = {"versions": versions(), "lines": [SHORT, LONG], "peak_mib": peak, "shapes": report}
        write_json(RESULTS, content)
    return 1 if any(figures["command_ratio"] > 10 for figures in report.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
