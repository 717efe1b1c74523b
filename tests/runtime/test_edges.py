"""Programs at the edges of a region, plain and rewritten: exceptions, interrupts, threads, forks, sessions, exits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import ray

import rayinfer.inferred as ri
from rayinfer.runtime import regions, watcher

HERE = Path(__file__).parent / "edges"
RUN = ["-m", "rayinfer_cli", "run", "--verify-ir", "--backend"]

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.timeout(900)]


def run(cluster: Any, command: list[str]) -> tuple[int, str, list[str]]:
    """Exit code, standard output, and the lines of the program in tracebacks."""
    environment = {**os.environ, "RAY_ADDRESS": cluster.address, "PYTHONPATH": str(HERE.parents[2])}
    done = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, cwd=HERE, timeout=400, check=False
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith('  File "') and str(HERE) in line]
    # Before Python 3.12 a comprehension is a function of its own, on the same line.
    return done.returncode, done.stdout, list(dict.fromkeys(line.partition(", in")[0] for line in lines))


@pytest.mark.parametrize("backend", ["group", "vanilla"])
@pytest.mark.parametrize("program", ["refused", "interrupted", "forked", "threads", "sessions", "capturing"])
def test_program_runs_the_same(cluster: Any, program: str, backend: str) -> None:
    if backend == "vanilla" and program != "refused":
        pytest.skip("nothing is pending there")
    plain = run(cluster, [str(HERE / f"{program}.py")])
    assert plain[1]
    assert run(cluster, [*RUN, backend, str(HERE / f"{program}.py")]) == plain


@pytest.mark.parametrize("way", ["end", "raise", "exit"])
def test_what_is_pending_when_the_driver_leaves_is_submitted(cluster: Any, way: str) -> None:
    program = str(HERE / "leaving.py")
    plain = run(cluster, [program, way, f"plain-{way}"])
    assert run(cluster, [program, "look", f"plain-{way}"])[:2] == (0, "['marked', 'marked', 'marked']\n")
    assert run(cluster, [*RUN, "group", program, way, f"group-{way}"]) == plain
    assert run(cluster, [program, "look", f"group-{way}"])[:2] == (0, "['marked', 'marked', 'marked']\n")


@ray.remote
def double(x):
    return x * 2


@pytest.mark.usefixtures("cluster")
def test_what_is_pending_at_a_fork_is_the_parents() -> None:
    pending = ri.Map(double, None, (ri.call(i) for i in range(3)))
    child = os.fork()
    if child == 0:
        watcher.watcher.flush()
        os._exit(10 + len(pending.refs) + len(regions.current().runs))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 10
    assert ray.get(ri.evaluate(pending)) == [0, 2, 4]
