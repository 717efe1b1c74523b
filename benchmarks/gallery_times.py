"""Times the corpus programs, plain and rewritten in turn, inside of one driver each on a local cluster."""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.report import environment
from rayinfer.compiler import compile_source
from rayinfer.runtime.local_cluster import LocalCluster
from rayinfer.runtime.script import compile_script, run_script

ROOT = Path(__file__).resolve().parent.parent
NODES, CPUS_PER_NODE = 2, 2
# Larger than the defaults where these are over before the difference can be seen.
ARGUMENTS = {
    "game_of_life": "--generations 40",
    "kmeans": "--size 20000",
    "lcs": "--block 100",
    "monte_carlo_pi": "--tasks 40",
    "schelling": "--rounds 40",
    "serial_get": "--parts 40",
    "sir_epidemic": "--days 100",
    "stream_mapreduce": "--nodes 2 --cpus-per-node 2 --iterations 20 --tick 0.05",
    "tree_reduce": "--vectors 100",
    "wordcount": "--nodes 2 --cpus-per-node 2 --iterations 5 --tick 0.05",
}


def measure(names: list[str], rounds: int) -> dict[str, Any]:
    """The shortest and all wall times in seconds of each program, plain and rewritten, and where they were measured."""
    cluster = LocalCluster(NODES, CPUS_PER_NODE)
    try:
        timed = {name: _in_a_driver(name, rounds, cluster.address) for name in names}
        load = statistics.median(one["load"] for one in timed.values())
    finally:
        cluster.stop()
    about = {**environment(), "nodes": NODES, "cpus_per_node": CPUS_PER_NODE, "rounds": rounds, "load": load}
    return {"environment": about, "programs": timed}


def _in_a_driver(name: str, rounds: int, address: str) -> dict[str, Any]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("RAYINFER_")}
    command = [sys.executable, "-m", "benchmarks.gallery_times", name, str(rounds)]
    output = subprocess.check_output(command, cwd=ROOT, env={**clean, "RAY_ADDRESS": address}, text=True, timeout=900)
    timed: dict[str, Any] = json.loads(output.splitlines()[-1])
    print(f"{name}: plain {timed['plain']:.2f} s, rewritten {timed['rewritten']:.2f} s", flush=True)
    return timed


def _time(name: str, rounds: int) -> dict[str, Any]:
    """Runs one program in this process, which becomes a driver; the first run of each does not count."""
    import ray

    from benchmarks.warm import start_workers

    path = ROOT / "corpus" / name / "plain.py"
    compiled = compile_source(path.read_bytes(), str(path))
    codes = {
        "plain": compile(compiled.source, str(path), "exec", dont_inherit=True),
        "rewritten": compile_script(compiled.source, compiled.output, compiled.line_map, str(path)),
    }
    ray.init(log_to_driver=False, logging_level="error")
    ray.init = functools.partial(ray.init, ignore_reinit_error=True, logging_level="error")
    start_workers()
    arguments = ARGUMENTS.get(name, "")
    seconds: dict[str, list[float]] = {variant: [] for variant in codes}
    for turn in range(rounds + 1):
        for variant in codes if turn % 2 else reversed(codes):
            output = io.StringIO()
            start = time.perf_counter()
            with contextlib.redirect_stdout(output):
                status = run_script(codes[variant], str(path), arguments.split())
            took = time.perf_counter() - start
            if status != 0:
                raise SystemExit(f"{name}, {variant}: exit code {status}\n{output.getvalue()}")
            if turn > 0:
                seconds[variant].append(round(took, 3))
    # What else the machine does only adds to a time.
    shortest = {variant: min(values) for variant, values in seconds.items()}
    return {"arguments": arguments, "load": round(os.getloadavg()[0], 1), **shortest, "all": seconds}


if __name__ == "__main__":
    print(json.dumps(_time(sys.argv[1], int(sys.argv[2]))))
