"""Workloads that are whole scripts: from the start of the process to its end, on a running cluster."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.suite.plain.one_shot import spin
from benchmarks.suite.workload import ROOT, Bench, Run, Workload, command, plain_environment
from rayinfer.compiler import compile_source

PROGRAM = "benchmarks/suite/plain/one_shot.py"


def _process(arguments: list[str]) -> Run:
    def run() -> str:
        done = subprocess.run(
            arguments, env=plain_environment(), cwd=ROOT, check=True, capture_output=True, text=True, timeout=120
        )
        return done.stdout

    return run


def plain(_bench: Bench) -> Run:
    return _process([sys.executable, PROGRAM])


def rewritten(bench: Bench) -> Run:
    """The file that `rayinfer rewrite` gives."""
    path = Path(bench.folder) / "one_shot.py"
    path.write_bytes(compile_source((ROOT / PROGRAM).read_bytes(), PROGRAM).output)
    return _process([sys.executable, str(path)])


def rewritten_in_memory(_bench: Bench) -> Run:
    """What `rayinfer run` makes of it, which compiles it every time."""
    return _process(command("rayinfer_cli", "run", PROGRAM))


def floor(_bench: Bench) -> Run:
    """The same in one process, with the start of python."""
    code = f"from {spin.__module__} import spin; print(sum(spin(100_000 + i) for i in range(16)))"
    return _process([sys.executable, "-c", code])


WORKLOADS = (
    Workload(
        "one-shot",
        "a script of 24 tasks",
        {"plain": plain, "rewritten": rewritten, "floor": floor},
        {},
        {},
        fresh=True,
        connects=False,
    ),
    Workload(
        "one-shot-run",
        "the same by `rayinfer run`",
        {"plain": plain, "rewritten": rewritten_in_memory},
        {},
        {},
        fresh=True,
        connects=False,
        quick=False,
    ),
)
