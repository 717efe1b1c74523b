"""The command in a process of its own, and the programs it is tried on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.environment import clean_environment

ROOT = Path(__file__).resolve().parents[2]
PLAIN = """\
import ray


@ray.remote
def square(x):
    return x * x


refs = [square.remote(i) for i in range(4)]
print(ray.get(refs))  # the squares
"""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A program that the compiler rewrites."""
    path = tmp_path / "plain.py"
    path.write_text(PLAIN)
    return path


@pytest.fixture
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where results are kept, for this process and for the command's."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("RAYINFER_CACHE_DIR", str(folder))
    return folder


@pytest.fixture
def command(tmp_path: Path, cache_folder: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run `rayinfer ARGS...` in the temporary folder."""

    def run(*args: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "rayinfer_cli", *map(str, args)],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            env=clean_environment(
                **{"RAYINFER_CACHE_DIR": str(cache_folder), "RAYINFER_VERIFY_IR": "1", **environment},
                PYTHONPATH=str(ROOT),
            ),
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Run `python ARGS...` in the temporary folder."""

    def run(*args: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, *map(str, args)],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            env=clean_environment(PYTHONPATH=str(ROOT)),
            check=False,
        )

    return run
