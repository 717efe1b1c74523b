"""Plain and rewritten corpus programs print the same on a real cluster, whichever backend runs them."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.corpus.golden import ROOT
from tests.environment import clean_environment

STREAM = [
    "--nodes",
    "3",
    "--cpus-per-node",
    "2",
    "--maps",
    "2",
    "--reducers",
    "3",
    "--iterations",
    "6",
    "--tick",
    "0.05",
]
WORDS = ["--nodes", "3", "--cpus-per-node", "2", "--counters", "3", "--iterations", "3", "--files", "20", "--check"]
PROGRAMS = {
    "stream, small batches": ["corpus/stream_mapreduce/plain.py", *STREAM, "--data-size", "1000"],
    "stream, large batches": ["corpus/stream_mapreduce/plain.py", *STREAM, "--data-size", "200000"],
    "word count": ["corpus/wordcount/plain.py", *WORDS],
}
INLINE = ["-m", "rayinfer_cli", "run", "--backend", "inline"]

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


def run(command: Sequence[str], address: str | None = None, **variables: str) -> tuple[int, list[str]]:
    """Exit code and the lines of standard output that do not depend on time, of `python COMMAND...`."""
    environment = clean_environment(RAYINFER_VERIFY_IR="1", **variables)
    if address is not None:
        environment["RAY_ADDRESS"] = address
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    lines = [line for line in done.stdout.splitlines() if not line.startswith("latency")]
    assert lines, done.stderr
    return done.returncode, lines


@functools.cache
def plain(name: str, address: str) -> tuple[int, list[str]]:
    """What the plain program gives under plain Ray."""
    return run(PROGRAMS[name], address)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_plain_program_ends_well(name: str, address: str) -> None:
    code, lines = plain(name, address)
    assert code == 0
    assert lines[-1] in ("the sums are right", "check: equal to a single-process count")


@pytest.mark.parametrize("backend", ["group", "vanilla"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_backend_on_a_cluster_gives_the_same(name: str, backend: str, address: str) -> None:
    command = ["-m", "rayinfer_cli", "run", "--backend", backend, "--address", address]
    assert run([*command, *PROGRAMS[name]]) == plain(name, address)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_inline_backend_gives_the_same_without_a_cluster(name: str, address: str) -> None:
    assert run([*INLINE, *PROGRAMS[name]]) == plain(name, address)


@pytest.mark.parametrize("backend", ["group", "vanilla"])
def test_the_hand_written_program_gives_the_same(backend: str, address: str) -> None:
    name = "stream, small batches"
    command = ["corpus/stream_mapreduce/handwritten_ir.py", *PROGRAMS[name][1:]]
    assert run(command, address, RAYINFER_BACKEND=backend) == plain(name, address)


def test_run_starts_a_cluster_of_its_own(address: str) -> None:
    name = "stream, small batches"
    command = ["-m", "rayinfer_cli", "run", "--local-nodes", "3", "--cpus-per-node", "2"]
    assert run([*command, *PROGRAMS[name]]) == plain(name, address)


def test_a_failing_program_fails_alike(tmp_path: Path, address: str) -> None:
    script = tmp_path / "failing.py"
    script.write_text(
        "import ray\n\n\n@ray.remote\ndef halve(x):\n    return x // 2 if x % 2 == 0 else odd(x)\n\n\n"
        "def odd(x):\n    raise ValueError(f'{x} is odd')\n\n\n"
        "ray.init()\nprint('started')\nhalves = [halve.remote(x) for x in (2, 4, 5)]\nprint(ray.get(halves))\n"
    )
    expected = run([str(script)], address)
    assert expected == (1, ["started"])
    for backend in ("group", "vanilla"):
        command = ["-m", "rayinfer_cli", "run", "--backend", backend, "--address", address]
        assert run([*command, str(script)]) == expected
    assert run([*INLINE, str(script)]) == expected
