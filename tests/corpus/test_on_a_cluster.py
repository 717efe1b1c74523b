"""A rewritten file is a program of its own: python runs it on a given cluster, and `ray job submit` takes it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.corpus.golden import ROOT
from tests.corpus.test_same_results import PROGRAMS, plain, run

NAME = "stream, small batches"

pytestmark = [pytest.mark.cluster, pytest.mark.slow]


@pytest.fixture
def rewritten(tmp_path: Path) -> Path:
    """The stream job as `rayinfer rewrite -o` leaves it, alone in a folder."""
    path = tmp_path / "rewritten.py"
    command = [sys.executable, "-m", "rayinfer_cli", "rewrite", PROGRAMS[NAME][0], "-o", str(path)]
    subprocess.run(command, cwd=ROOT, check=True)
    return path


def test_python_runs_the_rewritten_file_on_a_cluster(rewritten: Path, address: str) -> None:
    assert run([str(rewritten), *PROGRAMS[NAME][1:]], address) == plain(NAME, address)


def test_ray_job_submit_takes_the_rewritten_file(rewritten: Path, address: str, job_address: str) -> None:
    command = [str(Path(sys.executable).with_name("ray")), "job", "submit", "--address", job_address]
    # The cluster is given the package itself: nothing of rayinfer has to be installed there.
    runtime_env = json.dumps({"py_modules": [str(ROOT / "rayinfer")]})
    command += [
        "--working-dir",
        str(rewritten.parent),
        "--runtime-env-json",
        runtime_env,
        "--",
        "python",
        rewritten.name,
        *PROGRAMS[NAME][1:],
    ]
    for _ in range(60):
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if "No available agent to submit job" not in done.stderr:
            break
        time.sleep(1)  # The head is up before its job agent.
    assert done.returncode == 0, done.stdout + done.stderr
    expected = plain(NAME, address)[1]
    printed = done.stdout.splitlines()
    assert [line for line in printed if line in expected] == expected
